package dev.reverie.robot;

import static java.lang.foreign.ValueLayout.JAVA_BYTE;

import dev.reverie.mcap.rosbag2.Rosbag2Topic;
import dev.reverie.msgs.geometry_msgs.TransformStamped;
import dev.reverie.rcljava.Node;
import dev.reverie.rcljava.Qos;
import dev.reverie.rcljava.RclException;
import dev.reverie.rcljava.SubscriptionOptions;
import dev.reverie.rollout.RolloutTopic;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.function.Consumer;

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

  /** Of static transforms; an arm has some dozens. */
  private static final int MAX_KEPT = 1000;

  private final Recorder recorder;
  private final List<byte[]> latched = new ArrayList<>();
  private final Rosbag2Topic moving;
  private final Rosbag2Topic still;

  /**
   * @param info told where they cannot be recorded
   */
  Transforms(Node node, Recorder recorder, Consumer<String> info) {
    this.recorder = recorder;
    Rosbag2Topic movingTopic = topic("/tf", false);
    Rosbag2Topic stillTopic = topic("/tf_static", true);
    try {
      movingTopic = subscribe(node, "/tf", Qos.reliable(100), this::moved);
      stillTopic = subscribe(node, "/tf_static", Qos.transientLocal(100), this::placed);
    } catch (RclException e) {
      info.accept("/tf and /tf_static are not recorded: there is no tf2_msgs in this environment");
    }
    moving = movingTopic;
    still = stillTopic;
  }

  private Rosbag2Topic subscribe(Node node, String name, Qos qos, Consumer<byte[]> taker) {
    var subscription =
        node.createSerializedSubscription(
            TYPE,
            name,
            qos,
            SubscriptionOptions.DEFAULT,
            (cdr, info) -> taker.accept(cdr.toArray(JAVA_BYTE)));
    boolean latched = qos.durability() == Qos.Durability.TRANSIENT_LOCAL;
    return topic(subscription.topic(), latched);
  }

  private static Rosbag2Topic topic(String resolved, boolean latched) {
    return RolloutTopic.inBag(resolved, TYPE, DEFINITION, latched);
  }

  private void moved(byte[] message) {
    recorder.record(moving, message);
  }

  private void placed(byte[] message) {
    recorder.record(still, message);
    latched.removeIf(known -> Arrays.equals(known, message));
    if (latched.size() == MAX_KEPT) {
      latched.removeFirst();
    }
    latched.add(message);
  }

  /** Records what stands at an episode's beginning. */
  void recordFirst() {
    latched.forEach(message -> recorder.record(still, message));
  }
}
