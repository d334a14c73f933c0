package dev.reverie.replay;

import dev.reverie.arm.ActionDimension;
import dev.reverie.arm.ArmModel;
import dev.reverie.arm.JointSpace;
import dev.reverie.msgs.Stamps;
import dev.reverie.msgs.reverie.ActionChunk;
import dev.reverie.msgs.reverie.Command;
import dev.reverie.policy.PolicyOutput;
import dev.reverie.replay.EpisodeMeasures.Column;
import dev.reverie.rollout.Episode;
import dev.reverie.rollout.EpisodeOutcome;
import dev.reverie.rollout.Step;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.IntStream;

/** Compares what a policy did on the inputs of a recorded episode with what was done then. */
final class Comparison {
  private final RecordedBag bag;
  private final ArmModel arm;
  private final ReplayedPolicy policy;
  private final Column column;
  private final ReplayedEpisode replayed;
  private final EpisodeMeasures result;
  private final List<String> joints;
  private final double periodS;

  private Comparison(
      RecordedBag bag,
      ReplayedPolicy policy,
      Column column,
      ReplayedEpisode replayed,
      EpisodeMeasures result) {
    this.bag = bag;
    arm = bag.arm();
    this.policy = policy;
    this.column = column;
    this.replayed = replayed;
    this.result = result;
    joints = policy.spec().jointNames();
    periodS = policy.spec().chunk().periodS();
  }

  /** The observations that a policy is asked about for the likelihood of what was done. */
  static Set<Integer> asked(List<ExecutedChunk> chunks) {
    return chunks.stream().map(ExecutedChunk::observation).collect(Collectors.toSet());
  }

  /**
   * Adds what a policy's node did.
   *
   * @param outputs of the policy, by the index of the observation
   */
  static void add(
      EpisodeMeasures result,
      Column column,
      RecordedBag bag,
      ReplayedPolicy policy,
      ReplayedEpisode replayed,
      Map<Integer, PolicyOutput> outputs) {
    var comparison = new Comparison(bag, policy, column, replayed, result);
    Optional<String> otherSpace = RecordedSpace.difference(bag, policy.spec());
    if (otherSpace.isEmpty()) {
      comparison.actionErrors();
      comparison.likelihood(outputs);
    } else {
      result.notes.add("action error and likelihood are left out: " + otherSpace.get());
    }
    comparison.commandErrors();
    comparison.limits();
    comparison.smoothness();
    comparison.latency();
  }

  /** Adds what was done when the episode was recorded. */
  static void addExecuted(EpisodeMeasures result, RecordedBag bag, ReplayedPolicy policy) {
    EpisodeOutcome.Kind outcome = bag.episode().outcome().kind();
    if (outcome == EpisodeOutcome.Kind.SUCCESS || outcome == EpisodeOutcome.Kind.FAILURE) {
      double success = outcome == EpisodeOutcome.Kind.SUCCESS ? 1 : 0;
      result.add(Column.EXECUTED, Measures.SUCCESS, new Tally(success, 1));
    }
    List<Command> commands = bag.episode().steps().stream().map(Step::command).toList();
    var recorded =
        new Comparison(bag, policy, Column.EXECUTED, ReplayedEpisode.of(commands), result);
    recorded.limits();
    recorded.smoothness();
  }

  private void actionErrors() {
    List<ActionDimension> dimensions = ActionDimension.of(policy.spec().actionSpace());
    for (Step step : bag.episode().steps()) {
      Command command = replayed.commands().get(step.stampNanos());
      Optional<float[]> action = command == null ? Optional.empty() : replayed.action(command);
      if (action.isEmpty() || step.held()) {
        continue;
      }
      for (int d = 0; d < dimensions.size(); d++) {
        ActionDimension dimension = dimensions.get(d);
        double turn = arm.actions().turn(d);
        double error = Math.IEEEremainder(action.get()[d] - step.action()[d], turn);
        double scaled = error * dimension.scale();
        List<Measure> measures = Measures.ofDimension(dimension);
        add(Measures.ACTION_ERROR, Math.abs(error));
        add(Measures.ACTION_ERROR_RMS, error * error);
        add(measures.get(0), Math.abs(error));
        add(measures.get(1), error * error);
        add(measures.get(2), Math.abs(scaled));
        add(measures.get(3), scaled * scaled);
      }
    }
  }

  private void commandErrors() {
    for (Step step : bag.episode().steps()) {
      Command command = replayed.commands().get(step.stampNanos());
      if (command == null || step.held() || command.source().equals(Command.HOLD)) {
        continue;
      }
      double[] sent = RecordedSpace.positions(command, joints, false);
      double[] executed = RecordedSpace.positions(step.command(), joints, false);
      for (int j = 0; j < sent.length; j++) {
        double error = arm.joints().shortest(j, executed[j], sent[j]);
        add(Measures.COMMAND_ERROR, Math.abs(error));
        add(Measures.COMMAND_ERROR_RMS, error * error);
      }
    }
  }

