package dev.reverie.robot;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.reverie.arm.PlanarArm;
import dev.reverie.msgs.CdrReader;
import dev.reverie.msgs.CdrWriter;
import dev.reverie.msgs.MessageType;
import dev.reverie.msgs.geometry_msgs.TransformStamped;
import dev.reverie.msgs.reverie.Command;
import dev.reverie.msgs.reverie.Outcome;
import dev.reverie.msgs.std_msgs.Header;
import dev.reverie.rcljava.Publisher;
import dev.reverie.rcljava.Qos;
import dev.reverie.rollout.BagMessages;
import dev.reverie.testing.Prepared;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

@Prepared
class TransformsTest {
  /** The generated record is there only where the package is, so this stands for it. */
  private static final MessageType<List<TransformStamped>> TF =
      new MessageType<>() {
        @Override
        public String name() {
          return "tf2_msgs/msg/TFMessage";
        }

        @Override
        public String definition() {
          return "geometry_msgs/TransformStamped[] transforms\n";
        }

        @Override
        public List<TransformStamped> read(CdrReader in) {
          List<TransformStamped> transforms = new ArrayList<>();
          for (int left = in.readLength(1); left > 0; left--) {
            transforms.add(TransformStamped.TYPE.read(in));
          }
          return transforms;
        }

        @Override
        public void write(List<TransformStamped> transforms, CdrWriter out) {
          out.writeInt(transforms.size());
          transforms.forEach(transform -> TransformStamped.TYPE.write(transform, out));
        }
      };

  @TempDir Path folder;

  private static List<TransformStamped> transform(String parent, String child) {
    return List.of(
        new TransformStamped()
            .withHeader(new Header().withFrameId(parent))
            .withChildFrameId(child));
  }

  @Test
  void staticTransformsOfAllPublishersStandInEveryBagAndMovingOnesAsTheyCame() throws Exception {
    InterfacePackage.load(
        Path.of(System.getProperty("reverie.root"), "src/robot/test/tf2_msgs"),
        Files.createDirectory(folder.resolve("build")));
    Path bundle = folder.resolve("bundle");
    TestBundles.bundle(TestBundles.spec(), 0.1, 0).save(bundle);
    try (var robot = new RunningRobot(bundle, folder.resolve("rollouts"));
        Publisher<List<TransformStamped>> base = latched(robot);
        Publisher<List<TransformStamped>> hand = latched(robot);
        Publisher<List<TransformStamped>> moving =
            robot.arm.node.createPublisher(TF, "/tf", Qos.reliable(10))) {
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
        assertEquals(TF.name(), bag.types().get("/tf"));
        List<String> children = new ArrayList<>();
        bag.forEach(
            Set.of("/tf_static"),
            message -> children.add(TF.decode(message.data()).getFirst().childFrameId()));
        assertEquals(List.of("base", "camera"), children.stream().sorted().distinct().toList());
        List<byte[]> moved = new ArrayList<>();
        bag.forEach(Set.of("/tf"), message -> moved.add(message.data()));
        assertTrue(moved.size() >= 3, moved.size() + " transforms");
        assertArrayEquals(TF.encode(transform("base", "link")), moved.getFirst());
      }
    }
  }

  private static Publisher<List<TransformStamped>> latched(RunningRobot robot) {
    return robot.arm.node.createPublisher(TF, "/tf_static", Qos.transientLocal(1));
  }
}
