package dev.reverie.robot.swap;

import dev.reverie.arm.ActionMap;
import dev.reverie.arm.ArmException;
import dev.reverie.arm.ArmFile;
import dev.reverie.arm.ArmModel;
import dev.reverie.arm.Skeleton;
import dev.reverie.arm.Urdf;
import dev.reverie.arm.Verdict;
import dev.reverie.msgs.reverie.Command;
import dev.reverie.msgs.reverie.Replayed;
import dev.reverie.policy.BundleException;
import dev.reverie.policy.BundleSpec;
import dev.reverie.policy.Observation;
import dev.reverie.rollout.Episode;
import dev.reverie.rollout.EpisodeException;
import dev.reverie.rollout.RecordedObservation;
import dev.reverie.rollout.Step;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.List;
import java.util.NavigableMap;
import java.util.Optional;
import java.util.SplittableRandom;
import java.util.TreeMap;

/**
 * Has a policy act at the observations of recorded episodes: at each tick the arm is where it was
 * recorded, and what the policy would have told it goes through action map and safety gate as in
 * the node. Chunks go on at once, one after the other; nothing is blended, and nothing is drawn.
 */
final class RecordedTrial {
  private final LivePolicy policy;
  private final BundleSpec spec;
  private final ReplayTerms terms;
  private final boolean lockStep;
  private final ArmModel arm;
  private final int executed;
  private Replayed found = new Replayed();

  private RecordedTrial(LivePolicy policy, ReplayTerms terms, boolean lockStep) {
    this.policy = policy;
    this.terms = terms;
    this.lockStep = lockStep;
    spec = policy.spec();
    arm = arm(spec, terms);
    long asked = terms.executed() > 0 ? terms.executed() : spec.execution().actions();
    int horizon = spec.chunk().horizon();
    executed = asked > 0 ? (int) Math.min(asked, horizon) : horizon;
  }

  /**
   * Has it act at all of them.
   *
   * @throws BundleException where there are none of this arm, or where it fails at one
   */
  static Replayed run(LivePolicy policy, ReplayTerms terms, boolean lockStep) {
    var trial = new RecordedTrial(policy, terms, lockStep);
    String name = terms.arm().isEmpty() ? "" : ArmFile.parse(terms.arm()).name();
    new RecordedEpisodes(trial.spec.task(), name, Skeleton.of(Urdf.parse(terms.urdf())))
        .forEach(terms.asked(), terms.rollouts(), trial::act);
    if (trial.found.ticks() == 0) {
      throw new BundleException(
          "it cannot be replayed: nothing was told to the arm in the %d episodes; name others in replay"
              .formatted(trial.found.episodes()));
    }
    return trial.found;
  }

  private static ArmModel arm(BundleSpec spec, ReplayTerms terms) {
    if (terms.urdf().isEmpty()) {
      throw new BundleException(
          "it cannot be replayed: no robot_description yet; publish the arm's URDF on that topic");
    }
    Optional<ArmFile> file =
        terms.arm().isEmpty() ? Optional.empty() : Optional.of(ArmFile.parse(terms.arm()));
    try {
      // How old measurements are plays no role here.
      return ArmModel.of(
          terms.urdf(),
          terms.names(),
          spec.task(),
          file,
          terms.periodS(),
          Double.POSITIVE_INFINITY);
    } catch (ArmException e) {
      throw new BundleException("it cannot be replayed: " + e.getMessage(), e);
    }
  }

  private void act(RecordedEpisodes.Recorded recorded) {
    Replayed before = found;
    found = found.withEpisodes(found.episodes() + 1);
    var acting = new Acting(recorded.episode());
    try {
      recorded.forEachStep(acting::next, spec.task());
    } catch (EpisodeException e) {
      found = before; // nothing of an episode that cannot be read whole
      throw e;
    }
  }

