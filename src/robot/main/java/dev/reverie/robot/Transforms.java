package dev.reverie.robot;

import static java.lang.foreign.ValueLayout.JAVA_BYTE;

import dev.reverie.mcap.rosbag2.Rosbag2Topic;
import dev.reverie.msgs.geometry_msgs.TransformStamped;
import dev.reverie.rcljava.Node;
import dev.reverie.rcljava.Qos;
import dev.reverie.rcljava.RclException;
import dev.reverie.rcljava.SubscriptionOptions;
import dev.reverie.rollout.RolloutTopic;
import java.util.function.BiConsumer;

/**
 * Records {@code /tf} and {@code /tf_static} where tf2_msgs is installed; nothing here reads them.
 * Each publisher of static transforms latches its own message, so all that came are kept and stand
 * at the beginning of every bag. For the control thread.
 */
final class Transforms {
  private static final String TYPE = "tf2_msgs/msg/TFMessage";
  private static final String DEFINITION =
      """
      geometry_msgs/TransformStamped[] transforms

      ================================================================================
      MSG: geometry_msgs/TransformStamped
      """
          + TransformStamped.TYPE.definition();

  /** Most static transforms that are kept; an arm has some dozens. */
  private static final int MAX_KEPT = 1000;

  private Transforms() {}

  /** Subscribes to both; returns whether they can be recorded. */
  static boolean record(Node node, Recorder recorder, FirstMessages first) {
    try {
      subscribe(node, "/tf", false, recorder::record);
      subscribe(node, "/tf_static", true, (topic, bytes) -> first.keep(topic, bytes, MAX_KEPT));
      return true;
    } catch (RclException e) {
      return false; // there is no tf2_msgs in this environment
    }
  }

  private static void subscribe(
      Node node, String name, boolean latched, BiConsumer<Rosbag2Topic, byte[]> consumer) {
    var topic = new Rosbag2Topic[1];
    var subscription =
        node.createSerializedSubscription(
            TYPE,
            name,
            latched ? Qos.transientLocal(100) : Qos.reliable(100),
            SubscriptionOptions.DEFAULT,
            (cdr, info) -> consumer.accept(topic[0], cdr.toArray(JAVA_BYTE)));
    topic[0] = RolloutTopic.inBag(subscription.topic(), TYPE, DEFINITION, latched);
  }
}
