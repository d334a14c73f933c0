package dev.reverie.console;

import dev.reverie.arm.ArmLinks;
import dev.reverie.arm.ArmSilhouette.Eye;
import dev.reverie.arm.FrameTree;
import dev.reverie.msgs.tf2_msgs.TFMessage;
import dev.reverie.rcljava.Node;
import dev.reverie.rcljava.Qos;
import dev.reverie.rcljava.Subscription;
import dev.reverie.rollout.CameraCalibration;
import java.util.List;
import java.util.Optional;

/** Hears {@code /tf} and {@code /tf_static}, to know where cameras stand. Thread-safe. */
final class Frames implements AutoCloseable {
  private final FrameTree tree = new FrameTree();
  private final Node node;
  private final List<Subscription<?>> subscriptions;

  /** Begins to listen. */
  Frames(Node node) {
    this.node = node;
    subscriptions =
        List.of(
            node.createSubscription(
                TFMessage.TYPE, "/tf", Qos.SENSOR_DATA, message -> took(message, false)),
            node.createSubscription(
                TFMessage.TYPE,
                "/tf_static",
                Qos.transientLocal(100),
                message -> took(message, true)));
  }

  private synchronized void took(TFMessage message, boolean fixed) {
    message.transforms().forEach(each -> tree.add(each, fixed));
  }

  /** Returns where a camera stands; empty where nobody connects its frame to the arm. */
  synchronized Optional<Eye> eye(ArmLinks links, String frame, CameraCalibration lens) {
    return tree.eye(links, frame, lens);
  }

  @Override
  public void close() {
    node.closeParts(subscriptions);
  }
}
