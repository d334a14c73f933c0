package dev.reverie.replay;

import dev.reverie.policy.BundleSpec;
import dev.reverie.policy.PolicyBundle;
import dev.reverie.policy.PolicyOutput;
import dev.reverie.robot.CameraFrame;
import dev.reverie.robot.FrameReader;
import dev.reverie.robot.JointReader;
import dev.reverie.robot.LivePolicy;
import dev.reverie.robot.SensorSnapshot;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** A policy that recordings are given to again: by the node, and to be asked what it would do. */
final class ReplayedPolicy implements AutoCloseable {
  private static final int THREADS = 1;

  private final Path folder;
  private final PolicyBundle bundle;
  private final ReplaySession.Mode mode;
  private @Nullable ReplaySession session;
  private @Nullable LivePolicy policy;
  private @Nullable RecordedBag lensesOf;

  private ReplayedPolicy(Path folder, PolicyBundle bundle, ReplaySession.Mode mode) {
    this.folder = folder;
    this.bundle = bundle;
    this.mode = mode;
  }

  /** Loads and checks a bundle folder. */
  static ReplayedPolicy load(Path folder, ReplaySession.Mode mode) {
    return new ReplayedPolicy(folder, PolicyBundle.load(folder), mode);
  }

  String id() {
    return bundle.id();
  }

  BundleSpec spec() {
    return bundle.spec();
  }

  /** One episode of the policy, through the robot node. */
  ReplayedEpisode play(RecordedBag bag) {
    if (session != null && !session.takes(bag)) {
      session.close();
      session = null;
    }
    if (session == null) {
      session = ReplaySession.start(folder, spec(), mode, bag);
    }
    try {
      return session.play(bag);
    } catch (RuntimeException e) { // a node that is left in the middle of an episode is of no use
      try (ReplaySession ended = session) {
        session = null;
        ended.requireGoingOn();
      }
      throw e;
    }
  }

  /**
   * The policy's output at some observations of an episode, from the same bytes and by the same way
   * as in the node.
   */
  Map<Integer, PolicyOutput> outputs(RecordedBag bag, Set<Integer> observations) {
    LivePolicy live = policy(bag);
    var joints = new JointReader(spec().jointNames(), bag.names());
    List<BundleSpec.Camera> cameras = spec().cameras();
    Map<Integer, PolicyOutput> outputs = new HashMap<>();
    bag.forEachObservation(
        observation -> {
          if (!observations.contains(observation.index())) {
            return;
          }
          List<CameraFrame> frames = new ArrayList<>();
          for (int i = 0; i < cameras.size(); i++) {
            var reader = new FrameReader(cameras.get(i), bag.compressed().get(i));
            frames.add(reader.read(observation.images().get(i), 0));
          }
          var sensed =
              new SensorSnapshot(joints.read(observation.joints(), 0).orElseThrow(), frames);
          if (sensed.fault().isEmpty()) {
            outputs.put(
                observation.index(),
                live.session().infer(live.observe(sensed, bag.episode().instruction())));
          }
        });
    return outputs;
  }

  private LivePolicy policy(RecordedBag bag) {
    if (policy != null && lensesOf != null && !bag.sameLenses(lensesOf)) {
      policy.close();
      policy = null;
    }
    if (policy == null) {
      policy = LivePolicy.open(bundle, THREADS, bag.lenses());
      lensesOf = bag;
    }
    return policy;
  }

  @Override
  public void close() {
    if (session != null) {
      session.close();
    }
    if (policy != null) {
      policy.close();
    }
  }
}
