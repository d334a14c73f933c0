package dev.reverie.robot;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.reverie.arm.PlanarArm;
import dev.reverie.mcap.rosbag2.Rosbag2;
import dev.reverie.msgs.MessageType;
import dev.reverie.msgs.reverie.Command;
import dev.reverie.msgs.reverie.Hold;
import dev.reverie.msgs.reverie.Outcome;
import dev.reverie.msgs.reverie.SafetyEvent;
import dev.reverie.msgs.sensor_msgs.CameraInfo;
import dev.reverie.msgs.sensor_msgs.CompressedImage;
import dev.reverie.msgs.sensor_msgs.Image;
import dev.reverie.msgs.trajectory_msgs.JointTrajectory;
import dev.reverie.policy.Preprocess;
import dev.reverie.rcljava.Publisher;
import dev.reverie.rcljava.Qos;
import dev.reverie.rollout.Alignment;
import dev.reverie.rollout.BagMessages;
import dev.reverie.rollout.CameraImage;
import dev.reverie.rollout.Episode;
import dev.reverie.rollout.EpisodeException;
import dev.reverie.rollout.RolloutSummary;
import dev.reverie.rollout.Rollouts;
import dev.reverie.testing.Prepared;
import java.awt.image.BufferedImage;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Queue;
import java.util.Set;
import java.util.concurrent.ConcurrentLinkedQueue;
import javax.imageio.ImageIO;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A bag has all that is needed to learn from its episode and to audit it. */
@Prepared
class CompleteEpisodeTest {
  @TempDir Path folder;

  private RunningRobot robot(String... parameters) throws Exception {
    Path bundle = folder.resolve("it's a bundle, größer");
    TestBundles.bundle(TestBundles.spec(), 0.1, 0).save(bundle);
    var robot = new RunningRobot(bundle, folder.resolve("機械, rollouts"), parameters);
    robot.arm.describe(PlanarArm.xml());
    return robot;
  }

  private static <T> List<T> messages(Path bag, MessageType<T> type) {
    BagMessages messages = BagMessages.open(bag);
    List<T> found = new ArrayList<>();
    Set<String> topics =
        Set.copyOf(
            messages.types().entrySet().stream()
                .filter(topic -> topic.getValue().equals(type.name()))
                .map(Map.Entry::getKey)
                .toList());
    messages.forEach(topics, message -> found.add(type.decode(message.data())));
    return found;
  }

  private static List<SafetyEvent> events(Path bag, byte kind) {
    return messages(bag, SafetyEvent.TYPE).stream().filter(e -> e.kind() == kind).toList();
  }

  @Test
  void whatTheGateDidAndWhoMovedTheArmIsRecorded() throws Exception {
    try (var robot = robot()) {
      robot.arm.run(10);
      var handle = robot.send(RunningRobot.goal());
      robot.arm.await(Command.POLICY);
      robot.arm.driver = s -> s.withPosition(new double[] {0, Double.NaN, 0});
      robot.arm.awaitHold("elbow");
      robot.arm.driver = s -> s;
      robot.arm.commands.clear();
      robot.arm.await(Command.POLICY);
      person(robot, new double[] {0, Double.NaN, 0}, Command.HOLD);
      person(robot, new double[] {10, 0, 0}, Command.TELEOP);
      robot.arm.await(Command.POLICY); // goes on when the person lets go
      assertTrue(robot.trigger("stop").success());
      var result = RunningRobot.end(handle);
      Path bag = Path.of(result.bag());

      SafetyEvent held = events(bag, SafetyEvent.HELD).getFirst();
      assertTrue(held.reason().contains("elbow"), held.reason());
      assertEquals(new Hold(Hold.BAD_JOINT_STATE, "elbow"), held.why());
      SafetyEvent taken = events(bag, SafetyEvent.TAKEOVER).getFirst();
      assertEquals("spacemouse", taken.source());
      SafetyEvent refused = events(bag, SafetyEvent.REFUSED).getFirst();
      assertEquals("spacemouse", refused.source());
      assertTrue(refused.reason().contains("NaN"), refused.reason());
      assertEquals(new Hold(Hold.BAD_TELEOP, "elbow"), refused.why());
      SafetyEvent clamped =
          events(bag, SafetyEvent.CLAMPED).stream()
              .filter(event -> event.source().equals("spacemouse"))
              .findFirst()
              .orElseThrow();
      assertTrue(clamped.reason().startsWith("position of shoulder: "), clamped.reason());
      Command command =
          messages(bag, Command.TYPE).stream()
              .filter(c -> c.tick() == clamped.tick())
              .findFirst()
              .orElseThrow();
      assertEquals(String.join("; ", command.clamped()), clamped.reason());
      assertEquals(command.clamped().size(), command.limits().length);
      assertEquals(Command.LIMIT_POSITION, command.limits()[0]);
      assertArrayEquals(command.limits(), clamped.limits());
      assertEquals(command.header().stamp(), clamped.header().stamp());
      assertEquals("spacemouse", events(bag, SafetyEvent.RETURNED).getFirst().source());
      SafetyEvent stopped = events(bag, SafetyEvent.STOPPED).getFirst();
      assertTrue(stopped.reason().contains("~/stop"), stopped.reason());
      assertEquals(List.of(), events(bag, SafetyEvent.LOST));

      List<JointTrajectory> asSent =
          messages(bag, JointTrajectory.TYPE).stream()
              .filter(t -> t.header().frameId().equals("spacemouse"))
              .toList();
      assertTrue(asSent.stream().anyMatch(t -> t.points().get(0).positions()[0] == 10));
      var begun = messages(bag, dev.reverie.msgs.reverie.Episode.TYPE).getFirst();
      assertTrue(begun.configuration().contains("\"controlRateHz\":10.0"), begun.configuration());
      assertEquals(64, begun.policyId().length());
      assertEquals(List.of(), Rosbag2.problems(bag));
    }
  }