  /**
   * The policy at one episode, to which observations come one after the other. It holds those that
   * the policy looks back to, and no others.
   */
  private final class Acting {
    private final Episode episode;
    private final int oldest = policy.session().ages().getLast();
    private final Deque<Observation> seen = new ArrayDeque<>(); // of the piece, the newest first
    private int piece;
    private int t;
    private double[] before = new double[0];
    private float[] actions = new float[0];
    private int k;

    Acting(Episode episode) {
      this.episode = episode;
    }

    void next(RecordedObservation recorded) {
      List<Step> steps = episode.pieces().get(piece).steps();
      Step step = steps.get(t);
      if (t == 0) {
        seen.clear();
        before = positions(step.command(), true);
        arm.actions().begin(before);
        k = executed;
      }
      seen.addFirst(observation(episode, recorded));
      if (seen.size() > oldest + 1) {
        seen.removeLast();
      }
      if (step.held()) {
        k = executed; // what is left of a chunk is dropped
      } else {
        if (k == executed) {
          actions = chunk(episode, step.command(), List.copyOf(seen));
          k = 0;
        }
        tell(episode, step.command(), before, actions, k++);
      }
      before = positions(step.command(), false);
      if (++t == steps.size()) {
        piece++;
        t = 0;
      }
    }
  }

  /**
   * A chunk of the policy.
   *
   * @param seen the newest first
   */
  private float[] chunk(Episode episode, Command command, List<Observation> seen) {
    NavigableMap<Integer, Observation> earlier = new TreeMap<>();
    for (int age : policy.session().ages()) {
      if (age > 0) {
        earlier.put(age, seen.get(Math.min(age, seen.size() - 1)));
      }
    }
    try {
      Observation now = seen.getFirst().after(earlier);
      return policy.session().draw(now, 0, new SplittableRandom(episode.seed())).actions();
    } catch (IllegalStateException | IllegalArgumentException e) {
      throw new BundleException(
          "its policy fails at tick %d of %s: %s"
              .formatted(command.tick(), episode.bag(), e.getMessage()),
          e);
    }
  }

  private Observation observation(Episode episode, RecordedObservation recorded) {
    double[] joints = ordered(recorded.jointPositions(), episode.jointNames());
    return new Observation(recorded.images(), joints, episode.instruction());
  }

  /** Compares one command of the policy with the recorded one. */
  private void tell(Episode episode, Command command, double[] before, float[] actions, int k) {
    double[] measured = positions(command, true);
    ActionMap.Target target =
        arm.actions().target(terms.measured() ? measured : before, actions, k);
    Verdict verdict =
        lockStep
            ? arm.gate().check(measured, 0, target.positions())
            : arm.gate().check(measured, 0, before, 1, target.positions());
    if (!(verdict instanceof Verdict.Allowed allowed)) {
      throw new BundleException(
          "at tick %d of %s the safety gate refuses what it wants (%s); its weights or the recording are broken"
              .formatted(command.tick(), episode.bag(), verdict));
    }
    boolean limited = !target.limits().isEmpty() || !allowed.limits().isEmpty();
    found = found.withTicks(found.ticks() + 1).withLimited(found.limited() + (limited ? 1 : 0));
    double[] recorded = positions(command, false);
    for (int j = 0; j < recorded.length; j++) {
      double difference = Math.abs(arm.joints().shortest(j, recorded[j], allowed.positions()[j]));
      if (difference > found.difference() || found.joint().isEmpty()) {
        found =
            found
                .withDifference(difference)
                .withJoint(spec.jointNames().get(j))
                .withEpisodeId(episode.id())
                .withTick(command.tick());
      }
    }
  }

  private double[] positions(Command command, boolean measured) {
    return ordered(
        measured ? command.measuredPositions() : command.positions(), command.jointNames());
  }

  /** Positions in the order of the policy's joints. */
  private double[] ordered(double[] positions, List<String> names) {
    return spec.jointNames().stream().mapToDouble(name -> positions[names.indexOf(name)]).toArray();
  }
}
