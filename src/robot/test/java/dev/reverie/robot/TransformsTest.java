package dev.reverie.robot;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.reverie.arm.HandEye;
import dev.reverie.arm.PlanarArm;
import dev.reverie.msgs.geometry_msgs.TransformStamped;
import dev.reverie.msgs.reverie.Command;
import dev.reverie.msgs.reverie.Outcome;
import dev.reverie.msgs.std_msgs.Header;
import dev.reverie.msgs.tf2_msgs.TFMessage;
import dev.reverie.rcljava.Parameter;
import dev.reverie.rcljava.Publisher;
import dev.reverie.rcljava.Qos;
import dev.reverie.robot.setup.RobotException;
import dev.reverie.rollout.BagMessages;
import dev.reverie.testing.Prepared;
import dev.reverie.testing.Refusal;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

@Prepared
class TransformsTest {
  @TempDir Path folder;

  private static TFMessage transform(String parent, String child) {
    return new TFMessage(
        List.of(
            new TransformStamped()
                .withHeader(new Header().withFrameId(parent))
                .withChildFrameId(child)));
  }

  @Test
  void staticTransformsOfAllPublishersStandInEveryBagAndMovingOnesAsTheyCame() throws Exception {
    Path bundle = folder.resolve("bundle");
    TestBundles.bundle(TestBundles.spec(), 0.1, 0).save(bundle);
    try (var robot = new RunningRobot(bundle, folder.resolve("rollouts"));
        Publisher<TFMessage> base = latched(robot);
        Publisher<TFMessage> hand = latched(robot);
        Publisher<TFMessage> moving =
            robot.arm.node.createPublisher(TFMessage.TYPE, "/tf", Qos.reliable(10))) {
      robot.arm.describe(PlanarArm.xml());
      base.publish(transform("world", "base"));
      hand.publish(transform("hand", "camera"));
      robot.arm.run(10);
      for (int episode = 0; episode < 2; episode++) {
        robot.arm.commands.clear();
        var handle = robot.send(RunningRobot.goal());
        for (int i = 0; i < 5; i++) {
          robot.arm.await(Command.POLICY);
          moving.publish(transform("base", "link"));
        }
        robot.label("", Outcome.SUCCESS, 0);
        BagMessages bag = BagMessages.open(Path.of(RunningRobot.end(handle).bag()));
        assertEquals(TFMessage.TYPE.name(), bag.types().get("/tf"));
        List<String> children = new ArrayList<>();
        bag.forEach(
            Set.of("/tf_static"),
            message ->
                children.add(
                    TFMessage.TYPE.decode(message.data()).transforms().getFirst().childFrameId()));
        assertEquals(List.of("base", "camera"), children.stream().sorted().distinct().toList());
        List<byte[]> moved = new ArrayList<>();
        bag.forEach(Set.of("/tf"), message -> moved.add(message.data()));
        assertTrue(moved.size() >= 3, moved.size() + " transforms");
        assertArrayEquals(TFMessage.TYPE.encode(transform("base", "link")), moved.getFirst());
      }
    }
  }

  @Test
  void whereACameraStandsIsPublishedAndStandsInTheBag() throws Exception {
    var mounted =
        new HandEye(
            "wrist",
            HandEye.Mounting.EYE_IN_HAND,
            "tip",
            "wrist_optical_frame",
            List.of(0.02, -0.06, 0.03),
            List.of(0.0, 0.0, 0.6, 0.8),
            new HandEye.Residuals(0.1, 0.5, 12),
            "PARK");
    Path file = folder.resolve("wrist.hand_eye.yaml");
    Files.writeString(file, mounted.yaml());
    assertEquals(mounted, HandEye.read(file));
    Path bundle = folder.resolve("bundle");
    TestBundles.bundle(TestBundles.spec(), 0.1, 0).save(bundle);
    String given = "hand_eye:=[%s]".formatted(Parameter.quoted(file));
    try (var robot = new RunningRobot(bundle, folder.resolve("rollouts"), given)) {
      robot.arm.describe(PlanarArm.xml());
      robot.arm.run(10);
      var handle = robot.send(RunningRobot.goal());
      robot.arm.await(Command.POLICY);
      robot.label("", Outcome.SUCCESS, 0);
      BagMessages bag = BagMessages.open(Path.of(RunningRobot.end(handle).bag()));
      List<TransformStamped> told = new ArrayList<>();
      bag.forEach(
          Set.of("/tf_static"),
          message -> told.addAll(TFMessage.TYPE.decode(message.data()).transforms()));
      assertEquals("tip", told.getFirst().header().frameId());
      assertEquals("wrist_optical_frame", told.getFirst().childFrameId());
      assertEquals(-0.06, told.getFirst().transform().translation().y());
      assertEquals(0.8, told.getFirst().transform().rotation().w());
    }
    Files.writeString(file, "camera: wrist\n");
    Refusal.of(
        RobotException.class,
        () -> new RunningRobot(bundle, folder.resolve("r"), given).close(),
        "parameter hand_eye",
        "wrist.hand_eye.yaml",
        "calibrate hand-eye");
  }

  private static Publisher<TFMessage> latched(RunningRobot robot) {
    return robot.arm.node.createPublisher(TFMessage.TYPE, "/tf_static", Qos.transientLocal(1));
  }
}
