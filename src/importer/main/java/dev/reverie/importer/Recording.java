package dev.reverie.importer;

import dev.reverie.msgs.CdrException;
import dev.reverie.msgs.CdrReader;
import dev.reverie.msgs.MessageType;
import dev.reverie.msgs.Stamps;
import dev.reverie.msgs.sensor_msgs.CameraInfo;
import dev.reverie.msgs.sensor_msgs.CompressedImage;
import dev.reverie.msgs.sensor_msgs.Image;
import dev.reverie.msgs.sensor_msgs.JointState;
import dev.reverie.msgs.std_msgs.Bool;
import dev.reverie.msgs.std_msgs.Header;
import dev.reverie.msgs.trajectory_msgs.JointTrajectory;
import dev.reverie.rollout.BagMessages;
import dev.reverie.rollout.CameraCalibration;
import dev.reverie.rollout.NearestNames;
import java.lang.foreign.MemorySegment;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.NavigableMap;
import java.util.NavigableSet;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.function.Consumer;

/** A bag as far as a mapping needs it, but for the pictures, of which the times alone are held. */
final class Recording {
  private final Path bag;
  private final Mapping mapping;
  private final BagMessages messages;
  private final List<Raw> raw = new ArrayList<>();
  private final Map<String, List<BagClock.Times>> stamps = new LinkedHashMap<>();
  private final Map<String, CameraInfo> infos = new HashMap<>(); // by camera
  private final Map<String, NavigableSet<Long>> images = new HashMap<>(); // by topic
  private final Map<String, NavigableMap<Long, String>> texts = new HashMap<>(); // by topic
  private final JointTrack joints;
  private final Map<String, CommandTrack> commands = new LinkedHashMap<>(); // by topic
  private BagClock clock = new BagClock(true, Set.of(), 0);

  /** A message that is looked at once the clock is known. */
  private record Raw(String topic, BagClock.Times times, Optional<Object> message) {}

  private Recording(Path bag, Mapping mapping, BagMessages messages) {
    this.bag = bag;
    this.mapping = mapping;
    this.messages = messages;
    List<String> names = mapping.arm().joints();
    joints = new JointTrack(names, mapping.joints().names(), mapping.units());
    mapping.commands().forEach(c -> commands.put(c.topic(), new CommandTrack(names, c)));
  }

  /**
   * Reads a bag.
   *
   * @param tell takes a line for what is taken otherwise than it stands
   * @throws ImportException where a topic is missing, of another type, or says nothing of the arm
   */
  static Recording read(Path bag, Mapping mapping, Consumer<String> tell) {
    var recording = new Recording(bag, mapping, BagMessages.open(bag));
    recording.requireTopics();
    recording.messages.forEach(recording.wanted(), recording::take);
    recording.clock = BagClock.of(recording.stamps, mapping.received(), tell);
    recording.raw.forEach(recording::sort);
    recording.raw.clear();
    recording.check(tell);
    return recording;
  }

  Path bag() {
    return bag;
  }

  BagMessages messages() {
    return messages;
  }

  JointTrack joints() {
    return joints;
  }

  Map<String, CommandTrack> commands() {
    return commands;
  }

  /** Returns when a camera's pictures were taken. */
  NavigableSet<Long> images(String topic) {
    return images.getOrDefault(topic, new TreeSet<>());
  }

  /** Values of a topic by time, as texts. */
  NavigableMap<Long, String> texts(String topic) {
    return texts.getOrDefault(topic, new TreeMap<>());
  }

  /** The calibration of a camera, where there is one. */
  Optional<CameraInfo> info(String camera) {
    return Optional.ofNullable(infos.get(camera));
  }

  /** Returns when a picture of a topic was taken. */
  long imageNanos(BagMessages.Message message) {
    return clock.nanos(message.topic(), times(message));
  }

  boolean compressed(String topic) {
    return CompressedImage.TYPE.name().equals(messages.types().get(topic));
  }

