package dev.reverie.robot;

import dev.reverie.msgs.MessageType;
import dev.reverie.rcljava.Node;
import dev.reverie.rcljava.Publisher;
import dev.reverie.rcljava.Qos;
import dev.reverie.rcljava.Qos.Durability;
import java.lang.foreign.MemorySegment;

/** A topic whose messages go out and into the rollout, byte for byte the same. */
final class Output<T> {

  private final MessageType<T> type;
  private final Publisher<T> publisher;
  private final Recorder recorder;
  private final Recorder.Topic topic;
  private final boolean vital;
  private byte[] last = {};

  Output(Node node, MessageType<T> type, String name, Qos qos, Recorder recorder) {
    this(node, type, name, qos, recorder, false);
  }

  /**
   * @param vital recorded even where the recorder can take no more
   */
  Output(Node node, MessageType<T> type, String name, Qos qos, Recorder recorder, boolean vital) {
    this.type = type;
    this.recorder = recorder;
    this.vital = vital;
    publisher = node.createPublisher(type, name, qos);
    topic =
        Recorder.Topic.of(publisher.topic(), type, qos.durability() == Durability.TRANSIENT_LOCAL);
  }

  Recorder.Topic topic() {
    return topic;
  }

  /** Publishes and records a message; returns its CDR. */
  byte[] send(T message) {
    last = type.encode(message);
    publisher.publishSerialized(MemorySegment.ofArray(last));
    if (vital) {
      recorder.recordVital(topic, last);
    } else {
      recorder.record(topic, last);
    }
    return last;
  }

  /** Publishes the last message again. */
  void repeat() {
    if (last.length > 0) {
      publisher.publishSerialized(MemorySegment.ofArray(last));
    }
  }
}
