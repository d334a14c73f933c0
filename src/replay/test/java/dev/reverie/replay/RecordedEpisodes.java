package dev.reverie.replay;

import dev.reverie.arm.PlanarArm;
import dev.reverie.msgs.MessageType;
import dev.reverie.msgs.reverie.ActionChunk;
import dev.reverie.msgs.reverie.Command;
import dev.reverie.msgs.reverie.Episode;
import dev.reverie.msgs.reverie.Outcome;
import dev.reverie.msgs.sensor_msgs.CameraInfo;
import dev.reverie.msgs.sensor_msgs.CompressedImage;
import dev.reverie.msgs.sensor_msgs.Image;
import dev.reverie.msgs.sensor_msgs.JointState;
import dev.reverie.msgs.trajectory_msgs.JointTrajectory;
import dev.reverie.robot.RunningRobot;
import dev.reverie.robot.TestArm;
import dev.reverie.rollout.BagMessages;
import dev.reverie.rollout.RolloutTopic;
import dev.reverie.rollout.RolloutWriter;
import dev.reverie.testing.Pictures;
import java.lang.foreign.MemorySegment;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Random;
import java.util.function.Function;
import java.util.function.UnaryOperator;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/** Bags to replay: recorded by a robot node beside a {@link TestArm}, or such ones spoilt. */
final class RecordedEpisodes {
  private RecordedEpisodes() {}

  private static final long PERIOD = TestArm.PERIOD_NANOS;

  private static final Map<String, MessageType<?>> TYPES =
      Stream.<MessageType<?>>of(
              Image.TYPE,
              CompressedImage.TYPE,
              CameraInfo.TYPE,
              JointState.TYPE,
              JointTrajectory.TYPE,
              dev.reverie.msgs.std_msgs.String.TYPE,
              ActionChunk.TYPE,
              Command.TYPE,
              Episode.TYPE)
          .collect(Collectors.toMap(MessageType::name, type -> type));

  /** Records in lock-step: one episode for each outcome, 10 ticks each, drawn at temperature 1. */
  static List<Path> lockStep(Path bundle, Path rollouts, byte... outcomes) throws Exception {
    return lockStepOf(bundle, rollouts, 0, outcomes);
  }

  /** The same where so many actions of a chunk are carried out; 0: all. */
  static List<Path> lockStepOf(Path bundle, Path rollouts, int executed, byte... outcomes)
      throws Exception {
    List<Path> bags = new ArrayList<>();
    try (var robot =
        new RunningRobot(bundle, rollouts, "lock_step:=true", "executed:=" + executed)) {
      robot.arm.describe(PlanarArm.xml());
      robot.arm.camera = RecordedEpisodes::scene;
      long t = 10;
      for (byte outcome : outcomes) {
        robot.arm.positions = PlanarArm.inverse(0.4 + 0.01 * bags.size(), 0.43);
        var handle = robot.send(RunningRobot.goal().withTemperature(1).withSeed(t));
        for (int tick = 0; tick < 10; tick++) {
          robot.arm.observe(++t * PERIOD);
          robot.arm.follow();
        }
        robot.label("", outcome, ++t * PERIOD);
        robot.arm.observe(t * PERIOD);
        bags.add(Path.of(RunningRobot.end(handle).bag()));
      }
    }
    return bags;
  }

  /** Records in real time: ten ticks a second, until the time limit. */
  static Path realTime(Path bundle, Path rollouts, int ticks, String... parameters)
      throws Exception {
    try (var robot = new RunningRobot(bundle, rollouts, parameters)) {
      robot.arm.describe(PlanarArm.xml());
      robot.arm.camera = RecordedEpisodes::scene;
      robot.arm.run(10);
      var handle = robot.send(RunningRobot.goal());
      for (int i = 0; i < ticks; i++) {
        robot.arm.await(Command.POLICY);
      }
      robot.label("", Outcome.SUCCESS, 0);
      return Path.of(RunningRobot.end(handle).bag());
    }
  }

  /** A picture that only its stamp decides on. */
  private static Image scene(Image image) {
    byte[] pixels = image.data();
    new Random(image.header().stamp().nanosec() + image.header().stamp().sec() * 10L)
        .nextBytes(pixels);
    return image.withData(pixels);
  }

  /**
   * A message as it is written to another bag.
   *
   * @param type of its topic
   */
  record Copy(String topic, String type, long logNanos, byte[] data) {
    Copy withData(byte[] value) {
      return new Copy(topic, type, logNanos, value);
    }

    Copy withType(String value) {
      return new Copy(topic, value, logNanos, data);
    }

    <T> Copy with(MessageType<T> of, UnaryOperator<T> change) {
      return type.equals(of.name()) ? withData(of.encode(change.apply(of.decode(data)))) : this;
    }
  }

  /** A picture as PNG, on the topic beside the raw one. */
  static Copy compressed(Copy copy) {
    if (!copy.type.equals(Image.TYPE.name())) {
      return copy;
    }
    Image raw = Image.TYPE.decode(copy.data);
    byte[] png = Pictures.encode("png", raw.width(), raw.height(), raw.data());
    return new Copy(
        copy.topic + "/compressed",
        CompressedImage.TYPE.name(),
        copy.logNanos,
        CompressedImage.TYPE.encode(
            new CompressedImage(raw.header(), "rgb8; png compressed", png)));
  }

  /** Writes a bag anew with its messages changed or left out. */
  static Path spoilt(Path bag, Path folder, String id, Function<Copy, Optional<Copy>> change) {
    BagMessages messages = BagMessages.open(bag);
    try (var writer = RolloutWriter.open(folder, id)) {
      messages.forEach(
          messages.types().keySet(),
          message -> {
            String type = messages.types().getOrDefault(message.topic(), "");
            change
                .apply(new Copy(message.topic(), type, message.logNanos(), message.data()))
                .map(copy -> copy.with(Episode.TYPE, e -> e.withEpisodeId(id)))
                .map(copy -> copy.with(Command.TYPE, c -> c.withEpisodeId(id)))
                .map(copy -> copy.with(ActionChunk.TYPE, c -> c.withEpisodeId(id)))
                .ifPresent(
                    copy ->
                        writer.write(
                            RolloutTopic.inBag(
                                copy.topic, Objects.requireNonNull(TYPES.get(copy.type)), false),
                            copy.logNanos,
                            copy.logNanos,
                            MemorySegment.ofArray(copy.data)));
          });
      return writer.bag();
    }
  }
}
