package dev.reverie.rollout;

import dev.reverie.mcap.McapMessage;
import dev.reverie.msgs.MessageType;
import dev.reverie.msgs.reverie.Command;
import dev.reverie.msgs.sensor_msgs.CameraInfo;
import dev.reverie.msgs.sensor_msgs.CompressedImage;
import dev.reverie.msgs.sensor_msgs.Image;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.function.BiConsumer;
import java.util.function.Consumer;
import java.util.function.IntFunction;
import java.util.function.UnaryOperator;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * Puts an episode together from its bag: what belongs to each command is found by stamp. The bag is
 * read twice, so that only the pictures that belong to a step are decoded and held.
 *
 * <p>Once opened it tells how the episode went, before the rest is read.
 */
public final class EpisodeReader {
  private final BagFiles files;
  private final Alignment alignment;
  private final PictureDecoder decoder;
  private final EpisodeEvents events;
  private final EpisodeTopics topics;

  private EpisodeReader(
      BagFiles files,
      Alignment alignment,
      PictureDecoder decoder,
      EpisodeEvents events,
      EpisodeTopics topics) {
    this.files = files;
    this.alignment = alignment;
    this.decoder = decoder;
    this.events = events;
    this.topics = topics;
  }

  /**
   * Reads how the bag's episode began and went.
   *
   * @throws EpisodeException where the bag is damaged, is none of ours or lacks something
   */
  public static EpisodeReader open(Path bag, Alignment alignment) {
    return open(bag, alignment, PictureDecoder.NONE);
  }

  /** Opens a bag as {@link #open(Path, Alignment)} does, whose pictures may be compressed. */
  public static EpisodeReader open(Path bag, Alignment alignment, PictureDecoder decoder) {
    BagFiles files = new BagFiles(bag);
    Map<String, String> types = files.topics();
    EpisodeEvents events = EpisodeEvents.read(files, types);
    EpisodeTopics topics = EpisodeTopics.of(bag, types, events.first().configuration());
    return new EpisodeReader(files, alignment, decoder, events, topics);
  }

  /** Topics whose joint states are merged, in the order in which the recorder counts them. */
  public List<String> jointTopics() {
    return topics.joints();
  }

  /** The names that the joints have in the bag's messages and URDF. */
  public JointNames jointNames() {
    return RecordedConfiguration.of(configuration()).jointNames();
  }

  /** Names of the cameras, of which there is at least one. */
  public Set<String> cameras() {
    return topics.cameras().keySet();
  }

  /** Names of the cameras that a policy sees; all where the bag does not tell. */
  public Set<String> seenCameras() {
    return topics.seen();
  }

  /**
   * Names of the cameras that a policy sees, and of all that have a picture at each of the steps:
   * with them the episode has as many.
   *
   * @throws EpisodeException where the bag is damaged or lacks something
   */
  public Set<String> completeCameras() {
    Set<String> complete = new TreeSet<>(topics.seen());
    if (complete.containsAll(cameras())) {
      return complete; // nothing need be read
    }
    EpisodeMessages messages = EpisodeMessages.read(files, topics, events);
    Pieces seen = pieces(messages, topics.seen());
    for (String camera : cameras()) {
      Set<String> more = new TreeSet<>(topics.seen());
      if (more.add(camera) && pieces(messages, more).pieces().equals(seen.pieces())) {
        complete.add(camera);
      }
    }
    return complete;
  }

  private Pieces pieces(EpisodeMessages messages, Set<String> cameras) {
    return Pieces.of(messages, matches(messages, cameras));
  }

  /** Returns what belongs to each command, and to the end, [T+1]. */
  private List<StampMatcher.Match> matches(EpisodeMessages messages, Set<String> cameras) {
    return new StampMatcher(alignment, topics, cameras, messages)
        .observed(events.outcome().stampNanos());
  }

  /** Topics by camera name, as the recorder called them; empty where the bag does not tell. */
  public Map<String, String> namedCameras() {
    return CameraNames.told(topics.types().keySet(), configuration());
  }

  /** The last outcome that the bag tells. */
  public EpisodeOutcome outcome() {
    return events.outcome();
  }

  /**
   * Returns whether the episode is a success of which nobody said when it came: it was labelled as
   * one after it had ended otherwise, and its stamp is that of the end.
   */
  public boolean late() {
    return events.late();
  }

  /** Parameters of the node that recorded it, as JSON; empty where the bag does not tell. */
  public String configuration() {
    return events.first().configuration();
  }

  /**
   * The calibration that a camera told first; empty where none was recorded.
   *
   * @param camera as in {@link Episode#cameras}
   * @throws EpisodeException where the bag is damaged, or what it tells is no calibration
   */
  public Optional<CameraCalibration> calibration(String camera) {
    try {
      return told(camera).map(CameraCalibration::of);
    } catch (IllegalArgumentException e) {
      throw new EpisodeException(
          "%s: camera_info of camera '%s': %s".formatted(files.bag(), camera, e.getMessage()), e);
    }
  }

  /** The frame that a camera_info names, as the camera's optical one; empty where there is none. */
  public Optional<String> opticalFrame(String camera) {
    return told(camera).map(info -> info.header().frameId());
  }