  /** A person commands until a command from this source answers. */
  private static void person(RunningRobot robot, double[] target, String source) throws Exception {
    robot.arm.commands.clear();
    for (int i = 0; i < 100; i++) {
      robot.arm.command("spacemouse", 0, target);
      Thread.sleep(50);
      for (var c = robot.arm.commands.poll(); c != null; c = robot.arm.commands.poll()) {
        if (c.source().equals(source)) {
          return;
        }
      }
    }
    throw new AssertionError("no command from " + source);
  }

  @Test
  void compressedPicturesAreRecordedAsTheyCameAndReadAsThePolicySawThem() throws Exception {
    try (var robot = robot("camera.camera.topic:=camera/image_raw/compressed");
        Publisher<CompressedImage> camera =
            robot.arm.node.createPublisher(
                CompressedImage.TYPE, "camera/image_raw/compressed", Qos.reliable(10))) {
      Queue<CompressedImage> sent = new ConcurrentLinkedQueue<>();
      robot.arm.camera =
          image -> {
            var message =
                new CompressedImage(image.header(), "rgb8; jpeg compressed bgr8", jpeg(image));
            sent.add(message);
            camera.publish(message);
            return image;
          };
      robot.arm.run(10);
      var handle = robot.send(RunningRobot.goal());
      for (int i = 0; i < 5; i++) {
        robot.arm.await(Command.POLICY);
      }
      robot.label("", Outcome.SUCCESS, 0);
      Path bag = Path.of(RunningRobot.end(handle).bag());

      List<CompressedImage> recorded = messages(bag, CompressedImage.TYPE);
      assertFalse(recorded.isEmpty());
      for (CompressedImage image : recorded) {
        CompressedImage published =
            sent.stream().filter(s -> s.header().equals(image.header())).findFirst().orElseThrow();
        assertArrayEquals(published.data(), image.data());
        assertEquals(published.format(), image.format());
      }
      Episode episode = Episode.read(bag, Alignment.DEFAULT, Preprocess::decode);
      assertEquals(List.of("camera"), episode.cameras());
      byte[] first = recorded.getFirst().data();
      CameraImage seen = Objects.requireNonNull(episode.observation(0).images().get("camera"));
      assertArrayEquals(Preprocess.decode(first).rgb(), seen.rgb());
      var thrown = assertThrows(EpisodeException.class, () -> Episode.read(bag));
      assertTrue(String.valueOf(thrown.getMessage()).contains("pictures are compressed"));
      assertEquals(List.of(), Rollouts.verify(bag));
    }
  }

  private static byte[] jpeg(Image image) {
    var picture = new BufferedImage(image.width(), image.height(), BufferedImage.TYPE_INT_RGB);
    for (int i = 0; i < image.width() * image.height(); i++) {
      int rgb = (image.data()[3 * i] & 0xff) << 16 | (i % 256) << 8 | i % 100;
      picture.setRGB(i % image.width(), i / image.width(), rgb);
    }
    var bytes = new ByteArrayOutputStream();
    try {
      ImageIO.write(picture, "jpeg", bytes);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    return bytes.toByteArray();
  }

  @Test
  void theCalibrationOfAnEpisodeIsOneNumberThatChangesWithIt() throws Exception {
    RolloutSummary once;
    RolloutSummary other;
    try (var robot = robot()) {
      robot.arm.run(10);
      once = summary(robot);
      RolloutSummary again = summary(robot);
      assertEquals(64, once.calibration().length());
      assertEquals(once.calibration(), again.calibration()); // although camera_info has new stamps
      robot.arm.describe(PlanarArm.xml().replace("velocity=\"8\"", "velocity=\"1.7\""));
      other = summary(robot);
      assertFalse(messages(once.bag(), CameraInfo.TYPE).isEmpty());
    }
    assertFalse(once.calibration().equals(other.calibration()));
  }

  private static RolloutSummary summary(RunningRobot robot) throws Exception {
    robot.arm.commands.clear();
    var handle = robot.send(RunningRobot.goal());
    robot.arm.await(Command.POLICY);
    robot.label("", Outcome.SUCCESS, 0);
    return Rollouts.summary(Path.of(RunningRobot.end(handle).bag()));
  }
}
