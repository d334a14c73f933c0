package dev.reverie.robot.sense;

import dev.reverie.msgs.CdrException;
import dev.reverie.msgs.sensor_msgs.JointState;
import dev.reverie.robot.sense.HoldReason.Kind;
import dev.reverie.rollout.JointNames;
import dev.reverie.rollout.JointReading;
import dev.reverie.rollout.JointReading.Source;
import dev.reverie.rollout.MergedJoints;
import dev.reverie.rollout.MergedJoints.State;
import dev.reverie.rollout.NearestNames;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/**
 * Merges joint states into the order of the policy's joints, and says what is wrong with them. Not
 * thread-safe.
 */
public final class JointReader {
  /** Names that are kept to be told where one is missing. */
  private static final int MOST_NAMES = 200;

  private final List<String> joints;
  private final List<String> names; // of the joints in messages
  private final boolean lockStep;
  private final JointPublishers publishers;
  private final MergedJoints merged;
  private final Set<String> heard = new LinkedHashSet<>();
  private final Map<Integer, HoldReason> faults = new HashMap<>(); // of the last message of a joint

  /**
   * Creates a reader of recorded joint states.
   *
   * @param names that the joints have in messages
   */
  public JointReader(List<String> joints, JointNames names) {
    this(joints, names, JointPublishers.unknown(joints), true);
  }

  /**
   * Creates a reader.
   *
   * @param names that the joints have in messages
   * @param lockStep whether time stands still between the observations: a stamp of 0 is one, and
   *     what a publisher leaves out is missing
   */
  public JointReader(
      List<String> joints, JointNames names, JointPublishers publishers, boolean lockStep) {
    this.joints = joints;
    this.names = names.inMessages(joints);
    this.publishers = publishers;
    this.lockStep = lockStep;
    merged = new MergedJoints(this.names);
  }

  /**
   * Reads a message of the only publisher.
   *
   * @param message CDR
   * @return empty where it makes no joint state: it has none of the joints, or was overtaken
   */
  public Optional<JointSample> read(byte[] message, long arrivalNanos) {
    return read(new Source(0, message, arrivalNanos), "");
  }

  /** Reads a message of a publisher: its identity, as the graph has it. */
  public Optional<JointSample> read(Source source, String publisher) {
    try {
      JointState state = JointState.TYPE.decode(source.message());
      if (heard.size() < MOST_NAMES) {
        heard.addAll(state.name());
      }
      if (MergedJoints.tellsNoPositions(state)) {
        return withoutPositions(state, source);
      }
      List<Integer> told = told(state);
      if (told.isEmpty()) {
        return stranger(source);
      }
      return publishers.counts(told, publisher, source.arrivalNanos())
          ? merged
              .add(checked(state, told), source)
              .map(whole -> lockStep ? withoutLeftOut(whole, told, publisher) : whole)
              .map(whole -> sample(whole, source))
          : Optional.empty();
    } catch (CdrException e) {
      return Optional.of(
          without(
              source,
              HoldReason.of(
                  Kind.BAD_JOINT_STATE, "joint state cannot be read: " + e.getMessage())));
    }
  }

  /** Messages that were heard last of the joints, in the order in which they came. */
  public List<Source> newest() {
    return new JointSample(0, new double[0], merged.readings(), Optional.empty(), 0).sources();
  }

  /** Places of the joints that a message names. */
  private List<Integer> told(JointState state) {
    List<Integer> told = new ArrayList<>();
    for (int i = 0; i < names.size(); i++) {
      if (state.name().contains(names.get(i))) {
        told.add(i);
      }
    }
    return told;
  }

  /** The message, or one without positions where it does not say which is whose. */
  private JointState checked(JointState state, List<Integer> told) {
    Optional<HoldReason> fault = form(state, told);
    for (int i : told) {
      fault.ifPresentOrElse(reason -> faults.put(i, reason), () -> faults.remove(i));
    }
    return fault.isPresent() ? state.withPosition(nowhere(state.name().size())) : state;
  }

