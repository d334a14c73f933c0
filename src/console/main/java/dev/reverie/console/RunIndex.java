package dev.reverie.console;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.reverie.console.RunRow.About;
import dev.reverie.console.RunRow.Curves;
import dev.reverie.console.RunRow.Listing;
import dev.reverie.console.RunRow.Stage;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.BasicFileAttributes;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/** The runs of the trainer below a folder, those that go on among them. Thread-safe. */
final class RunIndex {
  private static final int DEEP = 5; // folders below each other that are looked through
  private static final String LOCK = ".lock";
  private static final String GROUPS = "groups.jsonl"; // no curves
  private static final Set<String> NO_RUNS =
      Set.of(
          "cache", "rollouts", "demonstrations", "evaluation", "tensorboard", "imagined", "logs");

  private static final List<String> PRETRAIN = List.of("policy", "vae", "world_model");
  private static final List<String> IMPROVE =
      List.of("world_model", "reward_classifier", "joint_head", "grpo");

  /** Each is a run of its own, without a report. */
  private static final List<String> BASELINES =
      List.of("success_cloning", "advantage_cloning", "dpo");

  /** Settings that say how long a stage is. */
  private static final Map<String, String> LENGTHS =
      Map.of(
          "policy", "/cloning/steps",
          "vae", "/vae/steps",
          "reward_classifier", "/classifier/steps",
          "joint_head", "/jointHead/steps",
          "grpo", "/grpo/iterations",
          "success_cloning", "/successCloning/steps",
          "advantage_cloning", "/advantageCloning/steps",
          "dpo", "/dpo/steps");

  private final Path folder;
  private final Map<Path, Pace> paces = new HashMap<>();

  /** Progress of a stage when it was first seen at its present stretch of work, and now. */
  private record Pace(int first, long firstMs, int last, long lastMs) {
    Pace at(int done, long writtenMs) {
      boolean anew = done < last;
      return anew
          ? new Pace(done, writtenMs, done, writtenMs)
          : new Pace(first, firstMs, done, writtenMs);
    }

    double leftS(int total) {
      return last > first && lastMs > firstMs
          ? (lastMs - firstMs) / 1e3 / (last - first) * (total - last)
          : -1;
    }
  }

  /** A run's folder, and that of the round that it is of, else the same. */
  private record Run(Path work, Path round) {}

  /** Creates the index of a folder that need not be there; nothing is read yet. */
  RunIndex(Path folder) {
    this.folder = folder.toAbsolutePath().normalize();
  }

  /** Lists the runs, the newest first. */
  synchronized Listing list() {
    List<RunRow> rows = new ArrayList<>();
    runs().forEach((name, run) -> rows.add(row(name, run)));
    rows.sort(Comparator.comparingLong(RunRow::changedMs).reversed());
    return new Listing(folder.toString(), rows);
  }

  private Map<String, Run> runs() {
    Map<String, Run> found = new LinkedHashMap<>();
    find(folder, 0, found);
    return found;
  }

  private void find(Path at, int depth, Map<String, Run> found) {
    if (Files.isRegularFile(at.resolve("settings.json")) && Files.exists(at.resolve(LOCK))) {
      Path above = depth == 0 ? null : at.getParent();
      Path round =
          above != null && at.endsWith("training") && Files.isDirectory(above.resolve("rollouts"))
              ? above
              : at;
      found.put(folder.relativize(round).toString(), new Run(at, round));
      return;
    }
    if (depth == DEEP) {
      return;
    }
    try (Stream<Path> entries = Files.list(at)) {
      entries
          .filter(RunIndex::mayHoldRuns)
          .sorted()
          .forEach(entry -> find(entry, depth + 1, found));
    } catch (IOException | UncheckedIOException e) {
      // It is not there, went meanwhile, or may not be read.
    }
  }

  private static boolean mayHoldRuns(Path entry) {
    return Files.isDirectory(entry)
        && !Files.isSymbolicLink(entry)
        && !NO_RUNS.contains(String.valueOf(entry.getFileName()));
  }