  private Optional<CameraInfo> told(String camera) {
    return topics.calibration(camera).flatMap(topic -> first(CameraInfo.TYPE, topic));
  }

  /** The arm's URDF; empty where none was recorded. */
  public Optional<String> description() {
    MessageType<dev.reverie.msgs.std_msgs.String> type = dev.reverie.msgs.std_msgs.String.TYPE;
    return BagFiles.ofType(topics.types(), type).stream()
        .filter(topic -> topic.endsWith(RolloutTopic.ROBOT_DESCRIPTION.name()))
        .findFirst()
        .flatMap(topic -> first(type, topic))
        .map(dev.reverie.msgs.std_msgs.String::data);
  }

  private <T> Optional<T> first(MessageType<T> type, String topic) {
    List<T> told = new ArrayList<>();
    files.readFirst(Set.of(topic), message -> told.add(files.decode(type, message)));
    return told.stream().findFirst();
  }

  /**
   * Reads the whole episode; of its pictures those of the cameras that a policy sees.
   *
   * @throws EpisodeException where the bag is damaged or lacks something
   */
  public Episode read() {
    return readCameras(asTheyAre(topics.seen()));
  }

  /**
   * Reads the episode with the pictures of these cameras.
   *
   * @throws EpisodeException where the bag is damaged or lacks something, such as one of these
   */
  public Episode read(Set<String> cameras) {
    return read(asTheyAre(cameras));
  }

  /**
   * Reads the episode with the pictures of one camera alone, each of which is let go as soon as it
   * was seen: an episode of large pictures need not fit into memory.
   *
   * @param camera as in {@link Episode#cameras}
   * @param seen gives what is kept of a picture
   * @throws EpisodeException where the bag is damaged or lacks something, such as this camera
   */
  public Episode read(String camera, UnaryOperator<CameraImage> seen) {
    return read(Map.of(camera, seen));
  }

  /**
   * Reads the episode with the pictures of some cameras alone, each of which is let go as soon as
   * it was seen.
   *
   * @param seen gives what is kept of a picture, by the camera's name as in {@link Episode#cameras}
   * @throws EpisodeException where the bag is damaged or lacks something, such as one of these
   */
  public Episode read(Map<String, UnaryOperator<CameraImage>> seen) {
    requireCameras(seen.keySet());
    return readCameras(seen);
  }

  private void requireCameras(Set<String> asked) {
    for (String camera : asked) {
      if (!cameras().contains(camera)) {
        throw new EpisodeException(
            "%s has the cameras %s, and '%s' is asked for; leave the bag out, or ask for one that it has"
                .formatted(files.bag(), cameras(), camera));
      }
    }
  }

  /**
   * Reads the episode without its pictures, none of which is decoded.
   *
   * @throws EpisodeException where the bag is damaged or lacks something
   */
  public Episode readWithoutPictures() {
    return readCameras(Map.of());
  }

  /**
   * Reads the episode as {@link #read(Set)} does, but for its pictures, none of which is decoded.
   *
   * @param cameras without whose pictures there is no step
   * @throws EpisodeException where the bag is damaged or lacks something, such as one of these
   */
  public Episode readWithoutPictures(Set<String> cameras) {
    requireCameras(cameras);
    return readCameras(cameras, Map.of());
  }

  /**
   * Gives the observation of each step of each piece, one after the other, with the pictures of
   * these cameras: none is held for longer than until the last step that has it.
   *
   * @param cameras as in {@link Episode#cameras}
   * @throws EpisodeException where the bag is damaged or lacks something, such as one of these
   */
  public void forEachStep(Set<String> cameras, Consumer<RecordedObservation> take) {
    requireCameras(cameras);
    EpisodeMessages messages = EpisodeMessages.read(files, topics, events);
    List<StampMatcher.Match> matches = matches(messages, cameras);
    List<ObservationStamps> steps =
        Pieces.of(messages, matches).pieces().stream()
            .flatMap(List::stream)
            .map(t -> matches.get(t).stamps().orElseThrow())
            .toList();
    var stream = new PictureStream(topics.cameras(), cameras, steps);
    BiConsumer<ObservationStamps, Map<String, CameraImage>> give =
        (of, images) ->
            take.accept(
                new RecordedObservation(
                    of.jointStampNanos(), images, messages.jointPositions(of.jointStampNanos())));
    stream.giveWhole(give); // all of them, where no camera is asked for
    if (stream.isDone()) {
      return;
    }
    files.read(
        stream.topics(),
        message -> {
          long stamp = EpisodeMessages.imageStampNanos(files.bag(), message);
          String topic = message.channel().topic();
          if (stream.isWanted(topic, stamp)) {
            stream.add(topic, stamp, picture(message));
            stream.giveWhole(give);
          }
        });
    if (!stream.isDone()) {
      throw new EpisodeException(
          "%s changed while it was read; let it be closed first".formatted(files.bag()));
    }
  }

  private static Map<String, UnaryOperator<CameraImage>> asTheyAre(Set<String> cameras) {
    return cameras.stream().collect(Collectors.toMap(name -> name, name -> picture -> picture));
  }