  /** A topic that a key of the mapping names, with the types that it may have. */
  private record Needed(String key, String topic, Set<String> types) {
    /** Says that it is not there, and which of a type that it may have are nearest. */
    String missing(Map<String, String> there) {
      List<String> fitting =
          there.keySet().stream().filter(name -> types.contains(there.get(name))).toList();
      return fitting.isEmpty()
          ? "%s: there is no topic '%s', and none of %s; the nearest are %s"
              .formatted(
                  key,
                  topic,
                  String.join(" or ", new TreeSet<>(types)),
                  NearestNames.of(topic, there.keySet()))
          : "%s: there is no topic '%s'; of those of such a type the nearest are %s"
              .formatted(key, topic, NearestNames.of(topic, fitting));
    }
  }

  private List<Needed> needed() {
    List<Needed> needed = new ArrayList<>();
    Set<String> pictures = Set.of(Image.TYPE.name(), CompressedImage.TYPE.name());
    mapping
        .cameras()
        .forEach(
            (name, camera) -> {
              needed.add(new Needed("cameras: " + name, camera.topic(), pictures));
              if (!camera.info().isEmpty()) {
                Set<String> info = Set.of(CameraInfo.TYPE.name());
                needed.add(new Needed("cameras: " + name + ": info", camera.info(), info));
              }
            });
    for (String topic : mapping.joints().topics()) {
      needed.add(new Needed("joints", topic, Set.of(JointState.TYPE.name())));
    }
    for (String topic : commands.keySet()) {
      needed.add(new Needed("commands", topic, CommandTrack.TYPES.keySet()));
    }
    Set<String> text = Set.of(Values.TEXT);
    textTopic(mapping.instruction()).ifPresent(t -> needed.add(new Needed("instruction", t, text)));
    textTopic(mapping.description())
        .ifPresent(t -> needed.add(new Needed("robot_description", t, text)));
    if (mapping.outcome() instanceof Mapping.Outcome.OfTopic of) {
      needed.add(new Needed("outcome", of.topic(), Values.TYPES.keySet()));
    }
    if (mapping.cut() instanceof Mapping.Cut.WhileTrue of) {
      needed.add(new Needed("episodes", of.topic(), Set.of(Bool.TYPE.name())));
    }
    return needed;
  }

  private void requireTopics() {
    Map<String, String> types = messages.types();
    List<String> problems = new ArrayList<>();
    for (Needed one : needed()) {
      String type = types.getOrDefault(one.topic, "");
      if (type.isEmpty()) {
        problems.add(one.missing(types));
      } else if (!one.types.contains(type)) {
        problems.add(
            "%s: topic '%s' is a %s, and one of %s is needed"
                .formatted(one.key, one.topic, type, new TreeSet<>(one.types)));
      }
    }
    if (!problems.isEmpty()) {
      throw new ImportException(
          "%s does not fit %s: %s. It has the topics %s"
              .formatted(bag, mapping.file(), String.join("; ", problems), types));
    }
  }

  private static Optional<String> textTopic(Mapping.Text text) {
    return text instanceof Mapping.Text.OfTopic of ? Optional.of(of.topic()) : Optional.empty();
  }

  private Optional<String> infoTopic(Mapping.Camera camera) {
    String topic =
        camera.info().isEmpty() ? CameraCalibration.topic(camera.topic()) : camera.info();
    return CameraInfo.TYPE.name().equals(messages.types().get(topic))
        ? Optional.of(topic)
        : Optional.empty();
  }

  private Set<String> wanted() {
    Set<String> wanted = new TreeSet<>();
    needed().forEach(one -> wanted.add(one.topic));
    mapping.cameras().values().forEach(camera -> infoTopic(camera).ifPresent(wanted::add));
    return wanted;
  }

  private void take(BagMessages.Message message) {
    String type = messages.types().getOrDefault(message.topic(), "");
    BagClock.Times times = times(message);
    if (headed(type) && !type.equals(JointTrajectory.TYPE.name())) {
      stamps.computeIfAbsent(message.topic(), topic -> new ArrayList<>()).add(times);
    }
    if (type.equals(CameraInfo.TYPE.name())) {
      mapping
          .cameras()
          .forEach(
              (name, camera) -> {
                if (infoTopic(camera).filter(message.topic()::equals).isPresent()) {
                  infos.computeIfAbsent(name, key -> decode(CameraInfo.TYPE, message));
                }
              });
      return;
    }
    boolean picture = type.equals(Image.TYPE.name()) || type.equals(CompressedImage.TYPE.name());
    Optional<Object> content =
        picture
            ? Optional.empty()
            : Optional.of(
                Values.TYPES.containsKey(type)
                    ? Values.of(type, this, message)
                    : decode(wantedType(type), message));
    raw.add(new Raw(message.topic(), times, content));
  }

