package dev.reverie.round;

import dev.reverie.policy.PolicyBundle;
import dev.reverie.round.ComparisonState.Setting;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.channels.FileChannel;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.ArgGroup;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** {@code reverie evaluate}: of one policy on the simulated arm, or of two by turns on any arm. */
@Command(
    name = "evaluate",
    mixinStandardHelpOptions = true,
    description = {
      "Real success of a policy on the simulated arm; or of two policies by turns.",
      "",
      "With two bundles A and B: by pairs of episodes from the same start, in an order that is drawn and not shown, until one is surely better (a sequential test) or --pairs cannot tell. With --node on a real arm: a person puts the scene back and says by a key how each episode went. The same command goes on where it was stopped."
    })
final class EvaluateCommand implements Callable<Integer> {
  @Parameters(
      arity = "0..2",
      paramLabel = "BUNDLE",
      description = "two policies to compare, A and B")
  private List<Path> two = List.of();

  @Mixin private EpisodeOptions of = new EpisodeOptions();

  @Option(
      names = "--temperature",
      defaultValue = "1",
      description = "of the tokens; 0: greedy (${DEFAULT-VALUE})")
  private float temperature;

  @Option(
      names = "--executed",
      paramLabel = "N",
      defaultValue = "0",
      description = "actions of a chunk that are carried out; 0: all (${DEFAULT-VALUE})")
  private int executed;

  @Option(
      names = "--compared-to",
      paramLabel = "DIR",
      description = "--out of an evaluation on the same scenes; tells the gain over it")
  private @Nullable Path earlier;

  @Option(
      names = "--pairs",
      paramLabel = "N",
      defaultValue = "100",
      description = "most pairs of episodes of A and B, 8 at least (${DEFAULT-VALUE})")
  private int pairs;

  @ArgGroup(exclusive = false, heading = "%nA and B on a real arm:%n")
  private @Nullable Real real;

  /** An arm beside which a robot node runs. */
  static final class Real {
    @Option(
        names = "--node",
        required = true,
        paramLabel = "NAME",
        description = "of the robot node that runs beside it, such as /robot")
    private String node = "";

    @Option(
        names = "--instruction",
        defaultValue = "",
        description = "of each episode (the node's own)")
    private String instruction = "";

    @Option(
        names = "--time-limit",
        paramLabel = "SECONDS",
        defaultValue = "60",
        description = "of an episode, which fails then (${DEFAULT-VALUE})")
    private double limit;

    @Option(
        names = "--pause",
        paramLabel = "SECONDS",
        description =
            "begin each episode after so long, and not when a person presses Enter: for scenes that put themselves back, and say on the topic outcome how it went")
    private @Nullable Double pause;

    @Option(
        names = "--labeller",
        paramLabel = "NAME",
        description = "who presses the keys ($${user.name})")
    private String labeller = System.getProperty("user.name");

    @Option(
        names = "--classifier",
        paramLabel = "WORK",
        description =
            "folder of a round that has ended, whose reward classifier says how episodes went of which nobody said it until their time was over; with --models")
    private @Nullable Path classifier;

    @Option(
        names = "--models",
        paramLabel = "DIR",
        defaultValue = "models",
        description = "that the round began with (${DEFAULT-VALUE})")
    private Path models = Path.of("models");

    @Option(names = "--go-live", description = "let a policy that has never moved this arm do so")
    private boolean goesLive;

    @Option(
        names = "--may-differ",
        split = ",",
        paramLabel = "FIELD",
        description =
            "fields of bundle.json in which A and B may differ, such as cameras.front.crop")
    private List<String> mayDiffer = List.of();

    private NodeTrialArm open(Path bundle, float temperature, long seed, Path out) {
      return new NodeTrialArm(
          Console.standard(),
          new NodeTrialArm.Request(
              node,
              instruction,
              seconds("--time-limit", limit),
              temperature,
              seed,
              goesLive,
              mayDiffer,
              Optional.ofNullable(pause).map(given -> seconds("--pause", given)),
              labeller,
              Optional.ofNullable(classifier)
                  .map(work -> new EpisodeJudge(bundle, models, work, out))));
    }

    private static Duration seconds(String option, double value) {
      if (!(value >= 0 && value <= 86_400)) {
        throw new RoundException("%s is %s; give seconds from 0 to 86400".formatted(option, value));
      }
      return Duration.ofNanos(Math.round(value * 1e9));
    }
  }

  @Override
  public Integer call() {
    if (!two.isEmpty()) {
      compare();
      return 0;
    }
    if (real != null) {
      throw new RoundException("--node compares two policies; name the folders of A and B");
    }
    Optional<Scenes> before = Optional.ofNullable(earlier).map(Scenes::evaluated);
    System.out.println("success " + of.run(Phase.EVALUATION, temperature, executed));
    before.ifPresent(
        scenes -> System.out.println("gain " + scenes.gain(Scenes.of(of.bags(Phase.EVALUATION)))));
    return 0;
  }

  private void compare() {
    requireTwo();
    Recorder.Recorded a = policy(two.get(0));
    Recorder.Recorded b = policy(two.get(1));
    var setting =
        new Setting(
            a.id(),
            b.id(),
            real == null ? "" : real.node,
            real == null ? "" : real.instruction,
            temperature,
            of.seed());
    if (setting.a().equals(setting.b())) {
      throw new RoundException("%s and %s are the same policy".formatted(a.bundle(), b.bundle()));
    }
    try (FileChannel _ = Folders.lock(of.out())) {
      var comparison = new Comparison(Console.standard(), a, b, setting, pairs, of.out());
      if (comparison.goesOn()) {
        try (TrialArm arm = arm(a.bundle())) {
          comparison.run(arm);
        }
      }
      comparison.told().forEach(System.out::println);
    } catch (IOException e) {
      throw new UncheckedIOException("cannot work in " + of.out(), e);
    }
  }

  private static Recorder.Recorded policy(Path bundle) {
    return new Recorder.Recorded(bundle, PolicyBundle.load(bundle).id());
  }

  private void requireTwo() {
    if (two.size() != 2) {
      throw new RoundException(
          "one bundle is named; name two to compare them, or evaluate one with --bundle "
              + two.get(0));
    }
    if (of.bundle().isPresent() || earlier != null) {
      throw new RoundException(
          "two policies are compared by themselves; leave out --bundle and --compared-to");
    }
    if (real != null && executed != 0) {
      throw new RoundException(
          "--executed is the simulated arm's; give the robot node its parameter executed");
    }
    if (pairs < PairedTest.LEAST || pairs > Comparison.MOST_PAIRS) {
      throw new RoundException(
          "--pairs is %d; give %d to %d: fewer pairs cannot tell, though one policy succeed in each and the other in none"
              .formatted(pairs, PairedTest.LEAST, Comparison.MOST_PAIRS));
    }
  }

  private TrialArm arm(Path first) {
    return real == null
        ? new SimulatedTrialArm(of.start(Optional.of(first), executed), temperature, of.seed())
        : real.open(first, temperature, of.seed(), of.out());
  }
}