  private Episode readCameras(Map<String, UnaryOperator<CameraImage>> seen) {
    return readCameras(seen.isEmpty() ? topics.seen() : seen.keySet(), seen);
  }

  /** Reads the episode; its steps are those that have pictures of all of the cameras. */
  private Episode readCameras(Set<String> cameras, Map<String, UnaryOperator<CameraImage>> seen) {
    Set<String> kept = seen.keySet();
    EpisodeMessages messages = EpisodeMessages.read(files, topics, events);
    List<StampMatcher.Match> matches = matches(messages, cameras);
    Pieces found = Pieces.of(messages, matches);
    if (found.pieces().isEmpty()) {
      throw new UnusableEpisodeException(files.bag(), found);
    }
    Map<Integer, ObservationStamps> stamps = new TreeMap<>();
    for (List<Integer> piece : found.pieces()) {
      for (int t = piece.getFirst(); t <= piece.getLast() + 1; t++) {
        stamps.put(t, matches.get(t).stamps().orElseThrow());
      }
    }
    found.alone().forEach(t -> stamps.put(t, matches.get(t).stamps().orElseThrow()));
    Map<String, Map<Long, CameraImage>> pictures = pictures(stamps.values(), seen);
    Map<Integer, RecordedObservation> observations = new HashMap<>();
    stamps.forEach(
        (t, of) ->
            observations.put(
                t,
                new RecordedObservation(
                    of.jointStampNanos(),
                    images(of, kept, pictures),
                    messages.jointPositions(of.jointStampNanos()))));
    IntFunction<Step> step =
        t -> {
          Command command = messages.commands().get(t);
          return new Step(required(observations.get(t)), messages.action(command), command);
        };
    List<Piece> pieces = found.map(step, t -> required(observations.get(t)));
    return new Episode(
        events.first().episodeId(),
        files.bag(),
        events.first().instruction(),
        events.first().source(),
        events.first().policyId(),
        events.first().temperature(),
        events.first().seed(),
        events.outcome(),
        List.copyOf(topics.seen()),
        messages.jointNames(),
        pieces,
        found.alone().stream().map(step::apply).toList(),
        found.gaps(),
        List.copyOf(messages.chunks().values()));
  }

  /** Second pass: decodes the pictures that are part of an observation, by camera and stamp. */
  private Map<String, Map<Long, CameraImage>> pictures(
      Collection<ObservationStamps> stamps, Map<String, UnaryOperator<CameraImage>> seen) {
    if (seen.isEmpty()) {
      return Map.of();
    }
    Map<String, Set<Long>> wanted = new HashMap<>();
    for (String name : seen.keySet()) {
      String topic = required(topics.cameras().get(name));
      Set<Long> ofTopic = wanted.computeIfAbsent(topic, key -> new HashSet<>());
      stamps.forEach(of -> ofTopic.add(required(of.imageStampNanos().get(topic))));
    }
    Map<String, Map<Long, CameraImage>> pictures = new HashMap<>();
    files.read(
        wanted.keySet(),
        message -> {
          String topic = message.channel().topic();
          long stamp = EpisodeMessages.imageStampNanos(files.bag(), message);
          if (wanted.getOrDefault(topic, Set.of()).remove(stamp)) {
            kept(message, seen)
                .forEach(
                    (camera, picture) ->
                        pictures
                            .computeIfAbsent(camera, name -> new HashMap<>())
                            .put(stamp, picture));
          }
        });
    return pictures;
  }

  /** Returns what is kept of a picture, by the cameras that have its topic. */
  private Map<String, CameraImage> kept(
      McapMessage message, Map<String, UnaryOperator<CameraImage>> seen) {
    String topic = message.channel().topic();
    CameraImage picture = picture(message);
    Map<String, CameraImage> kept = new HashMap<>();
    seen.forEach(
        (camera, of) -> {
          if (required(topics.cameras().get(camera)).equals(topic)) {
            kept.put(camera, of.apply(picture));
          }
        });
    return kept;
  }

  private CameraImage picture(McapMessage message) {
    String topic = message.channel().topic();
    try {
      return topics.compressed().contains(topic)
          ? decoder.decode(files.decode(CompressedImage.TYPE, message).data())
          : CameraImage.of(files.decode(Image.TYPE, message));
    } catch (IllegalArgumentException e) {
      throw new EpisodeException("%s: %s: %s".formatted(files.bag(), topic, e.getMessage()), e);
    }
  }

  /** The pictures of an observation by camera name. */
  private Map<String, CameraImage> images(
      ObservationStamps of, Set<String> kept, Map<String, Map<Long, CameraImage>> pictures) {
    Map<String, CameraImage> images = new HashMap<>();
    for (String name : kept) {
      String topic = required(topics.cameras().get(name));
      Long stamp = required(of.imageStampNanos().get(topic));
      images.put(name, required(required(pictures.get(name)).get(stamp)));
    }
    return images;
  }

  private static <T> T required(@Nullable T value) {
    if (value == null) {
      throw new IllegalStateException(
          "a message was there in the first pass and not in the second");
    }
    return value;
  }
}
