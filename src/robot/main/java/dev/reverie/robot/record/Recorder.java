package dev.reverie.robot.record;

import dev.reverie.mcap.DiskReserve;
import dev.reverie.mcap.rosbag2.Rosbag2Topic;
import dev.reverie.robot.record.BagThread.Entry;
import java.nio.file.Path;
import java.util.Optional;
import java.util.function.Consumer;
import java.util.function.LongSupplier;

/**
 * Records one rollout bag an episode. The control thread hands messages over to the {@link
 * BagThread} and waits for nothing. An episode of which something is lost has to end: where a
 * message does not fit into the queue it is dropped and counted, and who began the recording is
 * told. For the control thread, but for the figures and for {@link #record}.
 */
public final class Recorder implements AutoCloseable {
  /** Some seconds of a few cameras; the rest of the heap is for what else goes on. */
  public static final long MAX_QUEUED_BYTES =
      Math.min(256L << 20, Runtime.getRuntime().maxMemory() / 3);

  /**
   * A recording that has ended.
   *
   * @param there whether anything of it is on the disk
   * @param fault why it is not complete; empty where it is
   */
  public record Closed(Path bag, boolean there, Optional<String> fault) {}

  private final Path folder;
  private final long maxQueuedBytes;
  private final LongSupplier clock;
  private final BagThread bags;
  private volatile boolean recording;
  private volatile Consumer<String> lost = reason -> {};

  private Recorder(Path folder, long maxQueuedBytes, BagThread bags, LongSupplier clock) {
    this.folder = folder;
    this.maxQueuedBytes = maxQueuedBytes;
    this.bags = bags;
    this.clock = clock;
  }

  /**
   * Starts a recorder whose bags go into a folder.
   *
   * @param clock log time of messages, nanoseconds
   */
  public static Recorder start(Path folder, long maxQueuedBytes, LongSupplier clock) {
    return start(folder, maxQueuedBytes, DiskReserve.DEFAULT_BYTES, clock);
  }

  /**
   * Starts a recorder as {@link #start(Path, long, LongSupplier)} does, with a reserve of this
   * size.
   *
   * @param reservedBytes room that is kept on the disk for the end of a bag
   */
  public static Recorder start(
      Path folder, long maxQueuedBytes, long reservedBytes, LongSupplier clock) {
    return new Recorder(folder, maxQueuedBytes, BagThread.start(folder, reservedBytes), clock);
  }

  /** Returns whether an episode is being recorded. */
  public boolean isRecording() {
    return recording;
  }

  /** Folder of an episode's bag. */
  public Path bag(String episodeId) {
    return folder.resolve(episodeId);
  }

  /** Messages since the start that did not fit into the queue or onto the disk. */
  public long dropped() {
    return bags.dropped();
  }

  /** Messages of the recording that runs which a crash or a power cut cannot take any more. */
  long forced() {
    return bags.forced();
  }

  /** Returns why the recording that runs, or ran last, is not complete; empty where it is. */
  public String fault() {
    return bags.fault();
  }

  public long queuedBytes() {
    return bags.queuedBytes();
  }

  /**
   * Begins the bag of an episode.
   *
   * @param failed told when something of the recording is lost and the episode should end, on any
   *     thread; a second time if the disk refuses then too
   */
  public void begin(String episodeId, Consumer<String> failed) {
    recording = true;
    lost = failed;
    bags.fault("");
    bags.ask(new Entry.Begin(bag(episodeId), failed));
  }

  /**
   * Records a message if an episode runs.
   *
   * @param bytes CDR; must not be changed any more
   */
  public void record(Rosbag2Topic topic, byte[] bytes) {
    if (!recording) {
      return;
    }
    if (bags.queuedBytes() + bytes.length > maxQueuedBytes) {
      bags.drop();
      if (bags.fault().isEmpty()) {
        bags.fault(tooSlow());
        lost.accept(bags.fault());
      }
      return;
    }
    bags.write(new Entry.Message(topic, clock.getAsLong(), bytes, false));
  }

  /** Records a message as {@link #record} does, for the few that always find a place. */
  void recordVital(Rosbag2Topic topic, byte[] bytes) {
    if (recording) {
      bags.write(new Entry.Message(topic, clock.getAsLong(), bytes, true));
    }
  }

  private String tooSlow() {
    return "the disk of %s is too slow: %d MiB wait to be written; use a faster one, or smaller pictures"
        .formatted(folder, bags.queuedBytes() >> 20);
  }

  /** Ends the episode's bag; {@code done} runs on the recorder's thread when it is on the disk. */
  public void end(Consumer<Closed> done) {
    recording = false;
    bags.ask(new Entry.End(done));
  }

  /** Appends one message to a bag that has ended. */
  public void amend(Path bag, Rosbag2Topic topic, byte[] bytes, Consumer<Closed> done) {
    bags.ask(new Entry.Amend(bag, topic, clock.getAsLong(), bytes, done));
  }

  /** Ends the recording that runs. */
  @Override
  public void close() {
    bags.close();
  }
}
