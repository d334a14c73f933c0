package dev.reverie.calibrate;

import static java.lang.foreign.ValueLayout.JAVA_BYTE;

import dev.reverie.msgs.sensor_msgs.CameraInfo;
import dev.reverie.msgs.sensor_msgs.CompressedImage;
import dev.reverie.msgs.sensor_msgs.Image;
import dev.reverie.msgs.sensor_msgs.JointState;
import dev.reverie.rcljava.Context;
import dev.reverie.rcljava.Executor;
import dev.reverie.rcljava.Node;
import dev.reverie.rcljava.Qos;
import dev.reverie.rcljava.SubscriptionOptions;
import dev.reverie.rollout.CameraCalibration;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.List;
import java.util.function.Predicate;

/** The topics of an arm that runs, until Ctrl-C. */
final class LiveSource implements Source {
  private static final Duration TURN = Duration.ofMillis(100);

  private static final int MOST_AT_ONCE = 1000;

  /** Without a picture for so long somebody is told. */
  private static final long PATIENCE_NANOS = 5_000_000_000L;

  private final Context context;
  private final Executor executor;
  private final Node node;
  private final String images;
  private final Deque<Sensed> waiting = new ArrayDeque<>();

  /**
   * Subscribes.
   *
   * @param rosArguments from {@code --ros-args} on
   */
  LiveSource(List<String> rosArguments, Topics topics) {
    context = Context.init(rosArguments.toArray(String[]::new));
    executor = new Executor(context);
    node = context.createNode("calibrate");
    String type =
        topics.images().endsWith("/compressed") ? CompressedImage.TYPE.name() : Image.TYPE.name();
    // Only the newest picture: looking for a board takes longer than a camera's period.
    images = hear(type, topics.images(), Qos.bestEffort(1));
    hear(CameraInfo.TYPE.name(), CameraCalibration.topic(images), Qos.SENSOR_DATA);
    for (String joints : topics.joints()) {
      hear(JointState.TYPE.name(), joints, Qos.bestEffort(1000));
    }
    hear(dev.reverie.msgs.std_msgs.String.TYPE.name(), topics.description(), Qos.transientLocal(1));
    executor.add(node);
  }

  private String hear(String type, String topic, Qos qos) {
    return node.createSerializedSubscription(
            type,
            topic,
            qos,
            SubscriptionOptions.DEFAULT,
            (cdr, info) -> take(CameraMessages.read(topic, type, cdr.toArray(JAVA_BYTE))))
        .topic();
  }

  private void take(Sensed sensed) {
    if (sensed instanceof Sensed.Picture) {
      waiting.removeIf(old -> old instanceof Sensed.Picture);
    }
    waiting.add(sensed);
  }

  @Override
  public String images() {
    return images;
  }

  @Override
  public void forEach(Predicate<Sensed> taker) {
    long heard = System.nanoTime();
    while (context.isOk()) {
      executor.spinOnce(TURN);
      // What else has come, so that the joints are not older than the picture.
      for (int i = 0; i < MOST_AT_ONCE && executor.spinOnce(Duration.ZERO); i++) {}
      while (!waiting.isEmpty()) {
        Sensed next = waiting.remove();
        heard = next instanceof Sensed.Picture ? System.nanoTime() : heard;
        if (!taker.test(next)) {
          return;
        }
      }
      if (System.nanoTime() - heard > PATIENCE_NANOS) {
        System.err.println("no picture comes on " + images + "; is the camera running? --topic");
        heard = System.nanoTime();
      }
    }
  }

  @Override
  public void close() {
    node.close();
    executor.close();
    context.close();
  }
}
