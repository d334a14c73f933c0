package dev.reverie.trainer;

import com.sun.management.OperatingSystemMXBean;
import dev.reverie.policy.BundleSpec;
import dev.reverie.rollout.RolloutSummary;
import dev.reverie.rollout.Rollouts;
import dev.reverie.trainer.data.ChunkTiming;
import dev.reverie.trainer.data.PolicyTask;
import dev.reverie.trainer.data.Tasks;
import dev.reverie.trainer.nn.Compute;
import dev.reverie.trainer.nn.TrainerException;
import java.lang.management.ManagementFactory;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import picocli.CommandLine.Option;

/** Options of a dry run: the size of data that need not be there, and of a machine. */
final class DryRunOptions {
  private static final Pattern SIZE = Pattern.compile("(\\d{1,4})x(\\d{1,4})");

  private static final int MOST_EPISODES = 100_000_000;
  private static final int MOST_STEPS = 10_000_000;
  private static final int MOST_CHUNK = 10_000;

  /** Rollouts whose chunks are looked at: a run looks at all of them, and they are alike. */
  private static final int TIMED_EPISODES = 64;

  /** {@code help}: with it nothing else that is required needs to be given. */
  @SuppressWarnings("deprecation") // picocli has no other word for that
  @Option(
      names = "--dry-run",
      help = true,
      description =
          "Trains nothing: prints what each stage needs of memory, disk and arithmetic. Bags, models"
              + " and folders need not be there.")
  private boolean wanted;

  @Option(
      names = "--episodes",
      paramLabel = "N",
      description = "Dry run: episodes of a folder that is not given.")
  private int episodes;

  @Option(
      names = "--steps",
      paramLabel = "N",
      description = "Dry run: steps of the longest episode (default: as in the bags).")
  private int steps;

  @Option(
      names = "--view",
      paramLabel = "WIDTHxHEIGHT",
      description =
          "Dry run: pictures of a camera, where there is no policy or task; repeat for several"
              + " (default: the simulated arm's).")
  private List<String> views = List.of();

  @Option(
      names = "--chunk",
      paramLabel = "N",
      description =
          "Dry run: actions that the policy gives at once, where there is no policy or task"
              + " (default: the simulated arm's).")
  private int chunk;

  @Option(
      names = "--machine-flops",
      paramLabel = "N",
      description = "Dry run: FLOPs a second of the machine, such as 2e13, for the time.")
  private double flops;

  @Option(
      names = "--machine-memory",
      paramLabel = "GIB",
      description = "Dry run: memory of the machine (default: this one's).")
  private double memory;

  /** Refuses what is given, and outside of what a machine may have. */
  private static void requireOption(String name, double value, double low, double high) {
    if (value != 0 && !(value >= low && value <= high)) {
      throw new TrainerException(
          "%s is %s; give %s to %s".formatted(name, text(value), text(low), text(high)));
    }
  }

  private static String text(double value) {
    return value == Math.rint(value) && Math.abs(value) < 1e10
        ? "%.0f".formatted(value)
        : Double.toString(value);
  }

  boolean wanted() {
    return wanted;
  }

  /** A machine. */
  DryRunTable.Machine machine(Compute compute) {
    requireOption("--machine-flops", flops, 1e6, 1e30);
    requireOption("--machine-memory", memory, 1e-3, 1e12);
    boolean cuda = compute.device().startsWith("cuda");
    if (cuda) {
      required("--machine-memory, that of the CUDA device,", (long) Math.ceil(memory));
    }
    return new DryRunTable.Machine(flops, memory > 0 ? memory * (1L << 30) : ofThisMachine(), cuda);
  }

  /**
   * The size of the data.
   *
   * @param demonstrations folder of bags, where there is one
   * @param rollouts folder of bags, where there is one
   * @param tasks which of their instructions ask for the same
   */
  DataSizes sizes(Optional<Path> demonstrations, Optional<Path> rollouts, Tasks tasks) {
    requireOption("--episodes", episodes, 1, MOST_EPISODES);
    requireOption("--steps", steps, 1, MOST_STEPS);
    List<RolloutSummary> demonstrated = read(demonstrations);
    List<RolloutSummary> recorded = read(rollouts);
    long longest = steps > 0 ? steps : Math.max(longest(demonstrated), longest(recorded));
    List<String> instructions =
        Stream.concat(demonstrated.stream(), recorded.stream())
            .map(RolloutSummary::instruction)
            .distinct()
            .toList();
    return new DataSizes(
        episodes("--demonstrations", demonstrations, demonstrated, longest),
        episodes("--rollouts", rollouts, recorded, longest),
        Math.toIntExact(required("--steps", longest)),
        instructions.isEmpty() ? 1 : tasks.count(instructions));
  }

  /** Returns when the policy's chunks were carried out in rollouts that are there. */
  static ChunkTiming timing(Optional<Path> rollouts) {
    return ChunkTiming.of(
        read(rollouts).stream().map(RolloutSummary::bag).toList(), TIMED_EPISODES);
  }

  private static List<RolloutSummary> read(Optional<Path> folder) {
    return folder.map(Rollouts::list).orElse(List.of()).stream()
        .filter(bag -> bag.problem().isEmpty())
        .toList();
  }

  /** The bags, or as many as are said, all as long as the longest. */
  private DataSizes.Episodes episodes(
      String option, Optional<Path> folder, List<RolloutSummary> bags, long longest) {
    if (folder.isPresent()) {
      long all = bags.stream().mapToLong(bag -> Math.min(bag.commands(), longest)).sum();
      return new DataSizes.Episodes(bags.size(), all);
    }
    long count = required("--episodes or " + option, episodes);
    return new DataSizes.Episodes((int) count, count * longest);
  }

  private static long longest(List<RolloutSummary> bags) {
    return bags.stream().mapToLong(RolloutSummary::commands).max().orElse(0);
  }

  private static long required(String option, long value) {
    if (value <= 0) {
      throw new TrainerException("a dry run without bags needs to know more; give " + option);
    }
    return value;
  }

  /** The task of an arm that nobody has named: the simulated one's, with these views. */
  PolicyTask task() {
    requireOption("--chunk", chunk, 1, MOST_CHUNK);
    PolicyTask arm = PolicyTask.simulatedArm();
    List<BundleSpec.Camera> cameras =
        IntStream.range(0, views.size())
            .mapToObj(i -> camera("view" + (i + 1), views.get(i)))
            .toList();
    return new PolicyTask(
        cameras.isEmpty() ? arm.cameras() : cameras,
        arm.jointNames(),
        arm.actionSpace(),
        chunk == 0 ? arm.chunk() : new BundleSpec.Chunk(chunk, arm.chunk().periodS()),
        arm.head());
  }

  /** Refuses what a policy, a task or bags beside it say themselves. */
  void requireNoTask(String beside) {
    if (!views.isEmpty() || chunk != 0) {
      throw new TrainerException(
          "--view and --chunk stand beside %s, which says what a policy sees and gives; leave them out"
              .formatted(beside));
    }
  }

  private static BundleSpec.Camera camera(String name, String size) {
    Matcher matcher = SIZE.matcher(size);
    if (!matcher.matches()) {
      throw new TrainerException(
          "--view is '%s'; give width and height in pixels, such as 224x224".formatted(size));
    }
    return new BundleSpec.Camera(
        name, Integer.parseInt(matcher.group(1)), Integer.parseInt(matcher.group(2)));
  }

  private static double ofThisMachine() {
    return ManagementFactory.getPlatformMXBean(OperatingSystemMXBean.class).getTotalMemorySize();
  }
}
