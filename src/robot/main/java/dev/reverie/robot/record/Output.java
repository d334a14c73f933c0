package dev.reverie.robot.record;

import dev.reverie.mcap.rosbag2.Rosbag2Topic;
import dev.reverie.msgs.MessageType;
import dev.reverie.rcljava.Node;
import dev.reverie.rcljava.Publisher;
import dev.reverie.rcljava.Qos;
import dev.reverie.rollout.RolloutTopic;
import java.lang.foreign.MemorySegment;

/** A topic whose messages go out and into the rollout, byte for byte the same. Thread-safe. */
public final class Output<T> {
  private final MessageType<T> type;
  private final Publisher<T> publisher;
  private final Recorder recorder;
  private final Rosbag2Topic inBag;
  private final boolean vital;
  private byte[] last = {};

  /**
   * Creates the publisher of a topic.
   *
   * @param vital recorded even where the recorder can take no more
   */
  public Output(Node node, RolloutTopic<T> topic, Recorder recorder, boolean vital) {
    this(node, topic, topic.name(), recorder, vital);
  }

  /** Creates the publisher of a topic that has another name than usual. */
  public Output(Node node, RolloutTopic<T> topic, String name, Recorder recorder, boolean vital) {
    this(
        node,
        topic,
        name,
        recorder,
        vital,
        topic.latched() ? Qos.transientLocal(1) : Qos.reliable(10));
  }

  /**
   * Creates the publisher of a vital topic, of which whoever comes late gets the last messages.
   *
   * @param kept how many of them
   */
  public Output(Node node, RolloutTopic<T> topic, Recorder recorder, int kept) {
    this(node, topic, topic.name(), recorder, true, Qos.transientLocal(kept));
  }

  private Output(
      Node node, RolloutTopic<T> topic, String name, Recorder recorder, boolean vital, Qos qos) {
    type = topic.type();
    this.recorder = recorder;
    this.vital = vital;
    publisher = node.createPublisher(type, name, qos);
    inBag = topic.inBag(publisher.topic());
  }

  /** The topic as it stands in a bag. */
  public Rosbag2Topic topic() {
    return inBag;
  }

  /** Counts the subscriptions that it reaches. */
  public int reaches() {
    return publisher.subscriptionCount();
  }

  /** Publishes and records a message; returns its CDR. */
  public synchronized byte[] send(T message) {
    last = type.encode(message);
    publisher.publishSerialized(MemorySegment.ofArray(last));
    if (vital) {
      recorder.recordVital(inBag, last);
    } else {
      recorder.record(inBag, last);
    }
    return last;
  }

  /** Records a message that goes out another way. */
  public void record(T message) {
    recorder.record(inBag, type.encode(message));
  }

  /** Publishes the last message again. */
  public synchronized void repeat() {
    if (last.length > 0) {
      publisher.publishSerialized(MemorySegment.ofArray(last));
    }
  }
}
