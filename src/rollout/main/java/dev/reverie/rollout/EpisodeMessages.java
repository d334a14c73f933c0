package dev.reverie.rollout;

import dev.reverie.mcap.McapMessage;
import dev.reverie.msgs.CdrException;
import dev.reverie.msgs.CdrReader;
import dev.reverie.msgs.Stamps;
import dev.reverie.msgs.reverie.ActionChunk;
import dev.reverie.msgs.reverie.Command;
import dev.reverie.msgs.sensor_msgs.JointState;
import dev.reverie.msgs.std_msgs.Header;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.NavigableMap;
import java.util.NavigableSet;
import java.util.Objects;
import java.util.OptionalLong;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.stream.Stream;

/**
 * The messages of an episode, without its pictures, of which the stamps alone are kept.
 *
 * @param commands before the outcome, by tick; at least one, of stamps that do not go back
 * @param chunks by index
 * @param jointNames of the joints that were commanded, in the order of the commands
 * @param jointPositions rad, in the order of the names, by stamp; at least one
 * @param imageStamps by topic
 */
record EpisodeMessages(
    Path bag,
    List<Command> commands,
    NavigableMap<Integer, ActionChunk> chunks,
    List<String> jointNames,
    NavigableMap<Long, double[]> jointPositions,
    Map<String, NavigableSet<Long>> imageStamps) {
  /** Used where a bag tells no period: the demo's control rate, 10 Hz. */
  static final long USUAL_PERIOD_NANOS = 100_000_000L;

  /**
   * Reads the messages of a bag's episode.
   *
   * @throws EpisodeException where the bag is damaged, or lacks commands or joint states
   */
  static EpisodeMessages read(BagFiles files, EpisodeTopics topics, EpisodeEvents events) {
    String id = events.first().episodeId();
    long end = events.outcome().stampNanos();
    List<Command> commands = new ArrayList<>();
    NavigableMap<Integer, ActionChunk> chunks = new TreeMap<>();
    List<JointState> states = new ArrayList<>();
    Map<String, NavigableSet<Long>> imageStamps = new HashMap<>();
    files.read(
        topics.all(),
        message -> {
          String topic = message.channel().topic();
          if (topics.commands().contains(topic)) {
            Command command = files.decode(Command.TYPE, message);
            if (command.episodeId().equals(id) && (end == 0 || stampNanos(command) < end)) {
              commands.add(command);
            }
          } else if (topics.chunks().contains(topic)) {
            ActionChunk chunk = files.decode(ActionChunk.TYPE, message);
            if (chunk.episodeId().equals(id)) {
              chunks.put(chunk.index(), chunk);
            }
          } else if (topics.joints().contains(topic)) {
            states.add(files.decode(JointState.TYPE, message));
          } else {
            imageStamps
                .computeIfAbsent(topic, name -> new TreeSet<>())
                .add(imageStampNanos(files.bag(), message));
          }
        });
    commands.sort(Comparator.comparingInt(Command::tick));
    if (commands.isEmpty()) {
      throw new EpisodeException(
          files.bag()
              + " has no command before its outcome: nothing was done in it; leave the bag out");
    }
    requireClock(files.bag(), commands);
    if (states.isEmpty()) {
      throw new EpisodeException(
          "%s has no message on %s; record the joint states too"
              .formatted(files.bag(), String.join(", ", topics.joints())));
    }
    List<String> told = states.getFirst().name();
    List<String> commanded = commands.getFirst().jointNames();
    List<String> jointNames = commanded.isEmpty() ? told : commanded;
    JointNames names = RecordedConfiguration.of(events.first().configuration()).jointNames();
    NavigableMap<Long, double[]> jointPositions = merged(states, names.inMessages(jointNames));
    if (jointPositions.isEmpty()) {
      throw new EpisodeException(
          "%s: no joint state of %s tells finite positions of all of %s; the first one tells %s. Repair the driver, and leave the bag out"
              .formatted(files.bag(), String.join(", ", topics.joints()), jointNames, told));
    }
    return new EpisodeMessages(
        files.bag(), commands, chunks, jointNames, jointPositions, imageStamps);
  }

  /** Refuses stamps that come twice: what belongs to which command is found by them. */
  private static void requireClock(Path bag, List<Command> commands) {
    for (int i = 1; i < commands.size(); i++) {
      long before = stampNanos(commands.get(i - 1));
      long after = stampNanos(commands.get(i));
      if (after < before) {
        throw new EpisodeException(
            "%s: the clock jumped back by %.3f s between commands %d and %d; nothing can be told of what belongs together, leave the bag out"
                .formatted(
                    bag,
                    (before - after) * 1e-9,
                    commands.get(i - 1).tick(),
                    commands.get(i).tick()));
      }
    }
  }

  /** The stamp of the observation that a command answers. */
  static long stampNanos(Command command) {
    return Stamps.nanos(command.header().stamp());
  }

  /** The stamp of a picture, raw or compressed. */
  static long imageStampNanos(Path bag, McapMessage message) {
    try {
      return Stamps.nanos(Header.TYPE.read(new CdrReader(message.data())).stamp());
    } catch (CdrException e) {
      throw new EpisodeException(
          "%s: an image of %s cannot be read: %s; leave the bag out"
              .formatted(bag, message.channel().topic(), e.getMessage()),
          e);
    }
  }

  /** Positions by stamp, of the states in which all are finite. */
  private static NavigableMap<Long, double[]> merged(List<JointState> states, List<String> names) {
    var joints = new MergedJoints(names);
    NavigableMap<Long, double[]> positions = new TreeMap<>();
    for (JointState message : states) {
      joints
          .add(message, JointReading.NEVER.source())
          .filter(state -> Arrays.stream(state.positions()).allMatch(Double::isFinite))
          .ifPresent(state -> positions.put(state.stampNanos(), state.positions()));
    }
    return positions;
  }

  /** The positions that a joint state of this stamp told. */
  double[] jointPositions(long stampNanos) {
    return Objects.requireNonNull(jointPositions.get(stampNanos));
  }

  /** Time from one command to the next, as the last one's chunk tells, or else any. */
  OptionalLong periodNanos() {
    ActionChunk last = chunks.get(commands.getLast().chunk());
    return Stream.concat(Stream.ofNullable(last), chunks.values().stream())
        .mapToLong(chunk -> Stamps.nanos(chunk.period()))
        .filter(period -> period > 0)
        .findFirst();
  }

  /** Tells why the action that a command carried out cannot be told; empty where it can. */
  String actionProblem(Command command) {
    if (command.source().equals(Command.HOLD)) {
      return "";
    }
    ActionChunk chunk = chunks.get(command.chunk());
    if (chunk == null) {
      return "it comes from action chunk %d, which is not in the bag; it has the chunks %s"
          .formatted(command.chunk(), chunks.keySet());
    }
    int dims = chunk.actionDim();
    if (dims < 1
        || command.action() < 0
        || (command.action() + 1L) * dims > chunk.actions().length) {
      return "it is action %d of chunk %d, which has %d numbers for %d actions of %d"
          .formatted(
              command.action(), chunk.index(), chunk.actions().length, chunk.horizon(), dims);
    }
    return "";
  }

  /** The action that a command of no problem carried out; empty where it held the arm still. */
  float[] action(Command command) {
    if (command.source().equals(Command.HOLD)) {
      return new float[0];
    }
    ActionChunk chunk = Objects.requireNonNull(chunks.get(command.chunk()));
    int from = command.action() * chunk.actionDim();
    return Arrays.copyOfRange(chunk.actions(), from, from + chunk.actionDim());
  }
}
