package dev.reverie.lerobot;

import dev.reverie.importer.BagImport;
import dev.reverie.importer.ImportException;
import dev.reverie.importer.JointUnit;
import dev.reverie.importer.Mapping;
import dev.reverie.mcap.McapException;
import dev.reverie.policy.BundleException;
import dev.reverie.rollout.AlignmentOptions;
import dev.reverie.rollout.EpisodeException;
import dev.reverie.rollout.EpisodeOutcome;
import dev.reverie.rollout.Rollouts;
import java.io.PrintWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Model.OptionSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** {@code reverie rollouts export} and {@code reverie rollouts import}. */
@Command(
    name = "reverie rollouts",
    description = "Rollouts to LeRobot datasets and back.",
    mixinStandardHelpOptions = true,
    synopsisSubcommandLabel = "export|import")
public final class LerobotCommand {
  private static final int OK = 0;
  private static final int PROBLEMS = 1;

  @Spec private CommandSpec spec;

  /** The formats in which pictures are stored. */
  enum Images {
    VIDEO,
    PNG
  }

  private LerobotCommand() {
    spec = CommandSpec.create();
  }

  public static void main(String[] args) {
    System.exit(commandLine().execute(args));
  }

  static CommandLine commandLine() {
    CommandLine commandLine = new CommandLine(new LerobotCommand());
    commandLine.setCaseInsensitiveEnumValuesAllowed(true);
    commandLine.setExecutionExceptionHandler(
        (e, command, result) -> {
          if (e instanceof LerobotException
              || e instanceof ImportException
              || e instanceof BundleException
              || e instanceof EpisodeException
              || e instanceof McapException
              || e instanceof IllegalArgumentException) {
            command.getErr().println("reverie rollouts: " + e.getMessage());
            return PROBLEMS;
          }
          throw e;
        });
    return commandLine;
  }

  @Command(
      name = "export",
      description = "A LeRobot dataset (format v3.0) of recorded episodes.",
      mixinStandardHelpOptions = true,
      sortOptions = false)
  int exportRollouts(
      @Parameters(paramLabel = "DIR", arity = "1..*", description = "Rollouts, or folders of them.")
          List<Path> folders,
      @Option(
              names = "--to",
              defaultValue = "lerobot",
              paramLabel = "FORMAT",
              description = "The format; there is one: ${DEFAULT-VALUE}.")
          String format,
      @Option(
              names = "--out",
              required = true,
              paramLabel = "DATASET",
              description = "Folder of the dataset; must not exist yet.")
          Path out,
      @Option(names = "--outcome", description = "Only these: ${COMPLETION-CANDIDATES}.")
          @Nullable Set<EpisodeOutcome.Kind> outcomes,
      @Option(
              names = "--camera",
              paramLabel = "NAME",
              description =
                  "Only this one, may be repeated; default: all that have a picture at each step.")
          @Nullable Set<String> cameras,
      @Option(
              names = "--images",
              defaultValue = "VIDEO",
              description =
                  "${COMPLETION-CANDIDATES} (default: ${DEFAULT-VALUE}); PNG keeps every pixel as"
                      + " it is.")
          Images images,
      @Option(
              names = "--fps",
              defaultValue = "0",
              description = "Steps a second, which the bags must have; default: as the bags say.")
          int fps,
      @Option(
              names = "--robot-type",
              defaultValue = "",
              paramLabel = "NAME",
              description = "Name of the robot, in the dataset.")
          String robotType,
      @Mixin AlignmentOptions tolerances) {
    if (!format.equalsIgnoreCase("lerobot")) {
      throw new CommandLine.ParameterException(
          spec.subcommands().get("export"),
          "--to is '%s'; give lerobot, or leave it out".formatted(format));
    }
    Export export =
        new Export(
            images == Images.VIDEO,
            fps,
            outcomes == null ? Set.of() : outcomes,
            cameras == null ? Set.of() : cameras,
            robotType,
            DatasetWriter.FileLimits.LEROBOT,
            tolerances.alignment());
    Export.Result result = export.run(folders, out, this::warn);
    print(
        "%s: %d of %d episodes, %d frames"
            .formatted(
                out, result.episodes(), result.episodes() + result.leftOut(), result.frames()));
    return OK;
  }

