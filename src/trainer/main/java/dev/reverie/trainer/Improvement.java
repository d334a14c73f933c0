package dev.reverie.trainer;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.reverie.policy.BundleSpec;
import dev.reverie.policy.PolicyBundle;
import dev.reverie.trainer.data.Dataset;
import dev.reverie.trainer.data.EpisodeCache;
import dev.reverie.trainer.data.EpisodeDecoder;
import dev.reverie.trainer.data.Recordings;
import dev.reverie.trainer.nn.Progress;
import dev.reverie.trainer.nn.TrainLoop;
import dev.reverie.trainer.nn.TrainerException;
import dev.reverie.trainer.onnx.Parity;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.function.BooleanSupplier;

/** A round's training from files to files: recordings and a base policy to a better bundle. */
final class Improvement {
  private final Settings settings;
  private final PolicyBundle base;
  private final Recordings recordings;
  private final Recordings.Folder demonstrations;
  private final Recordings.Folder rollouts;
  private final Counts counts;
  private final List<String> instructions;
  private final TrainLoop loop;
  private final Wmpo wmpo;

  /**
   * @param models folder with the auto-encoder and the world model
   * @param work folder of the run; a stopped one goes on there
   * @param cache of decoded episodes
   */
  Improvement(
      Settings settings,
      Path baseFolder,
      Path demonstrationFolder,
      Path rolloutFolder,
      Path models,
      Path work,
      EpisodeCache.Config cache,
      long seed,
      BooleanSupplier stop) {
    this.settings = settings;
    base = PolicyBundle.load(baseFolder);
    recordings =
        Recordings.open(
            List.of(demonstrationFolder, rolloutFolder),
            new EpisodeCache(cache, EpisodeDecoder.of(base.spec()), Progress::say),
            stop);
    List<Recordings.Folder> read = recordings.data(base.spec());
    demonstrations = read.getFirst();
    rollouts = read.getLast();
    List<String> hashes = new ArrayList<>(demonstrations.hashes());
    hashes.addAll(rollouts.hashes());
    loop = new TrainLoop(work, seed, RunInputs.of(hashes, base.id(), settings), stop);
    counts = new Counts(demonstrations.data(), rollouts.data());
    instructions = rollouts.data().texts();
    wmpo = new Wmpo(settings, loop, base, demonstrations.data(), rollouts.data(), models);
  }

  /** The stages one by one; each begins with what the ones before left in the work folder. */
  Wmpo wmpo() {
    return wmpo;
  }

  /**
   * All stages, then the improved bundle and {@code improve.json}.
   *
   * @param out folder of the bundle; must not exist yet
   */
  void run(Path out) {
    if (Files.exists(out)) {
      throw new TrainerException(out + " exists already; choose another --out or remove it first");
    }
    Wmpo.Result result = wmpo.run();
    PolicyBundle improved = result.policy().withLineage(lineage());
    double parity = Parity.check(improved);
    improved.save(out);
    report(result, improved, parity);
  }

  private BundleSpec.Lineage lineage() {
    SortedMap<String, String> given = new TreeMap<>();
    given.put("method", "WMPO");
    given.put("seed", Long.toString(loop.seed()));
    given.put("settings", settings.toJson());
    return new BundleSpec.Lineage(
        base.id(), rollouts.hashes(), given, new BundleSpec.Measured(0, 0));
  }

  private void report(Wmpo.Result result, PolicyBundle improved, double parity) {
    ObjectMapper json = new ObjectMapper();
    ObjectNode report =
        json.createObjectNode()
            .put("seed", loop.seed())
            .put("base", base.id())
            .put("improved", improved.id())
            .put("parity", parity);
    counts.put(report);
    report.putPOJO("instructions", instructions);
    report
        .putObject("imagined")
        .put("before", result.imaginedBefore())
        .put("after", result.imaginedAfter());
    report
        .putObject("replay_psnr_db")
        .putPOJO("before", result.replayPsnrBefore())
        .putPOJO("after", result.replayPsnrAfter());
    report.putPOJO("reward_classifier", result.calibration());
    report.put("joint_head_error_rad", result.jointErrorRad());
    report.putPOJO("seconds", result.seconds());
    report.putPOJO("settings", settings);
    recordings.put(report);
    try {
      json.writerWithDefaultPrettyPrinter()
          .writeValue(loop.folder().resolve("improve.json").toFile(), report);
    } catch (IOException e) {
      throw new UncheckedIOException("cannot write to " + loop.folder(), e);
    }
  }

  /** Taken before the data sets are handed over. */
  private record Counts(int demonstrations, int rollouts, int successes) {
    Counts(Dataset demonstrations, Dataset rollouts) {
      this(demonstrations.episodes(), rollouts.episodes(), rollouts.successes());
    }

    void put(ObjectNode report) {
      report
          .put("demonstrations", demonstrations)
          .putObject("rollouts")
          .put("episodes", rollouts)
          .put("successes", successes);
    }
  }
}
