package dev.reverie.robot;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.reverie.arm.PlanarArm;
import dev.reverie.msgs.geometry_msgs.TransformStamped;
import dev.reverie.msgs.reverie.Command;
import dev.reverie.msgs.reverie.Outcome;
import dev.reverie.msgs.std_msgs.Header;
import dev.reverie.msgs.tf2_msgs.TFMessage;
import dev.reverie.rcljava.Publisher;
import dev.reverie.rcljava.Qos;
import dev.reverie.rollout.BagMessages;
import dev.reverie.testing.Prepared;
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

  private static Publisher<TFMessage> latched(RunningRobot robot) {
    return robot.arm.node.createPublisher(TFMessage.TYPE, "/tf_static", Qos.transientLocal(1));
  }
}