  private static MessageType<?> wantedType(String type) {
    MessageType<?> command = CommandTrack.TYPES.get(type);
    return command == null ? JointState.TYPE : command;
  }

  <T> T decode(MessageType<T> type, BagMessages.Message message) {
    try {
      return type.decode(message.data());
    } catch (CdrException | IllegalArgumentException e) {
      throw new ImportException(
          "%s: a message of %s is no %s: %s"
              .formatted(bag, message.topic(), type.name(), e.getMessage()),
          e);
    }
  }

  private boolean headed(String type) {
    return Set.of(
            Image.TYPE.name(),
            CompressedImage.TYPE.name(),
            JointState.TYPE.name(),
            JointTrajectory.TYPE.name())
        .contains(type);
  }

  private BagClock.Times times(BagMessages.Message message) {
    long stamp = 0;
    if (headed(messages.types().getOrDefault(message.topic(), ""))) {
      try {
        var reader = new CdrReader(MemorySegment.ofArray(message.data()));
        stamp = Stamps.nanos(Header.TYPE.read(reader).stamp());
      } catch (CdrException e) {
        throw new ImportException(
            "%s: a message of %s cannot be read: %s"
                .formatted(bag, message.topic(), e.getMessage()),
            e);
      }
    }
    return new BagClock.Times(stamp, message.logNanos());
  }

  /** Puts a message where it belongs. */
  private void sort(Raw message) {
    long nanos = clock.nanos(message.topic, message.times);
    if (message.message.isEmpty()) {
      images.computeIfAbsent(message.topic, topic -> new TreeSet<>()).add(nanos);
      return;
    }
    Object content = message.message.get();
    if (content instanceof String text) {
      texts.computeIfAbsent(message.topic, topic -> new TreeMap<>()).put(nanos, text);
      return;
    }
    if (content instanceof JointState state && mapping.joints().topics().contains(message.topic)) {
      joints.add(nanos, state);
    }
    CommandTrack track = commands.get(message.topic);
    if (track != null) {
      track.add(nanos, content);
    }
  }

  private void check(Consumer<String> tell) {
    List<String> missing = joints.missing();
    if (!missing.isEmpty()) {
      throw new ImportException(
          "%s: no message on %s tells the joints %s; it tells %s. Say in %s which is which: joints: {names: {NAME_IN_BAG: %s}}"
              .formatted(
                  bag,
                  mapping.joints().topics(),
                  missing,
                  joints.told(),
                  mapping.file(),
                  missing.getFirst()));
    }
    commands.forEach(
        (topic, track) -> {
          if (track.times().isEmpty()) {
            throw new ImportException(
                "%s: no message on %s sends one of the joints %s anywhere; it names %s. Say in %s which is which: commands: {topic: %s, names: {NAME_IN_BAG: JOINT}}"
                    .formatted(
                        bag, topic, mapping.arm().joints(), track.told(), mapping.file(), topic));
          }
          if (track.unusable() > 0) {
            tell.accept(
                "%d messages on %s send no joint of the arm anywhere"
                    .formatted(track.unusable(), topic));
          }
        });
    joints.strange().refuse(bag + ": joints", mapping, "units: {%s}");
    commands.forEach(
        (topic, track) ->
            track
                .strange()
                .refuse(
                    bag + ": commands on " + topic,
                    mapping,
                    "commands: {topic: " + topic + ", units: {%s}}"));
    for (Mapping.Camera camera : mapping.cameras().values()) {
      if (images(camera.topic()).isEmpty()) {
        throw new ImportException("%s: %s has no message".formatted(bag, camera.topic()));
      }
    }
  }
}
