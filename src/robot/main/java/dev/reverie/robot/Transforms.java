package dev.reverie.robot;

import static java.lang.foreign.ValueLayout.JAVA_BYTE;

import dev.reverie.mcap.rosbag2.Rosbag2Topic;
import dev.reverie.msgs.tf2_msgs.TFMessage;
import dev.reverie.rcljava.Node;
import dev.reverie.rcljava.Qos;
import dev.reverie.rcljava.SubscriptionOptions;
import dev.reverie.rollout.RolloutTopic;
import java.util.function.BiConsumer;

/**
 * Records {@code /tf} and {@code /tf_static}; nothing here reads them. Each publisher of static
 * transforms latches its own message, so all that came are kept and stand at the beginning of every
 * bag. For the control thread.
 */
final class Transforms {
  /** Most static transforms that are kept; an arm has some dozens. */
  private static final int MAX_KEPT = 1000;

  private Transforms() {}

  /** Subscribes to both. */
  static void record(Node node, Recorder recorder, FirstMessages first) {
    subscribe(node, "/tf", false, recorder::record);
    subscribe(node, "/tf_static", true, (topic, bytes) -> first.keep(topic, bytes, MAX_KEPT));
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
