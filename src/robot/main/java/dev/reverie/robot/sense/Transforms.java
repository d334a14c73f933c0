package dev.reverie.robot.sense;

import static java.lang.foreign.ValueLayout.JAVA_BYTE;

import dev.reverie.arm.HandEye;
import dev.reverie.mcap.rosbag2.Rosbag2Topic;
import dev.reverie.msgs.Stamps;
import dev.reverie.msgs.geometry_msgs.Quaternion;
import dev.reverie.msgs.geometry_msgs.Transform;
import dev.reverie.msgs.geometry_msgs.TransformStamped;
import dev.reverie.msgs.geometry_msgs.Vector3;
import dev.reverie.msgs.std_msgs.Header;
import dev.reverie.msgs.tf2_msgs.TFMessage;
import dev.reverie.rcljava.Node;
import dev.reverie.rcljava.Qos;
import dev.reverie.rcljava.SubscriptionOptions;
import dev.reverie.robot.record.Recorder;
import dev.reverie.rollout.RolloutTopic;
import java.nio.file.Path;
import java.util.List;
import java.util.function.BiConsumer;

/**
 * Publishes where cameras stand, and records {@code /tf} and {@code /tf_static}; nothing here reads
 * them. Each publisher of static transforms latches its own message, so all that came are kept and
 * stand at the beginning of every bag. For the control thread.
 */
public final class Transforms {
  /** Most static transforms that are kept; an arm has some dozens. */
  private static final int MAX_KEPT = 1000;

  private Transforms() {}

  /** Subscribes to both. */
  public static void record(Node node, Recorder recorder, FirstMessages first) {
    subscribe(node, "/tf", false, recorder::record);
    subscribe(node, "/tf_static", true, (topic, bytes) -> first.keep(topic, bytes, MAX_KEPT));
  }

  /**
   * Publishes where cameras stand, for as long as the node is configured. What is published is
   * heard by the node itself, and so recorded.
   *
   * @param files of {@code calibrate hand-eye}
   */
  public static void publish(Node node, List<String> files) {
    if (files.isEmpty()) {
      return;
    }
    Header header = new Header().withStamp(Stamps.time(node.clock().nowNanos()));
    List<TransformStamped> transforms =
        files.stream().map(file -> transform(header, HandEye.read(Path.of(file)))).toList();
    node.createPublisher(TFMessage.TYPE, "/tf_static", Qos.transientLocal(1))
        .publish(new TFMessage(transforms));
  }

  private static TransformStamped transform(Header header, HandEye camera) {
    List<Double> xyz = camera.xyz();
    List<Double> q = camera.quaternionXyzw();
    return new TransformStamped(
        header.withFrameId(camera.parentFrame()),
        camera.childFrame(),
        new Transform(
            new Vector3(xyz.get(0), xyz.get(1), xyz.get(2)),
            new Quaternion(q.get(0), q.get(1), q.get(2), q.get(3))));
  }

  private static void subscribe(
      Node node, String name, boolean latched, BiConsumer<Rosbag2Topic, byte[]> consumer) {
    var topic = new Rosbag2Topic[1];
    var subscription =
        node.createSerializedSubscription(
            TFMessage.TYPE.name(),
            name,
            latched ? Qos.transientLocal(100) : Qos.reliable(100),
            SubscriptionOptions.DEFAULT,
            (cdr, info) -> consumer.accept(topic[0], cdr.toArray(JAVA_BYTE)));
    topic[0] = RolloutTopic.inBag(subscription.topic(), TFMessage.TYPE, latched);
  }
}
