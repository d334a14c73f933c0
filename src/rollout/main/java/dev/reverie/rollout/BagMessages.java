package dev.reverie.rollout;

import static java.lang.foreign.ValueLayout.JAVA_BYTE;

import dev.reverie.mcap.McapQuery;
import java.nio.file.Path;
import java.util.Collections;
import java.util.Map;
import java.util.Set;
import java.util.function.Consumer;

/** The messages of a bag as they came over the wire, for those who play it again. */
public final class BagMessages {
  /**
   * A message as it was recorded.
   *
   * @param logNanos when it was recorded, in the recorder's clock
   * @param data CDR with its encapsulation; the caller's own
   */
  public record Message(String topic, long logNanos, byte[] data) {}

  private final BagFiles files;
  private final Map<String, String> types;

  private BagMessages(BagFiles files) {
    this.files = files;
    types = Collections.unmodifiableMap(files.topics());
  }

  /**
   * Opens the bag of an episode, or any other rosbag2 folder of MCAP files.
   *
   * @throws EpisodeException where it cannot be read
   */
  public static BagMessages open(Path bag) {
    return new BagMessages(new BagFiles(bag));
  }

  /** Types such as {@code sensor_msgs/msg/Image}, by topic, in the order of the topics. */
  public Map<String, String> types() {
    return types;
  }

  /**
   * Topics of the cameras' pictures, one of each, by its name as {@link Episode} has it.
   *
   * @param configuration that the episode was recorded with; may be empty
   */
  public Map<String, String> cameras(String configuration) {
    return CameraNames.of(EpisodeTopics.pictures(types), configuration);
  }

  /**
   * Gives the messages of these topics in the order in which they were recorded; one at a time is
   * held.
   *
   * @throws EpisodeException where the bag is damaged
   */
  public void forEach(Set<String> topics, Consumer<Message> consumer) {
    forEach(McapQuery.topics(topics), consumer);
  }

  /**
   * Gives the messages of one topic that were recorded in a time; of the bag only what its index
   * says they stand in is read.
   *
   * @param untilNanos log time that is no longer wanted
   * @throws EpisodeException where the bag is damaged
   */
  public void forEach(String topic, long fromNanos, long untilNanos, Consumer<Message> consumer) {
    forEach(McapQuery.topics(topic).between(fromNanos, untilNanos), consumer);
  }

  private void forEach(McapQuery query, Consumer<Message> consumer) {
    files.read(
        query,
        message ->
            consumer.accept(
                new Message(
                    message.channel().topic(),
                    message.logNanos(),
                    message.data().toArray(JAVA_BYTE))));
  }
}
