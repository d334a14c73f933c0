package dev.reverie.replay;

import dev.reverie.arm.ArmModel;
import dev.reverie.msgs.Stamps;
import dev.reverie.msgs.builtin_interfaces.Time;
import dev.reverie.msgs.reverie.ActionChunk;
import dev.reverie.msgs.sensor_msgs.CameraInfo;
import dev.reverie.msgs.sensor_msgs.JointState;
import dev.reverie.msgs.std_msgs.Header;
import dev.reverie.policy.BundleSpec;
import dev.reverie.robot.sense.Calibrations;
import dev.reverie.rollout.BagMessages;
import dev.reverie.rollout.CameraCalibration;
import dev.reverie.rollout.Episode;
import dev.reverie.rollout.EpisodeReader;
import dev.reverie.rollout.JointNames;
import dev.reverie.rollout.JointReading;
import dev.reverie.rollout.MergedJoints;
import dev.reverie.rollout.ObservationStamps;
import dev.reverie.rollout.RecordedConfiguration;
import dev.reverie.rollout.Step;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.function.Consumer;

/**
 * A recorded episode that a policy can be given again: the arm, its cameras and its clock are
 * checked against what the policy needs.
 */
final class RecordedBag {
  /** Key of a message: part 0 (joints) or 1 to C (cameras) of an observation, and its stamp. */
  private record Part(int part, long stamp) {}

  private final BundleSpec spec;
  private final Episode episode;
  private final BagMessages messages;
  private final List<String> cameraTopics;
  private final RecordedTopics topics;
  private final List<ObservationStamps> observations; // [T+1]
  private final JointNames names;
  private final int executed;
  private final Map<Long, byte[]> merged; // joint states that no message tells whole, by stamp

  private RecordedBag(
      BundleSpec spec,
      Episode episode,
      BagMessages messages,
      List<String> cameraTopics,
      RecordedTopics topics,
      JointNames names,
      int executed) {
    this.spec = spec;
    this.episode = episode;
    this.messages = messages;
    this.cameraTopics = cameraTopics;
    this.topics = topics;
    this.names = names;
    this.executed = executed;
    observations = stamps(episode, topics);
    merged = topics.isSplit() ? merged() : Map.of();
  }

  /**
   * Opens a bag for a policy.
   *
   * @throws dev.reverie.rollout.EpisodeException where the bag is damaged or no whole episode
   * @throws ReplayException where it is of another arm
   */
  static RecordedBag open(Path folder, BundleSpec spec, BagOptions options) {
    EpisodeReader reader = EpisodeReader.open(folder, options.alignment());
    Episode episode = reader.readWithoutPictures();
    JointNames names = reader.jointNames();
    BagMessages messages = BagMessages.open(folder);
    BagFit.require(episode, spec);
    int executed = RecordedConfiguration.of(reader.configuration()).executed();
    Map<String, String> named = new HashMap<>(reader.namedCameras());
    named.putAll(options.cameras());
    List<String> cameraTopics = RecordedCameras.topics(spec, messages.types(), named);
    String asked = options.topics().getOrDefault(BagOptions.DESCRIPTION, "");
    RecordedTopics topics =
        RecordedTopics.scan(
            messages,
            new RecordedTopics.Joints(reader.jointTopics(), names.inMessages(episode.jointNames())),
            cameraTopics,
            RecordedDescription.topic(messages, asked, reader.configuration()),
            options.alignment());
    var bag = new RecordedBag(spec, episode, messages, cameraTopics, topics, names, executed);
    var _ = bag.arm();
    var _ = bag.lenses();
    BagFit.requirePictures(spec.cameras(), topics.firstImages(), bag.compressed());
    return bag;
  }

  Episode episode() {
    return episode;
  }

  /** Actions of a chunk that were carried out before the next one went on; 0: all. */
  int executed() {
    return executed;
  }

  /** The arm's URDF, CDR. */
  byte[] description() {
    return topics.description();
  }

  /** The names that the joints have in URDF and joint states. */
  JointNames names() {
    return names;
  }

  ArmModel arm() {
    // The age of measurements plays no role here.
    return ArmModel.of(
        topics.urdf(),
        names,
        spec.task(),
        Optional.empty(),
        spec.chunk().periodS(),
        Double.POSITIVE_INFINITY);
  }

  /** Tells of each camera whether it is recorded as JPEG or PNG. */
  List<Boolean> compressed() {
    return cameraTopics.stream().map(RecordedCameras::compressed).toList();
  }

  /** The first camera_info of each camera that has one, CDR. */
  List<Optional<byte[]>> infos() {
    return topics.infos();
  }

  /** Calibrations of the cameras whose pictures the policy wants rectified, by name. */
  Map<String, CameraCalibration> lenses() {
    Map<String, CameraCalibration> lenses = new HashMap<>();
    for (int i = 0; i < cameraTopics.size(); i++) {
      BundleSpec.Camera camera = spec.cameras().get(i);
      if (camera.rectify()) {
        byte[] info =
            infos()
                .get(i)
                .orElseThrow(
                    () ->
                        new ReplayException(
                            "the policy wants the pictures of camera '%s' rectified, but the bag has no camera_info of it"
                                .formatted(camera.name())));
        lenses.put(camera.name(), Calibrations.calibration(camera, CameraInfo.TYPE.decode(info)));
      }
    }
    return lenses;
  }