  @Command(
      name = "import",
      description =
          "Rollouts of the episodes of a LeRobot dataset (format v3), or with --mapping of bags"
              + " that any recorder made (rosbag2, MCAP).",
      mixinStandardHelpOptions = true,
      sortOptions = false)
  int importDataset(
      @Parameters(
              paramLabel = "SOURCE",
              arity = "1..*",
              description =
                  "Folder of a dataset, with data/ and meta/; with --mapping bags, or folders of"
                      + " them.")
          List<Path> sources,
      @Option(
              names = "--mapping",
              paramLabel = "FILE",
              description =
                  "What the topics of the bags are: docs/import.md. The options after --out are for"
                      + " datasets.")
          @Nullable Path mapping,
      @Option(
              names = "--out",
              required = true,
              paramLabel = "ROLLOUTS",
              description = "Folder of the bags; must not exist yet.")
          Path out,
      @Option(
              names = "--task",
              paramLabel = "FILE|BUNDLE",
              description =
                  "Policy bundle, or task file as for pretrain, that the episodes are for: actions"
                      + " are put in its action space. A dataset exported from rollouts needs"
                      + " none.")
          @Nullable Path task,
      @Option(
              names = "--outcome",
              description =
                  "Of every episode: ${COMPLETION-CANDIDATES}; default: as the dataset says.")
          EpisodeOutcome.@Nullable Kind outcome,
      @Option(
              names = "--unit",
              paramLabel = "rad|deg",
              description =
                  "Of its joints and angles; default: rad for a dataset exported from rollouts, or"
                      + " of whose joints' numbers none goes beyond a turn; of others it must be"
                      + " said.")
          @Nullable String unit,
      @Option(
              names = "--joint-unit",
              paramLabel = "JOINT=UNIT",
              description =
                  "Of a joint that has another: rad, deg, or FROM..TO:LOWER..UPPER, what its"
                      + " numbers FROM and TO are in rad, or m: gripper=0..100:-0.17..1.74. Repeat"
                      + " for several.")
          @Nullable Map<String, String> jointUnits,
      @Option(
              names = "--continuous",
              split = ",",
              paramLabel = "JOINT",
              description = "Joints that turn on and on: through pi they go the short way.")
          @Nullable List<String> continuous,
      @Option(
              names = "--joint-names",
              split = ",",
              paramLabel = "NAME",
              description = "Of the entries of observation.state, in their order.")
          @Nullable List<String> jointNames,
      @Option(
              names = "--instruction",
              paramLabel = "TEXT",
              description = "Of the episodes whose task is an empty text; others keep theirs.")
          @Nullable String instruction,
      @Option(
              names = "--camera",
              paramLabel = "NAME_IN_DATASET=NAME",
              description = "Takes this camera and calls it so; repeat for several; default: all.")
          @Nullable Map<String, String> cameras,
      @Option(
              names = "--every",
              defaultValue = "1",
              paramLabel = "N",
              description =
                  "Takes every Nth frame, with the action that leads to the next: 3 makes 10 steps"
                      + " a second of 30.")
          int every,
      @Option(
              names = "--action",
              description =
                  "What the dataset's action is: ${COMPLETION-CANDIDATES}; default: as its names"
                      + " say.")
          ActionMapping.@Nullable Meaning action,
      @Option(
              names = "--clamp",
              description = "Cuts actions off that the policy cannot do, instead of refusing them.")
          boolean clamp) {
    if (mapping != null) {
      return importBags(sources, mapping, out);
    }
    Path dataset = sources.getFirst();
    if (sources.size() > 1) {
      throw new LerobotException(
          "%d datasets are given; import each into a folder of its own".formatted(sources.size()));
    }
    if (isBag(dataset)) {
      throw new LerobotException(
          "%s is a bag; say what its topics are: --mapping FILE, docs/import.md has an example"
              .formatted(dataset));
    }
    Import options =
        new Import(
            Optional.ofNullable(task),
            Optional.ofNullable(outcome),
            Optional.ofNullable(unit).map(LerobotCommand::unit),
            jointUnits == null ? Map.of() : jointUnits,
            jointNames == null ? List.of() : jointNames,
            continuous == null ? Set.of() : Set.copyOf(continuous),
            Optional.ofNullable(instruction),
            new LinkedHashMap<>(cameras == null ? Map.of() : cameras),
            every,
            Optional.ofNullable(action),
            clamp);
    Import.Result result = options.run(dataset, out, this::warn);
    print(
        "%s: %s, %s%s"
            .formatted(
                out,
                count(result.episodes(), "episode"),
                count(result.steps(), "step"),
                result.clamped() == 0
                    ? ""
                    : "; %d numbers of actions were cut off".formatted(result.clamped())));
    return OK;
  }

  private static JointUnit unit(String text) {
    JointUnit unit = JointUnits.unit(text, "--unit");
    if (!unit.isAngle()) {
      throw new LerobotException(
          "--unit is '%s', which is of one joint; give rad or deg, and of that joint --joint-unit JOINT=%s"
              .formatted(text, text));
    }
    return unit;
  }

  private int importBags(List<Path> bags, Path mapping, Path out) {
    List<String> others =
        Objects.requireNonNull(spec.subcommands().get("import"))
            .getParseResult()
            .matchedOptions()
            .stream()
            .map(OptionSpec::longestName)
            .filter(name -> !List.of("--mapping", "--out").contains(name))
            .toList();
    if (!others.isEmpty()) {
      throw new ImportException(
          "%s are for datasets; of bags the mapping %s says it".formatted(others, mapping));
    }
    BagImport.Result result = new BagImport(Mapping.read(mapping)).run(bags, out, this::warn);
    print(
        "%s: %s, %s"
            .formatted(out, count(result.episodes(), "episode"), count(result.steps(), "step")));
    return OK;
  }

  private static boolean isBag(Path source) {
    return (source.toString().endsWith(".mcap") && !Files.isDirectory(source))
        || (Files.isDirectory(source)
            && !Files.isDirectory(source.resolve("meta"))
            && !Rollouts.bags(source).isEmpty());
  }

  /** A number with its noun: "1 episode", "2 episodes". */
  private static String count(long number, String noun) {
    return number + " " + noun + (number == 1 ? "" : "s");
  }

  private void print(String line) {
    line(spec.commandLine().getOut(), line);
  }

  private void warn(String line) {
    line(spec.commandLine().getErr(), line);
  }

  private static void line(PrintWriter out, String line) {
    out.println(line);
    out.flush();
  }
}