  private RunRow row(String name, Run run) {
    Path work = run.work();
    List<String> faults = new ArrayList<>();
    boolean pretrain =
        Files.exists(work.resolve("pretrain.json"))
            || Files.exists(work.resolve("vae.jsonl"))
            || Files.exists(work.resolve("policy.jsonl"));
    Path reportFile = work.resolve(pretrain ? "pretrain.json" : "improve.json");
    JsonNode report = RunFiles.json(reportFile, faults);
    boolean ofRound = !run.round().equals(work);
    JsonNode result = ofRound ? RunFiles.json(run.round().resolve("round.json"), faults) : null;
    boolean running = RunFiles.isLocked(work.resolve(LOCK));
    List<Stage> stages = stages(work, pretrain, running, faults);
    long changed =
        Stream.concat(
                Stream.of(
                    reportFile, run.round().resolve("round.json"), work.resolve("settings.json")),
                stages.stream().map(stage -> curvesOf(work, stage.name())))
            .mapToLong(RunFiles::writtenMs)
            .max()
            .orElse(0);
    return new RunRow(
        name,
        pretrain ? "pretrain" : ofRound ? "round" : "improve",
        running
            ? "running"
            : report == null ? goneFrom(stages) : ofRound && result == null ? "trained" : "ended",
        changed,
        stages,
        result,
        without(report),
        faults);
  }

  /** The state of a run that nobody works on and that has no report. */
  private static String goneFrom(List<Stage> stages) {
    if (BASELINES.contains(stages.getFirst().name()) && stages.getFirst().state().equals("done")) {
      return "ended";
    }
    boolean between =
        stages.stream().noneMatch(stage -> stage.state().equals("stopped"))
            && stages.stream().anyMatch(stage -> stage.state().equals("open"));
    return between ? "partial" : "stopped";
  }

  /** Settings and names of recordings are long, and stand elsewhere. */
  private static @Nullable JsonNode without(@Nullable JsonNode report) {
    if (report instanceof ObjectNode all) {
      all.remove(List.of("settings", "recordings", "skipped", "weights", "instructions"));
    }
    return report;
  }

  private List<Stage> stages(Path work, boolean pretrain, boolean running, List<String> faults) {
    JsonNode settings = RunFiles.json(work.resolve("settings.json"), faults);
    JsonNode seconds = RunFiles.json(work.resolve("seconds.json"), faults);
    List<String> names = new ArrayList<>(pretrain ? PRETRAIN : IMPROVE);
    for (String baseline : BASELINES) {
      if (Files.exists(curvesOf(work, baseline))) {
        return List.of(stage(work, baseline, false, running, settings, seconds));
      }
    }
    int models = settings == null ? 1 : settings.at("/worldModel/ensemble").asInt(1);
    for (int i = models; i >= 2 && i <= 64 && !pretrain; i--) {
      names.add(1, "world_model_" + i);
    }
    List<Stage> stages = new ArrayList<>();
    for (String name : names) {
      stages.add(stage(work, name, pretrain, running, settings, seconds));
    }
    return stages;
  }

  private Stage stage(
      Path work,
      String name,
      boolean pretrain,
      boolean running,
      @Nullable JsonNode settings,
      @Nullable JsonNode seconds) {
    boolean model = name.startsWith("world_model");
    String length =
        model ? "/worldModel/" + (pretrain ? "steps" : "alignSteps") : LENGTHS.get(name);
    int total = settings == null || length == null ? 0 : settings.at(length).asInt();
    boolean whole =
        Files.exists(work.resolve(name + ".safetensors"))
            || (name.equals("policy") && Files.isDirectory(work.resolve("base")));
    if (whole) {
      double took = seconds == null ? -1 : seconds.path(name).asDouble(-1);
      return new Stage(name, "done", total, total, took, 0);
    }
    Path file = curvesOf(work, name);
    int done = RunFiles.done(file);
    if (done == 0) {
      return new Stage(name, "open", 0, total, -1, -1);
    }
    long written = RunFiles.writtenMs(file);
    Pace pace = paces.getOrDefault(file, begun(file, done, written)).at(done, written);
    paces.put(file, pace);
    return new Stage(
        name, running ? "running" : "stopped", done, total, -1, running ? pace.leftS(total) : -1);
  }

