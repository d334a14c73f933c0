package dev.reverie.console;

import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.reverie.msgs.reverie.Command;
import dev.reverie.policy.PolicyBundle;
import dev.reverie.rollout.AtomicFolder;
import dev.reverie.rollout.CameraImage;
import dev.reverie.rollout.EpisodeHead;
import dev.reverie.rollout.EpisodeOutcome;
import dev.reverie.rollout.EpisodeOutcome.Kind;
import dev.reverie.rollout.EpisodeWriter;
import dev.reverie.testing.Commands;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * A round as {@code round} leaves it, of a bright square that moves to the right on pictures of 48
 * x 48 pixels, trained for a few steps by the real trainer: enough to play in, and to see nothing.
 * It takes minutes, so the tests of this process share one.
 */
final class TinyRound {
  private static final Path ROOT = Path.of(System.getProperty("reverie.root"));
  private static final long PERIOD = 100_000_000L;
  private static final int SIDE = 48;
  private static final int HORIZON = 4;
  private static final String TASK =
      """
      {"cameras": [{"name": "camera", "width": 48, "height": 48, "rectify": false,
                    "crop": {"x": 0, "y": 0, "width": 1, "height": 1}}],
       "joint_names": ["slide", "lift"],
       "action_space": {"kind": "joint_deltas", "joints": ["slide", "lift"],
                        "scale_rad": [0.1, 0.1]},
       "chunk": {"horizon": 4, "period_s": 0.1},
       "head": {"kind": "tokens", "bins": 5}}
      """;
  private static final String SETTINGS =
      """
      {"cloning": {"steps": 5, "batch": 8},
       "vae": {"steps": 30, "batch": 8},
       "worldModel": {"steps": 5, "alignSteps": 5, "batch": 8},
       "jointHead": {"steps": 10, "batch": 8},
       "classifier": {"steps": 60, "batch": 12},
       "gate": {"recall": 0, "replayedRecall": 0, "precision": 0, "falseAlarm": 1,
                "wrongInstruction": 1},
       "audit": {"stop": false},
       "grpo": {"iterations": 1, "groups": 16, "groupSize": 6}}
      """;

  /** The folder of the rounds; null until they are made. */
  private static @Nullable Path shared;

  private TinyRound() {}

  /**
   * The folder with its round {@code tiny}, and with {@code broken}, a run that nobody can play in;
   * trained when it is first asked for. Nobody changes what is in it.
   */
  static synchronized Path rounds() throws Exception {
    assumeTrue(
        Files.exists(ROOT.resolve("src/trainer/target/trainer.jar")),
        "the trainer is not built; mvn -pl src/trainer -am -DskipTests package");
    if (shared == null) {
      Path rounds = ROOT.resolve("src/console/target/tiny-round");
      if (Files.exists(rounds)) {
        AtomicFolder.delete(rounds);
      }
      make(Files.createDirectories(rounds));
      Path broken = Files.createDirectories(rounds.resolve("broken"));
      Files.writeString(broken.resolve("settings.json"), "{}");
      Files.createFile(broken.resolve(".lock"));
      shared = rounds;
    }
    return shared;
  }

  private static void make(Path rounds) throws Exception {
    Path round = Files.createDirectories(rounds.resolve("tiny"));
    Path settings = Files.writeString(rounds.resolve("settings-of-tiny.json"), SETTINGS);
    Path task = Files.writeString(rounds.resolve("task-of-tiny.json"), TASK);
    Path demonstrations = round.resolve("demonstrations");
    Path rollouts = round.resolve("rollouts");
    Path models = round.resolve("models");
    record(demonstrations, "d", 6, "");
    train(
        "pretrain", settings, "--demonstrations", demonstrations, "--out", models, "--task", task);
    Path base = models.resolve("base");
    record(rollouts, "r", 8, PolicyBundle.load(base).id());
    List<Object> improve = new ArrayList<>(List.of("train", "improve"));
    improve.addAll(List.of("--settings", settings, "--demonstrations", demonstrations));
    improve.addAll(List.of("--rollouts", rollouts, "--base", base, "--models", models));
    improve.addAll(List.of("--work", round.resolve("training")));
    improve.addAll(List.of("--out", round.resolve("bundles/improved")));
    reverie(improve);
  }

  private static void train(String stage, Path settings, Object... options) throws Exception {
    List<Object> command = new ArrayList<>(List.of(stage, "--settings", settings));
    command.addAll(List.of(options));
    reverie(command);
  }

  private static void reverie(List<Object> arguments) throws Exception {
    List<String> command = new ArrayList<>(List.of("env", "REVERIE_PREPARED=" + ROOT));
    command.add(ROOT.resolve("reverie").toString());
    arguments.forEach(one -> command.add(one.toString()));
    Commands.run(900, command);
  }

  /** Records episodes; every other one goes fast and succeeds, after 6 steps of 8. */
  private static void record(Path folder, String prefix, int count, String policy) {
    for (int n = 0; n < count; n++) {
      boolean right = n % 2 == 0;
      int steps = right ? 6 : 2 * HORIZON;
      var head =
          new EpisodeHead(
              prefix + n,
              "go right",
              Command.POLICY,
              policy,
              1,
              0,
              List.of("slide", "lift"),
              "",
              PERIOD);
      float[] chunk = new float[2 * HORIZON];
      for (int k = 0; k < HORIZON; k++) {
        chunk[2 * k] = right ? 1 : 0.5f;
      }
      try (EpisodeWriter writer = EpisodeWriter.begin(folder, head, stamp(0), "")) {
        for (int t = 0; t <= steps; t++) {
          int x = 10 + n % 4 + (right ? 3 : 1) * t;
          double[] joints = {x / (double) SIDE, 0};
          writer.observe(stamp(t), joints, Map.of("camera", picture(x)));
          if (t < steps && t % HORIZON == 0) {
            writer.chunk(stamp(t), HORIZON, chunk);
          }
          if (t < steps) {
            writer.step(stamp(t), joints, joints);
          }
        }
        Kind kind = right ? Kind.SUCCESS : Kind.FAILURE;
        writer.end(new EpisodeOutcome(kind, stamp(steps), "ada", ""), stamp(steps));
      }
    }
  }

  private static long stamp(int t) {
    return 5_000_000_000L + t * PERIOD;
  }

  private static CameraImage picture(int x) {
    byte[] rgb = new byte[3 * SIDE * SIDE];
    for (int row = 20; row < 20 + SIDE / 6; row++) {
      int from = 3 * (row * SIDE + x);
      Arrays.fill(rgb, from, from + 3 * (SIDE / 6), (byte) 250);
    }
    return new CameraImage(SIDE, SIDE, rgb);
  }
}
