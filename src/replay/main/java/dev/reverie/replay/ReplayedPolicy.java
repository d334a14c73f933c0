package dev.reverie.replay;

import dev.reverie.policy.BundleSpec;
import dev.reverie.policy.PolicyBundle;
import dev.reverie.policy.PolicyOutput;
import dev.reverie.robot.sense.CameraFrame;
import dev.reverie.robot.sense.FrameReader;
import dev.reverie.robot.sense.JointReader;
import dev.reverie.robot.sense.SensorSnapshot;
import dev.reverie.robot.sense.Sights;
import dev.reverie.robot.swap.LivePolicy;
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
   * as in the node; where its graph takes them, given what was carried out until the chunk of the
   * recording began.
   */
  Map<Integer, PolicyOutput> outputs(RecordedBag bag, Set<Integer> observations) {
    Map<Integer, float[]> ahead = new HashMap<>();
    ExecutedChunk.of(bag.episode(), spec().chunk().horizon())
        .forEach(chunk -> ahead.putIfAbsent(chunk.observation(), chunk.ahead()));
    LivePolicy live = policy(bag);
    var joints = new JointReader(spec().jointNames(), bag.names());
    List<BundleSpec.Camera> cameras = spec().cameras();
    Map<Integer, PolicyOutput> outputs = new HashMap<>();
    List<Integer> ages = live.session().ages();
    int back = ages.getLast();
    var sights = new Sights(Math.round(spec().chunk().periodS() * 1e9));
    bag.forEachObservation(
        observation -> {
          boolean asked = observations.contains(observation.index());
          if (!asked && back == 0) {
            return;
          }
          List<CameraFrame> frames = new ArrayList<>();
          for (int i = 0; i < cameras.size(); i++) {
            var reader = new FrameReader(cameras.get(i), bag.compressed().get(i));
            frames.add(reader.read(observation.images().get(i), 0));
          }
          var sensed =
              new SensorSnapshot(joints.read(observation.joints(), 0).orElseThrow(), frames);
          if (sensed.fault().isPresent()) {
            return;
          }
          sights.add(sensed, back);
          if (asked) {
            var seen =
                live.observe(sensed, sights.before(sensed, ages), bag.episode().instruction());
            float[] told = ahead.getOrDefault(observation.index(), new float[0]);
            outputs.put(observation.index(), live.session().infer(seen.deciding(live.told(told))));
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
