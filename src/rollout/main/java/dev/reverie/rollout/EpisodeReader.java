package dev.reverie.rollout;

import dev.reverie.mcap.McapMessage;
import dev.reverie.msgs.CdrReader;
import dev.reverie.msgs.Stamps;
import dev.reverie.msgs.reverie.ActionChunk;
import dev.reverie.msgs.reverie.Command;
import dev.reverie.msgs.sensor_msgs.CompressedImage;
import dev.reverie.msgs.sensor_msgs.Image;
import dev.reverie.msgs.sensor_msgs.JointState;
import dev.reverie.msgs.std_msgs.Header;
import dev.reverie.rollout.Sights.Sight;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.NavigableMap;
import java.util.NavigableSet;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.function.UnaryOperator;
import org.jspecify.annotations.Nullable;

/**
 * Puts an episode together from its bag: what belongs to each command is found by stamp. The bag is
 * read twice, so that only the pictures that belong to a step are decoded and held.
 *
 * <p>Once opened it tells how the episode went, before the rest is read.
 */
public final class EpisodeReader {
  // Used where a bag tells no period: the demo's control rate, 10 Hz.
  private static final long DEFAULT_PERIOD_NANOS = 100_000_000L;

  private final BagFiles files;
  private final Alignment alignment;
  private final PictureDecoder decoder;
  private final Map<String, String> cameras; // topic by name
  private final Set<String> compressed; // topics
  private final EpisodeEvents events;
  private final Set<String> commandTopics;
  private final Set<String> chunkTopics;
  private final String jointTopic;
  private final List<Command> commands = new ArrayList<>();
  private final NavigableMap<Integer, ActionChunk> chunks = new TreeMap<>();
  private final NavigableMap<Long, JointState> jointStates = new TreeMap<>();
  private final Map<String, NavigableSet<Long>> imageStamps = new HashMap<>();

  /**
   * Reads how the bag's episode began and went.
   *
   * @throws EpisodeException where the bag is damaged, is none of ours or lacks something
   */
  public static EpisodeReader open(Path bag, Alignment alignment) {
    return open(bag, alignment, PictureDecoder.NONE);
  }

  /** As {@link #open(Path, Alignment)}, of a bag whose pictures may be compressed. */
  public static EpisodeReader open(Path bag, Alignment alignment, PictureDecoder decoder) {
    return new EpisodeReader(bag, alignment, decoder);
  }

  private EpisodeReader(Path bag, Alignment alignment, PictureDecoder decoder) {
    this.files = new BagFiles(bag);
    this.alignment = alignment;
    this.decoder = decoder;
    Map<String, String> topics = files.topics();
    events = EpisodeEvents.read(files, topics);
    Set<String> imageTopics = BagFiles.ofType(topics, Image.TYPE);
    compressed = compressedTopics(topics, imageTopics);
    imageTopics.addAll(compressed);
    if (imageTopics.isEmpty()) {
      throw missing("sensor_msgs/msg/Image or CompressedImage", topics);
    }
    cameras = CameraNames.of(imageTopics);
    commandTopics = BagFiles.ofType(topics, Command.TYPE);
    chunkTopics = BagFiles.ofType(topics, ActionChunk.TYPE);
    if (commandTopics.isEmpty()) {
      throw missing(Command.TYPE.name(), topics);
    }
    Set<String> joints = BagFiles.ofType(topics, JointState.TYPE);
    jointTopic =
        joints.stream()
            .min(Comparator.comparing((String topic) -> !topic.endsWith("/joint_states")))
            .orElseThrow(() -> missing(JointState.TYPE.name(), topics));
  }

  /** Those of cameras whose raw pictures are not there too; depth is no picture. */
  private static Set<String> compressedTopics(Map<String, String> topics, Set<String> raw) {
    Set<String> found = BagFiles.ofType(topics, CompressedImage.TYPE);
    found.removeIf(
        topic ->
            topic.endsWith("/compressedDepth")
                || raw.contains(CameraNames.withoutTransport(topic)));
    return found;
  }

  private EpisodeException missing(String type, Map<String, String> topics) {
    return new EpisodeException(
        "%s has no topic of type %s; its topics are %s. Record it too, or leave the bag out"
            .formatted(files.bag(), type, topics));
  }

  /** Names of the cameras, of which there is at least one. */
  Set<String> cameras() {
    return cameras.keySet();
  }

  /** The last outcome that the bag tells. */
  public EpisodeOutcome outcome() {
    return events.outcome();
  }

  /**
   * The whole episode; may be called once.
   *
   * @throws EpisodeException where the bag is damaged or lacks something
   */
  public Episode read() {
    return read(cameras.keySet(), UnaryOperator.identity());
  }