  /** Tells whether pictures are rectified alike. */
  boolean sameLenses(RecordedBag other) {
    for (int i = 0; i < cameraTopics.size(); i++) {
      if (spec.cameras().get(i).rectify()
          && !Arrays.equals(lensOf(infos().get(i)), lensOf(other.infos().get(i)))) {
        return false;
      }
    }
    return true;
  }

  /** The camera_info without its stamp. */
  private static byte[] lensOf(Optional<byte[]> info) {
    return info.map(CameraInfo.TYPE::decode)
        .map(i -> CameraInfo.TYPE.encode(i.withHeader(new Header())))
        .orElse(new byte[0]);
  }

  /** Stamp of observation {@code i}, 0 to the number of steps. */
  long stampNanos(int i) {
    return observations.get(i).stampNanos();
  }

  /** Stamp of the observation after the last step. */
  long lastStampNanos() {
    return observations.getLast().stampNanos();
  }

  /** Every topic that the node listens to: what it is called in the bag, and as what it comes. */
  RecordedTopics topics() {
    return topics;
  }

  BagMessages messages() {
    return messages;
  }

  /** Gives every observation once, in order; those that are on the way alone are held. */
  void forEachObservation(Consumer<RecordedSnapshot> consumer) {
    Map<Part, Integer> lastUse = new HashMap<>();
    for (int i = 0; i < observations.size(); i++) {
      for (Part part : parts(i)) {
        lastUse.put(part, i);
      }
    }
    Map<Part, byte[]> held = new HashMap<>();
    merged.forEach((stamp, joints) -> held.put(new Part(0, stamp), joints));
    List<RecordedSnapshot.Info> infos = new ArrayList<>();
    int[] next = {0};
    messages.forEach(
        topics.names(),
        message -> {
          Optional<Integer> info = topics.info(message.topic());
          info.ifPresent(camera -> infos.add(new RecordedSnapshot.Info(camera, message.data())));
          topics
              .part(message.topic())
              .map(part -> new Part(part, RecordedSnapshot.stampNanos(message.data())))
              .filter(part -> lastUse.getOrDefault(part, -1) >= next[0])
              .ifPresent(part -> held.putIfAbsent(part, message.data()));
          while (next[0] < observations.size() && held.keySet().containsAll(parts(next[0]))) {
            consumer.accept(observation(next[0], held, infos));
            infos.clear();
            int used = next[0]++;
            held.keySet().removeIf(part -> lastUse.getOrDefault(part, -1) <= used);
          }
        });
    if (next[0] < observations.size()) {
      throw new ReplayException(
          "%s changed while it was read: observation %d of %d is not there any more"
              .formatted(episode.bag(), next[0], observations.size()));
    }
  }

  private RecordedSnapshot observation(
      int index, Map<Part, byte[]> held, List<RecordedSnapshot.Info> infos) {
    List<byte[]> parts = parts(index).stream().map(held::get).toList();
    return new RecordedSnapshot(
        index,
        observations.get(index).stampNanos(),
        parts.getFirst(),
        parts.subList(1, parts.size()),
        List.copyOf(infos));
  }

  private List<Part> parts(int index) {
    ObservationStamps stamps = observations.get(index);
    List<Part> parts = new ArrayList<>();
    parts.add(new Part(0, stamps.jointStampNanos()));
    for (int c = 0; c < cameraTopics.size(); c++) {
      long image = Objects.requireNonNull(stamps.imageStampNanos().get(cameraTopics.get(c)));
      parts.add(new Part(c + 1, image));
    }
    return parts;
  }

  private static List<ObservationStamps> stamps(Episode episode, RecordedTopics topics) {
    Map<Long, List<Time>> told = new HashMap<>(); // by the stamp of the observation
    for (ActionChunk chunk : episode.chunks()) {
      if (!Episode.isMixed(chunk)) {
        told.put(Stamps.nanos(chunk.header().stamp()), chunk.observationStamps());
      }
    }
    List<ObservationStamps> found = new ArrayList<>();
    for (Step step : episode.steps()) {
      Set<Long> seen = new HashSet<>();
      told.getOrDefault(step.stampNanos(), List.of())
          .forEach(stamp -> seen.add(Stamps.nanos(stamp)));
      found.add(topics.stamps(step.stampNanos(), step.observation().stampNanos(), seen));
    }
    long last = episode.last().stampNanos();
    found.add(topics.stamps(last, last, Set.of()));
    return found;
  }

  /** Joint states of the observations as the node merged them. */
  private Map<Long, byte[]> merged() {
    Map<Long, byte[]> merged = new HashMap<>();
    Set<Long> wanted = new HashSet<>();
    observations.forEach(of -> wanted.add(of.jointStampNanos()));
    var joints = new MergedJoints(names.inMessages(episode.jointNames()));
    messages.forEach(
        topics.names(),
        message -> {
          if (topics.part(message.topic()).filter(part -> part == 0).isPresent()) {
            joints
                .add(JointState.TYPE.decode(message.data()), JointReading.NEVER.source())
                .filter(state -> wanted.contains(state.stampNanos()))
                .ifPresent(state -> merged.put(state.stampNanos(), whole(state)));
          }
        });
    return merged;
  }

  private byte[] whole(MergedJoints.State state) {
    return JointState.TYPE.encode(
        new JointState()
            .withHeader(new Header(Stamps.time(state.stampNanos()), ""))
            .withName(names.inMessages(episode.jointNames()))
            .withPosition(state.positions()));
  }
}