  private void likelihood(Map<Integer, PolicyOutput> outputs) {
    List<ExecutedChunk> chunks = ExecutedChunk.of(bag.episode(), policy.spec().chunk().horizon());
    Optional<String> unasked = Likelihood.unasked(chunks, policy.spec().head());
    if (unasked.isPresent()) {
      result.notes.add("likelihood is left out: " + unasked.get());
      return;
    }
    double temperature = bag.episode().temperature() > 0 ? bag.episode().temperature() : 1;
    result.add(
        column, Likelihood.measure(result.outcome), Likelihood.of(chunks, outputs, temperature));
  }

  private void limits() {
    for (Command command : answers()) {
      Set<Measure> hit = Measures.limits(command);
      add(Measures.LIMITED, hit.isEmpty() ? 0 : 1);
      for (Measure limit :
          List.of(
              Measures.LIMITED_POSITION,
              Measures.LIMITED_VELOCITY,
              Measures.LIMITED_WORKSPACE,
              Measures.LIMITED_ACCELERATION,
              Measures.LIMITED_JERK,
              Measures.LIMITED_STEP,
              Measures.LIMITED_KEEP_OUT,
              Measures.LIMITED_RAMP,
              Measures.LIMITED_OTHER)) {
        add(limit, hit.contains(limit) ? 1 : 0);
      }
      boolean held = command.source().equals(Command.HOLD);
      add(Measures.HELD, held ? 1 : 0);
      if (held && !replayed.holdReason().isEmpty()) {
        result.notes.add("the arm would have been held still: " + replayed.holdReason());
      }
    }
  }

  private void smoothness() {
    List<double[]> positions =
        unwound(
            arm.joints(),
            answers().stream().map(c -> RecordedSpace.positions(c, joints, false)).toList());
    result.add(column, Measures.SQUARED_JERK, Smoothness.squaredJerk(positions, periodS));
    double jerk = Smoothness.logDimensionlessJerk(positions, periodS);
    if (!Double.isNaN(jerk)) {
      add(Measures.DIMENSIONLESS_JERK, jerk);
    }
  }

  /** The same positions, without leaps of a full turn. */
  static List<double[]> unwound(JointSpace joints, List<double[]> positions) {
    List<double[]> unwound = new ArrayList<>();
    for (double[] next : positions) {
      unwound.add(unwound.isEmpty() ? next : joints.nearest(unwound.getLast(), next));
    }
    return unwound;
  }

  private void latency() {
    List<Double> inference = new ArrayList<>();
    List<Double> node = new ArrayList<>();
    for (ActionChunk chunk : replayed.chunks().values()) {
      inference.add(Stamps.nanos(chunk.inference()) / 1e6);
      node.add(Stamps.nanos(chunk.latency()) / 1e6);
    }
    result.latencies.put(column, new EpisodeMeasures.Latency(inference, node));
  }

  /** Commands that answered a recorded observation, in its order. */
  private List<Command> answers() {
    List<Command> answers = new ArrayList<>();
    for (Step step : bag.episode().steps()) {
      Command command = replayed.commands().get(step.stampNanos());
      if (command != null) {
        answers.add(command);
      }
    }
    return answers;
  }

  private void add(Measure measure, double value) {
    result.add(column, measure, new Tally(value, 1));
  }

  /** Distance of the joint positions that two nodes sent for the same observations. */
  static void addDistance(
      EpisodeMeasures result,
      RecordedBag bag,
      ReplayedPolicy policy,
      ReplayedEpisode mine,
      ReplayedEpisode theirs) {
    List<String> joints = policy.spec().jointNames();
    JointSpace space = bag.arm().joints();
    for (long stamp : new LinkedHashSet<>(mine.commands().keySet())) {
      Command own = mine.commands().get(stamp);
      Command other = theirs.commands().get(stamp);
      if (own == null || other == null || !other.jointNames().containsAll(joints)) {
        continue;
      }
      double[] a = RecordedSpace.positions(own, joints, false);
      double[] b = RecordedSpace.positions(other, joints, false);
      double sum =
          IntStream.range(0, a.length)
              .mapToDouble(j -> Math.abs(space.shortest(j, a[j], b[j])))
              .sum();
      result.add(Column.BETWEEN, Measures.COMMAND_DISTANCE, new Tally(sum, a.length));
    }
  }

  /** Counts the observations of an episode that the node answered. */
  static int answered(Episode episode, ReplayedEpisode replayed) {
    return (int)
        episode.steps().stream()
            .filter(s -> replayed.commands().containsKey(s.stampNanos()))
            .count();
  }
}