  /**
   * The episode with the pictures of one camera alone, each of which is let go as soon as it was
   * seen: an episode of large pictures need not fit into memory. May be called once.
   *
   * @param camera as in {@link Episode#cameras}
   * @param seen gives what is kept of a picture
   * @throws EpisodeException where the bag is damaged or lacks something, such as this camera
   */
  public Episode read(String camera, UnaryOperator<CameraImage> seen) {
    if (!cameras.containsKey(camera)) {
      throw new EpisodeException(
          "%s has the cameras %s, and '%s' is asked for; leave the bag out, or ask for one that it has"
              .formatted(files.bag(), cameras.keySet(), camera));
    }
    return read(Set.of(camera), seen);
  }

  /**
   * The episode without its pictures, none of which is decoded. May be called once.
   *
   * @throws EpisodeException where the bag is damaged or lacks something
   */
  public Episode readWithoutPictures() {
    return read(Set.of(), UnaryOperator.identity());
  }

  private Episode read(Set<String> kept, UnaryOperator<CameraImage> seen) {
    Set<String> topics = new HashSet<>(commandTopics);
    topics.addAll(chunkTopics);
    topics.add(jointTopic);
    topics.addAll(cameras.values());
    files.read(topics, this::collect);
    commands.sort(Comparator.comparingInt(Command::tick));
    if (commands.isEmpty()) {
      throw new EpisodeException(
          files.bag()
              + " has no command before its outcome: nothing was done in it; leave the bag out");
    }
    checkClock();
    List<String> jointNames = jointNames();
    Sights stamps =
        new Sights(
            files.bag(),
            alignment,
            jointTopic,
            jointStates.navigableKeySet(),
            cameras.values(),
            imageStamps);
    List<Sight> sights = // [T+1]
        stamps.of(commands, periodNanos(), events.outcome().stampNanos());
    Map<String, Map<Long, CameraImage>> pictures = pictures(sights, kept, seen);
    List<RecordedObservation> observations = new ArrayList<>();
    for (Sight sight : sights) {
      observations.add(observation(sight, jointNames, kept, pictures));
    }
    List<Step> steps = new ArrayList<>();
    for (int t = 0; t < observations.size() - 1; t++) {
      steps.add(new Step(observations.get(t), action(commands.get(t)), commands.get(t)));
    }
    dev.reverie.msgs.reverie.Episode first = events.first();
    return new Episode(
        first.episodeId(),
        files.bag(),
        first.instruction(),
        first.source(),
        first.policyId(),
        first.temperature(),
        first.seed(),
        events.outcome(),
        List.copyOf(cameras.keySet()),
        jointNames,
        steps,
        observations.getLast(),
        List.copyOf(chunks.values()));
  }

  /** What belongs to which command is found by stamp, so stamps must not come twice. */
  private void checkClock() {
    for (int i = 1; i < commands.size(); i++) {
      long before = Sights.stamp(commands.get(i - 1));
      long after = Sights.stamp(commands.get(i));
      if (after < before) {
        throw new EpisodeException(
            "%s: the clock jumped back by %.3f s between commands %d and %d; nothing can be told of what belongs together, leave the bag out"
                .formatted(
                    files.bag(),
                    (before - after) * 1e-9,
                    commands.get(i - 1).tick(),
                    commands.get(i).tick()));
      }
    }
  }

  private void collect(McapMessage message) {
    String topic = message.channel().topic();
    if (commandTopics.contains(topic)) {
      Command command = files.decode(Command.TYPE, message);
      long end = events.outcome().stampNanos();
      if (command.episodeId().equals(events.first().episodeId())
          && (end == 0 || Sights.stamp(command) < end)) {
        commands.add(command);
      }
    } else if (chunkTopics.contains(topic)) {
      ActionChunk chunk = files.decode(ActionChunk.TYPE, message);
      if (chunk.episodeId().equals(events.first().episodeId())) {
        chunks.put(chunk.index(), chunk);
      }
    } else if (topic.equals(jointTopic)) {
      JointState state = files.decode(JointState.TYPE, message);
      jointStates.put(Stamps.nanos(state.header().stamp()), state);
    } else {
      imageStamps.computeIfAbsent(topic, name -> new TreeSet<>()).add(imageStamp(message));
    }
  }

  private long imageStamp(McapMessage message) {
    try {
      return Stamps.nanos(Header.TYPE.read(new CdrReader(message.data())).stamp());
    } catch (dev.reverie.msgs.CdrException e) {
      throw new EpisodeException(
          "%s: an image of %s cannot be read: %s; leave the bag out"
              .formatted(files.bag(), message.channel().topic(), e.getMessage()),
          e);
    }
  }

