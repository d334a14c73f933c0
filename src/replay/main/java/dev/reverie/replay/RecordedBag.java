package dev.reverie.replay;

import dev.reverie.msgs.Stamps;
import dev.reverie.msgs.reverie.ActionChunk;
import dev.reverie.msgs.sensor_msgs.CameraInfo;
import dev.reverie.msgs.sensor_msgs.JointState;
import dev.reverie.msgs.std_msgs.Header;
import dev.reverie.policy.BundleSpec;
import dev.reverie.robot.Calibrations;
import dev.reverie.robot.CameraFrame;
import dev.reverie.robot.FrameReader;
import dev.reverie.robot.RobotException;
import dev.reverie.robot.arm.ArmModel;
import dev.reverie.rollout.Alignment;
import dev.reverie.rollout.BagMessages;
import dev.reverie.rollout.CameraCalibration;
import dev.reverie.rollout.Episode;
import dev.reverie.rollout.EpisodeReader;
import dev.reverie.rollout.Step;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.Consumer;

/**
 * A recorded episode that a policy can be given again: the arm, its cameras and its clock are
 * checked against what the policy needs.
 */
final class RecordedBag {

  /** Share by which the control period may differ from the policy's. */
  private static final double PERIOD_TOLERANCE = 1e-3;

  /** Messages of one observation: the stamps of its parts. */
  private record Sight(long stampNanos, long jointStamp, List<Long> imageStamps) {}

  /** What part 0 (joints) and parts 1 to C (cameras) of an observation are looked up by. */
  private record Part(int part, long stamp) {}

  private final BundleSpec spec;
  private final Episode episode;
  private final BagMessages messages;
  private final String jointTopic;
  private final List<String> cameraTopics;
  private final RecordedTopics topics;
  private final List<Sight> sights; // [T+1]

  private RecordedBag(
      BundleSpec spec, Episode episode, BagMessages messages, Map<String, String> cameras) {
    this.spec = spec;
    this.episode = episode;
    this.messages = messages;
    requireJoints();
    requirePeriod();
    requireClock();
    jointTopic = jointTopic(messages.types());
    cameraTopics = RecordedCameras.topics(spec, messages.types(), cameras);
    topics = RecordedTopics.scan(messages, jointTopic, cameraTopics);
    requireArm();
    requirePictures();
    sights = sights();
  }

  /**
   * Opens a bag for a policy.
   *
   * @param cameras topics by camera name, where they cannot be told from their names
   * @throws dev.reverie.rollout.EpisodeException where the bag is damaged or no whole episode
   * @throws RobotException where it is of another arm
   */
  static RecordedBag open(Path bag, BundleSpec spec, Map<String, String> cameras) {
    return new RecordedBag(
        spec,
        EpisodeReader.open(bag, Alignment.DEFAULT).readWithoutPictures(),
        BagMessages.open(bag),
        cameras);
  }

  Episode episode() {
    return episode;
  }

  /** The arm's URDF, CDR. */
  byte[] description() {
    return topics.description();
  }

  ArmModel arm() {
    // Of the age of a measurement nothing is asked here.
    return ArmModel.of(topics.urdf(), spec, spec.chunk().periodS(), Double.POSITIVE_INFINITY);
  }

  /** Whether each camera is recorded as JPEG or PNG. */
  List<Boolean> compressed() {
    return cameraTopics.stream().map(RecordedCameras::compressed).toList();
  }

  /** The first camera_info of each camera that has one, CDR. */
  List<Optional<byte[]>> infos() {
    return topics.infos();
  }

