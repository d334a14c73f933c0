package dev.reverie.trainer;

import dev.reverie.rollout.AlignmentOptions;
import dev.reverie.trainer.data.EpisodeCache;
import dev.reverie.trainer.nn.Ranks;
import dev.reverie.trainer.nn.Torch;
import java.nio.file.Path;
import org.bytedeco.javacpp.PointerScope;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** Options that all runs of the trainer have. */
final class RunOptions {
  private RunOptions() {}

  /** Options that choose the settings. */
  static final class Chosen {
    @Option(
        names = "--settings",
        paramLabel = "FILE",
        description = "JSON with the settings to change, such as {\"grpo\": {\"iterations\": 20}}.")
    private @Nullable Path settings;

    @Option(
        names = "--preset",
        paramLabel = "NAME",
        defaultValue = "DEMO",
        description =
            "Settings that belong together, before --settings changes them:"
                + " ${COMPLETION-CANDIDATES}.")
    private Settings.Preset preset = Settings.Preset.DEMO;

    Settings settings() {
      Settings from = preset.settings();
      return settings == null ? from : from.read(settings);
    }
  }

  /** The option that lets a run go on with other settings. */
  static final class Remake {
    @Option(
        names = "--remake",
        description =
            "Deletes what stages left that were made with other settings, and makes them anew.")
    private boolean wanted;

    boolean wanted() {
      return wanted;
    }
  }

  /** Options of every stage. */
  static final class Common {
    @Option(names = "--seed", description = "Of all random numbers (default: ${DEFAULT-VALUE}).")
    private long seed = 1;

    @Option(
        names = "--threads",
        description = "Of one operation (default: ${DEFAULT-VALUE}); more only on free cores.")
    private int threads = 1;

    @Mixin private Chosen chosen = new Chosen();

    @Option(
        names = "--cache",
        paramLabel = "DIR",
        description =
            "Decoded episodes; runs may share it, and it may be deleted (default: 'cache' in the"
                + " run's folder).")
    private @Nullable Path cache;

    @Option(
        names = "--verify-cache",
        description = "Reads every bag and every decoded frame, and compares their checksums.")
    private boolean verifyCache;

    @Mixin private AlignmentOptions tolerances = new AlignmentOptions();

    long seed() {
      return seed;
    }

    /** Runs on the device that is set, in a scope, so that nothing native is left behind. */
    int run(Settings settings, Runnable work) {
      Torch.start(threads);
      settings.compute().begin(System.getenv(), System.err::println);
      try (var _ = Ranks.join(System.getenv());
          var _ = new PointerScope()) {
        work.run();
      }
      return 0;
    }

    /** Runs what computes no network: no device is needed. */
    int dryRun(Runnable work) {
      Torch.start(threads);
      try (var _ = new PointerScope()) {
        work.run();
      }
      return 0;
    }

    EpisodeCache.Config cache(Path run) {
      return new EpisodeCache.Config(
          cache == null ? run.resolve(RunFolder.CACHE) : cache,
          verifyCache,
          tolerances.alignment());
    }

    /** Works in a folder, which stays as it is then, or where a person stops it. */
    void keeping(RunFolder folder, Runnable work) {
      try {
        work.run();
        folder.keep();
      } finally {
        if (TrainCommand.STOP.getAsBoolean()) {
          folder.keep();
        }
      }
    }

    Settings settings() {
      return chosen.settings();
    }
  }
}