  /** The commanded joints; joint states that do not tell all of them are put aside. */
  private List<String> jointNames() {
    List<String> names = commands.getFirst().jointNames();
    if (jointStates.isEmpty()) {
      throw new EpisodeException(
          "%s has no message on %s; record the joint states too"
              .formatted(files.bag(), jointTopic));
    }
    if (names.isEmpty()) {
      names = jointStates.firstEntry().getValue().name();
    }
    List<String> wanted = names;
    List<String> told = jointStates.firstEntry().getValue().name();
    jointStates.values().removeIf(state -> positions(state, wanted) == null);
    if (jointStates.isEmpty()) {
      throw new EpisodeException(
          "%s: no joint state of %s tells finite positions of all of %s; the first one tells %s. Repair the driver, and leave the bag out"
              .formatted(files.bag(), jointTopic, wanted, told));
    }
    return wanted;
  }

  private long periodNanos() {
    ActionChunk chunk = chunks.get(commands.getLast().chunk());
    long period = chunk == null ? 0 : Stamps.nanos(chunk.period());
    return period > 0 ? period : DEFAULT_PERIOD_NANOS;
  }

  /** Second pass: decodes the pictures that are part of an observation. */
  private Map<String, Map<Long, CameraImage>> pictures(
      List<Sight> sights, Set<String> kept, UnaryOperator<CameraImage> seen) {
    if (kept.isEmpty()) {
      return Map.of();
    }
    Map<String, Set<Long>> wanted = new HashMap<>();
    for (String name : kept) {
      String topic = required(cameras.get(name));
      Set<Long> stamps = wanted.computeIfAbsent(topic, key -> new HashSet<>());
      sights.forEach(sight -> stamps.add(required(sight.imageStamps().get(topic))));
    }
    Map<String, Map<Long, CameraImage>> pictures = new HashMap<>();
    files.read(
        wanted.keySet(),
        message -> {
          String topic = message.channel().topic();
          long stamp = imageStamp(message);
          if (wanted.getOrDefault(topic, Set.of()).remove(stamp)) {
            pictures
                .computeIfAbsent(topic, name -> new HashMap<>())
                .put(stamp, decode(message, seen));
          }
        });
    return pictures;
  }

  private CameraImage decode(McapMessage message, UnaryOperator<CameraImage> seen) {
    try {
      return seen.apply(
          compressed.contains(message.channel().topic())
              ? decoder.decode(files.decode(CompressedImage.TYPE, message).data())
              : CameraImage.of(files.decode(Image.TYPE, message)));
    } catch (IllegalArgumentException e) {
      throw new EpisodeException(
          "%s: %s: %s".formatted(files.bag(), message.channel().topic(), e.getMessage()), e);
    }
  }

  private RecordedObservation observation(
      Sight sight,
      List<String> jointNames,
      Set<String> kept,
      Map<String, Map<Long, CameraImage>> pictures) {
    Map<String, CameraImage> images = new HashMap<>();
    for (String name : kept) {
      String topic = required(cameras.get(name));
      images.put(name, required(required(pictures.get(topic)).get(sight.imageStamps().get(topic))));
    }
    double[] positions = required(positions(jointStates.get(sight.jointStamp()), jointNames));
    return new RecordedObservation(sight.jointStamp(), images, positions);
  }

  private float[] action(Command command) {
    if (command.source().equals("hold")) {
      return new float[0];
    }
    ActionChunk chunk = chunks.get(command.chunk());
    if (chunk == null) {
      throw new EpisodeException(
          "%s: command %d comes from action chunk %d, which is not in the bag; it has the chunks %s. Record them too, or leave the bag out"
              .formatted(files.bag(), command.tick(), command.chunk(), chunks.keySet()));
    }
    int dims = chunk.actionDim();
    long from = (long) command.action() * dims;
    if (dims < 1 || command.action() < 0 || from + dims > chunk.actions().length) {
      throw new EpisodeException(
          "%s: command %d is action %d of chunk %d, which has %d numbers for %d actions of %d; leave the bag out"
              .formatted(
                  files.bag(),
                  command.tick(),
                  command.action(),
                  chunk.index(),
                  chunk.actions().length,
                  chunk.horizon(),
                  dims));
    }
    return Arrays.copyOfRange(chunk.actions(), (int) from, (int) from + dims);
  }

  /** In the order of the names; null where one is missing or not finite. */
  private static double @Nullable [] positions(@Nullable JointState state, List<String> names) {
    if (state == null) {
      return null;
    }
    double[] positions = new double[names.size()];
    for (int i = 0; i < positions.length; i++) {
      int at = state.name().indexOf(names.get(i));
      if (at < 0 || at >= state.position().length || !Double.isFinite(state.position()[at])) {
        return null;
      }
      positions[i] = state.position()[at];
    }
    return positions;
  }

  private static <T> T required(@Nullable T value) {
    if (value == null) {
      throw new IllegalStateException(
          "a message was there in the first pass and not in the second");
    }
    return value;
  }
}