  /** Lenses of the cameras whose pictures the policy wants rectified, by name. */
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
                        new RobotException(
                            "the policy wants the pictures of camera '%s' rectified, but the bag has no camera_info of it"
                                .formatted(camera.name())));
        lenses.put(camera.name(), Calibrations.calibration(camera, CameraInfo.TYPE.decode(info)));
      }
    }
    return lenses;
  }

  /** Whether pictures are rectified alike. */
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
    return sights.get(i).stampNanos;
  }

  /** Stamp of the observation after the last step. */
  long lastStampNanos() {
    return sights.getLast().stampNanos;
  }

  /** Every topic that the node listens to: what it is called in the bag, and as what it comes. */
  RecordedTopics topics() {
    return topics;
  }

  BagMessages messages() {
    return messages;
  }

  /** Gives every observation once, in order; those that are on the way alone are held. */
  void forEachObservation(Consumer<WireObservation> consumer) {
    Map<Part, Integer> lastUse = new HashMap<>();
    for (int i = 0; i < sights.size(); i++) {
      for (Part part : parts(sights.get(i))) {
        lastUse.put(part, i);
      }
    }
    Map<Part, byte[]> held = new HashMap<>();
    List<WireObservation.Info> infos = new ArrayList<>();
    int[] next = {0};
    messages.forEach(
        topics.names(),
        message -> {
          Optional<Integer> info = topics.info(message.topic());
          info.ifPresent(camera -> infos.add(new WireObservation.Info(camera, message.data())));
          topics
              .part(message.topic())
              .map(part -> new Part(part, WireObservation.stampNanos(message.data())))
              .filter(part -> lastUse.getOrDefault(part, -1) >= next[0])
              .ifPresent(part -> held.putIfAbsent(part, message.data()));
          while (next[0] < sights.size() && held.keySet().containsAll(parts(next[0]))) {
            consumer.accept(observation(next[0], held, infos));
            infos.clear();
            int used = next[0]++;
            held.keySet().removeIf(part -> lastUse.getOrDefault(part, -1) <= used);
          }
        });
    if (next[0] < sights.size()) {
      throw new RobotException(
          "%s changed while it was read: observation %d of %d is not there any more"
              .formatted(episode.bag(), next[0], sights.size()));
    }
  }

  private WireObservation observation(
      int index, Map<Part, byte[]> held, List<WireObservation.Info> infos) {
    List<byte[]> parts = parts(index).stream().map(held::get).toList();
    return new WireObservation(
        index,
        sights.get(index).stampNanos,
        parts.getFirst(),
        parts.subList(1, parts.size()),
        List.copyOf(infos));
  }

  private List<Part> parts(int index) {
    return parts(sights.get(index));
  }

  private static List<Part> parts(Sight sight) {
    List<Part> parts = new ArrayList<>();
    parts.add(new Part(0, sight.jointStamp));
    for (int c = 0; c < sight.imageStamps.size(); c++) {
      parts.add(new Part(c + 1, sight.imageStamps.get(c)));
    }
    return parts;
  }

  private List<Sight> sights() {
    Map<Integer, ActionChunk> chunks = new HashMap<>();
    episode.chunks().forEach(chunk -> chunks.put(chunk.index(), chunk));
    List<Sight> found = new ArrayList<>();
    for (Step step : episode.steps()) {
      Set<Long> seen = new HashSet<>();
      ActionChunk chunk = chunks.get(step.command().chunk());
      if (chunk != null && Stamps.nanos(chunk.header().stamp()) == step.stampNanos()) {
        chunk.observationStamps().forEach(stamp -> seen.add(Stamps.nanos(stamp)));
      }
      found.add(sight(step.stampNanos(), step.observation().stampNanos(), seen));
    }
    long last = episode.last().stampNanos();
    found.add(sight(last, last, Set.of()));
    return found;
  }

  private Sight sight(long stamp, long jointStamp, Set<Long> seen) {
    List<Long> images = new ArrayList<>();
    for (int c = 0; c < cameraTopics.size(); c++) {
      images.add(topics.image(c, stamp, seen, Alignment.DEFAULT.images().toNanos()));
    }
    return new Sight(stamp, jointStamp, images);
  }

  private static String jointTopic(Map<String, String> types) {
    return types.keySet().stream()
        .filter(topic -> JointState.TYPE.name().equals(types.get(topic)))
        .min(
            java.util.Comparator.comparing((String topic) -> !topic.endsWith("/joint_states"))
                .thenComparing(topic -> topic))
        .orElseThrow(() -> new RobotException("it has no joint states; its topics are " + types));
  }

  private void requireJoints() {
    for (String joint : spec.jointNames()) {
      if (!episode.jointNames().contains(joint)) {
        throw new RobotException(
            "it is of another arm: its commands move %s, and the policy needs joint '%s' of %s; replay it with a policy of that arm"
                .formatted(episode.jointNames(), joint, spec.jointNames()));
      }
    }
  }

  private void requirePeriod() {
    double wanted = spec.chunk().periodS();
    for (ActionChunk chunk : episode.chunks()) {
      double period = Stamps.nanos(chunk.period()) / 1e9;
      if (period > 0 && Math.abs(period - wanted) > PERIOD_TOLERANCE * wanted) {
        throw new RobotException(
            "it was recorded at %s s a tick, and the policy acts every %s s; replay it with a policy of its rate"
                .formatted(period, wanted));
      }
    }
  }

  /** In lock-step an observation gets one command; a clock that jumped back is refused before. */
  private void requireClock() {
    for (int i = 1; i < episode.steps().size(); i++) {
      if (episode.steps().get(i).stampNanos() <= episode.steps().get(i - 1).stampNanos()) {
        throw new RobotException(
            "its commands %d and %d answer the same observation; which of them counts cannot be told, leave the bag out"
                .formatted(
                    episode.steps().get(i - 1).command().tick(),
                    episode.steps().get(i).command().tick()));
      }
    }
  }

  private void requireArm() {
    arm();
    lenses();
  }

  /** The first picture of each camera must be one that the policy can look at. */
  private void requirePictures() {
    for (int i = 0; i < cameraTopics.size(); i++) {
      var reader = new FrameReader(spec.cameras().get(i), compressed().get(i));
      CameraFrame frame = reader.read(topics.firstImages().get(i), 0);
      frame
          .fault()
          .ifPresent(
              fault -> {
                throw new RobotException(fault);
              });
      try {
        var _ = frame.picture().get();
      } catch (IllegalArgumentException e) {
        throw new RobotException(String.valueOf(e.getMessage()), e);
      }
    }
  }
}