  /** Its first stretch began with the file, where the file system knows when that was. */
  private static Pace begun(Path file, int done, long writtenMs) {
    try {
      long made = Files.readAttributes(file, BasicFileAttributes.class).creationTime().toMillis();
      return made > 0 && made < writtenMs
          ? new Pace(1, made, done, writtenMs)
          : new Pace(done, writtenMs, done, writtenMs);
    } catch (IOException e) {
      return new Pace(done, writtenMs, done, writtenMs);
    }
  }

  private static Path curvesOf(Path work, String stage) {
    return work.resolve(stage + ".jsonl");
  }

  /**
   * Tells what the list leaves out.
   *
   * @throws Refusal where there is no such run
   */
  synchronized About about(String name) {
    Path work = run(name).work();
    Map<String, Curves> curves = new LinkedHashMap<>();
    Map<String, JsonNode> audits = new LinkedHashMap<>();
    List<String> faults = new ArrayList<>();
    for (Path file : files(work)) {
      String called = String.valueOf(file.getFileName());
      if (called.endsWith(".jsonl") && !called.equals(GROUPS)) {
        curves.put(called.substring(0, called.length() - ".jsonl".length()), RunFiles.curves(file));
      } else if (called.startsWith("audit_") && called.endsWith(".json")) {
        JsonNode audit = RunFiles.json(file, faults);
        if (audit != null) {
          audits.put(
              called.substring("audit_".length(), called.length() - ".json".length()), audit);
        }
      }
    }
    JsonNode films = RunFiles.json(work.resolve("imagined/index.json"), faults);
    return new About(name, curves, audits, films);
  }

  /**
   * A page of the groups that a run practised with.
   *
   * @param from number of its first line, from 0; -1: the last page, or that of the iteration
   * @param step iteration that it is to begin with; -1: none is asked for
   * @throws Refusal where there is no such run, or its groups cannot be read
   */
  GroupFile.Page groups(String name, int from, int step) {
    Path work = work(name);
    return GroupFile.read(work.resolve(GROUPS), from, step, RunFiles.isLocked(work.resolve(LOCK)));
  }

  /**
   * The folder that a run works in.
   *
   * @throws Refusal where there is no such run
   */
  synchronized Path work(String name) {
    return run(name).work();
  }

  /**
   * The folder of the round that a run is of, else the run's own.
   *
   * @throws Refusal where there is no such run
   */
  synchronized Path round(String name) {
    return run(name).round();
  }

  private Run run(String name) {
    Run run = runs().get(name);
    if (run == null) {
      throw new Refusal(404, "there is no run '%s' in %s", name, folder);
    }
    return run;
  }

  private static List<Path> files(Path work) {
    try (Stream<Path> entries = Files.list(work)) {
      return entries.filter(Files::isRegularFile).sorted().toList();
    } catch (IOException | UncheckedIOException e) {
      return List.of();
    }
  }

  /**
   * A film, or a strip, of recorded beside imagined.
   *
   * @throws Refusal where there is none of that name
   */
  PageFiles.File film(String name, String file) {
    if (!file.matches("[0-9]{1,6}\\.(webp|png)")) {
      throw new Refusal(404, "there is no film '%s'", file);
    }
    Path path;
    synchronized (this) {
      path = run(name).work().resolve("imagined").resolve(file);
    }
    try {
      return new PageFiles.File(
          file.endsWith(".png") ? "image/png" : "image/webp", Files.readAllBytes(path));
    } catch (IOException e) {
      throw new Refusal(404, "there is no film %s", path);
    }
  }
}