  private static double[] nowhere(int size) {
    double[] positions = new double[size];
    Arrays.fill(positions, Double.NaN);
    return positions;
  }

  /** Takes notice of joints without positions, as long as nobody has told theirs. */
  private Optional<JointSample> withoutPositions(JointState state, Source source) {
    List<Integer> unknown =
        told(state).stream().filter(i -> !merged.readings().get(i).isKnown()).toList();
    Optional<HoldReason> fault = unknown.isEmpty() ? Optional.empty() : form(state, unknown);
    fault.ifPresent(reason -> unknown.forEach(i -> faults.put(i, reason)));
    return fault.isPresent() && !knowsAny()
        ? fault.map(reason -> without(source, reason))
        : stranger(source);
  }

  private Optional<HoldReason> form(JointState state, List<Integer> told) {
    if (state.position().length != state.name().size()) {
      return bad(
          joints.get(told.getFirst()),
          "joint state has %d positions for %d names; repair the arm's driver",
          state.position().length,
          state.name().size());
    }
    Set<String> once = new HashSet<>();
    for (String name : state.name()) {
      if (!once.add(name) && names.contains(name)) {
        return bad(
            joints.get(names.indexOf(name)),
            "joint state names '%s' more than once; repair the arm's driver",
            name);
      }
    }
    return Optional.empty();
  }

  /** Tells what is missing as long as nothing is known. */
  private Optional<JointSample> stranger(Source source) {
    return knowsAny() ? Optional.empty() : Optional.of(without(source, missing(0)));
  }

  private boolean knowsAny() {
    return merged.readings().stream().anyMatch(JointReading::isKnown);
  }

  private JointSample without(Source source, HoldReason fault) {
    return new JointSample(
        0,
        nowhere(joints.size()),
        Collections.nCopies(joints.size(), JointReading.NEVER),
        Optional.of(fault),
        source.arrivalNanos());
  }

  /** The state without the joints that this publisher told before, and now left out. */
  private State withoutLeftOut(State state, List<Integer> told, String publisher) {
    List<JointReading> readings = new ArrayList<>(state.readings());
    for (int i = 0; i < readings.size(); i++) {
      if (!told.contains(i) && publishers.isBy(i, publisher)) {
        readings.set(i, JointReading.NEVER);
      }
    }
    return new State(state.stampNanos(), readings);
  }

  private JointSample sample(State state, Source source) {
    return new JointSample(
        state.stampNanos(),
        state.positions(),
        state.readings(),
        publishers.fault().or(() -> fault(state)),
        source.arrivalNanos());
  }

  private Optional<HoldReason> fault(State state) {
    for (int i = 0; i < joints.size(); i++) {
      JointReading reading = state.readings().get(i);
      HoldReason before = faults.get(i);
      if (before != null) {
        return Optional.of(before);
      } else if (!reading.isKnown()) {
        return Optional.of(missing(i));
      } else if (!Double.isFinite(reading.position())) {
        return bad(
            joints.get(i),
            "position of joint '%s' is %s; check its encoder and driver",
            joints.get(i),
            reading.position());
      } else if (!lockStep && reading.stampNanos() == 0) {
        return bad(
            joints.get(i),
            "joint states have the stamp 0 (joint '%s'); the driver does not set header.stamp:"
                + " repair it, without a stamp nobody knows how old they are",
            joints.get(i));
      }
    }
    return Optional.empty();
  }

  private HoldReason missing(int joint) {
    String wanted = names.get(joint);
    return HoldReason.about(
        Kind.BAD_JOINT_STATE,
        joints.get(joint),
        "joint '%s' is not in the joint states, which have %s; nearest: %s. Start the driver that"
            + " publishes it, or say by joint_names or joint_prefix how it is called",
        wanted,
        heard,
        NearestNames.of(wanted, heard));
  }

  private static Optional<HoldReason> bad(String about, String format, Object... values) {
    return Optional.of(HoldReason.about(Kind.BAD_JOINT_STATE, about, format, values));
  }
}
