package dev.reverie.robot;

import dev.reverie.mcap.DiskReserve;
import dev.reverie.mcap.McapException;
import dev.reverie.mcap.McapOptions;
import dev.reverie.mcap.rosbag2.Rosbag2Topic;
import dev.reverie.rollout.RolloutWriter;
import java.lang.foreign.MemorySegment;
import java.nio.file.Path;
import java.util.Optional;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.locks.LockSupport;
import java.util.function.Consumer;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;

/**
 * Writes one rollout bag an episode, on a thread of its own. The control path hands messages over
 * and waits for nothing. An episode of which something is lost has to end: where a message does not
 * fit into the queue it is dropped and counted, and who began the recording is told. The same when
 * the disk is full; a reserve on it keeps the room for what was taken so far and for the end, so
 * that the bag is whole. When the disk refuses otherwise, the recording ends there, and what was
 * written stays readable.
 */
final class Recorder implements AutoCloseable {

  /** Some seconds of a few cameras; the rest of the heap is for what else goes on. */
  static final long MAX_QUEUED_BYTES = Math.min(256L << 20, Runtime.getRuntime().maxMemory() / 3);

  /**
   * How long the writer looks away when it has nothing to do while an episode runs. Messages do not
   * wake it: that would cost the control thread more than the rest of handing them over.
   */
  private static final long PAUSE_NANOS = 10_000_000;

  /**
   * A recording that has ended.
   *
   * @param fault why it is not complete; empty where it is
   */
  record Closed(Path bag, Optional<String> fault) {}

  private sealed interface Entry {
    record Begin(String episodeId, Consumer<String> failed) implements Entry {}

    /**
     * @param vital what a bag cannot do without, such as the end of its episode
     */
    record Message(Rosbag2Topic topic, long logNanos, byte[] bytes, boolean vital)
        implements Entry {}

    record End(Consumer<Closed> done) implements Entry {}

    record Amend(Path bag, Rosbag2Topic topic, long logNanos, byte[] bytes, Consumer<Closed> done)
        implements Entry {}

    record Stop() implements Entry {}
  }

  private final Path folder;
  private final long maxQueuedBytes;
  private final LongSupplier clock;
  private final Queue<Entry> queue = new ConcurrentLinkedQueue<>();
  private final AtomicLong queuedBytes = new AtomicLong();
  private final AtomicLong dropped = new AtomicLong();
  private volatile String lastFault = "";
  private volatile long forced;
  private final Thread thread = new Thread(this::work, "recorder");

  // The control thread's:
  private boolean recording;
  private Consumer<String> lost = reason -> {};

  // The recorder thread's:
  private @Nullable RolloutWriter writer;
  private Path bag;
  private @Nullable String fault;
  private boolean full; // the disk: the reserve is used
  private Consumer<String> failed = reason -> {};
  private final DiskReserve reserve;

  /**
   * @param folder that the bags go into
   * @param clock log time of messages, nanoseconds
   */
  Recorder(Path folder, long maxQueuedBytes, LongSupplier clock) {
    this(folder, maxQueuedBytes, DiskReserve.DEFAULT_BYTES, clock);
  }

  /**
   * @param reservedBytes room that is kept on the disk for the end of a bag
   */
  Recorder(Path folder, long maxQueuedBytes, long reservedBytes, LongSupplier clock) {
    this.folder = folder;
    this.maxQueuedBytes = maxQueuedBytes;
    reserve = new DiskReserve(folder, reservedBytes);
    this.clock = clock;
    bag = folder;
    thread.setDaemon(true);
    thread.start();
  }

  /** Where the bag of an episode is. */
  Path bag(String episodeId) {
    return folder.resolve(episodeId);
  }

  /** Messages since the start that did not fit into the queue or onto the disk. */
  long dropped() {
    return dropped.get();
  }

  /** Messages of the recording that runs which a crash or a power cut cannot take any more. */
  long forced() {
    return forced;
  }

  /** Why the recording that runs, or ran last, is not complete; empty where it is. */
  String fault() {
    return lastFault;
  }

  long queuedBytes() {
    return queuedBytes.get();
  }

  /**
   * @param failed told when something of the recording is lost and the episode should end, on any
   *     thread; a second time if the disk refuses then too
   */
  void begin(String episodeId, Consumer<String> failed) {
    recording = true;
    lost = failed;
    lastFault = "";
    ask(new Entry.Begin(episodeId, failed));
  }

  /**
   * Records a message if an episode runs.
   *
   * @param bytes CDR; must not be changed any more
   */
  void record(Rosbag2Topic topic, byte[] bytes) {
    if (!recording) {
      return;
    }
    if (queuedBytes.get() + bytes.length > maxQueuedBytes) {
      dropped.incrementAndGet();
      if (lastFault.isEmpty()) {
        lastFault = tooSlow();
        lost.accept(lastFault);
      }
      return;
    }
    enqueue(topic, bytes, false);
  }

  /** As {@link #record}, for the few messages that always find a place. */
  void recordVital(Rosbag2Topic topic, byte[] bytes) {
    if (recording) {
      enqueue(topic, bytes, true);
    }
  }

  private void enqueue(Rosbag2Topic topic, byte[] bytes, boolean vital) {
    queuedBytes.addAndGet(bytes.length);
    queue.add(new Entry.Message(topic, clock.getAsLong(), bytes, vital));
  }

  private String tooSlow() {
    return "the disk of %s is too slow: %d MiB wait to be written; use a faster one, or smaller pictures"
        .formatted(folder, queuedBytes.get() >> 20);
  }

  /** Ends the episode's bag; {@code done} runs on the recorder's thread when it is on the disk. */
  void end(Consumer<Closed> done) {
    recording = false;
    ask(new Entry.End(done));
  }

  /** Appends one message to a bag that has ended. */
  void amend(Path bag, Rosbag2Topic topic, byte[] bytes, Consumer<Closed> done) {
    ask(new Entry.Amend(bag, topic, clock.getAsLong(), bytes, done));
  }

  /** Hands over what should be done at once. */
  private void ask(Entry entry) {
    queue.add(entry);
    LockSupport.unpark(thread);
  }

  private void work() {
    try (reserve) {
      try {
        reserve.fill();
      } catch (McapException e) {
        // Tried again when an episode begins, which is refused then.
      }
      for (Entry entry = next(); !(entry instanceof Entry.Stop); entry = next()) {
        switch (entry) {
          case Entry.Begin begin -> open(begin);
          case Entry.Message message -> write(message);
          case Entry.End end -> end.done.accept(finish());
          case Entry.Amend amend -> amend.done.accept(append(amend));
          case Entry.Stop _ -> {}
        }
      }
    } finally {
      finish();
    }
  }

  private Entry next() {
    while (true) {
      Entry entry = queue.poll();
      if (entry != null) {
        return entry;
      }
      RolloutWriter open = writer;
      if (open == null && fault == null) {
        LockSupport.park(this); // until it is asked for something
      } else {
        LockSupport.parkNanos(this, PAUSE_NANOS);
      }
      if (open != null && fault == null) {
        guard(open::forceIfDue);
        watchDisk(open);
      }
      if (Thread.interrupted()) {
        return new Entry.Stop();
      }
    }
  }

  private void open(Entry.Begin begin) {
    finish();
    failed = begin.failed;
    bag = bag(begin.episodeId);
    forced = 0;
    try {
      reserve.fill();
      writer = RolloutWriter.open(folder, begin.episodeId, McapOptions.ROS2, reserve);
    } catch (RuntimeException e) {
      fail(String.valueOf(e.getMessage()));
    }
  }

  private void write(Entry.Message message) {
    queuedBytes.addAndGet(-message.bytes.length);
    RolloutWriter open = writer;
    if (open == null || (fault != null && !full) || (full && !message.vital)) {
      dropped.incrementAndGet();
    } else {
      MemorySegment cdr = MemorySegment.ofArray(message.bytes);
      guard(() -> open.write(message.topic, message.logNanos, message.logNanos, cdr));
      watchDisk(open);
    }
  }

  private void watchDisk(RolloutWriter open) {
    forced = open.forcedMessages();
    if (open.reserveUsed() && !full) {
      full = true;
      fail(
          "the disk of %s is full; make room on it (the bag ends early, but is whole)"
              .formatted(folder));
    }
  }

  private Closed finish() {
    RolloutWriter open = writer;
    if (open != null) {
      guard(open::close);
      watchDisk(open);
    }
    var closed = new Closed(bag, Optional.ofNullable(fault));
    writer = null;
    fault = null;
    full = false;
    return closed;
  }

  private static Closed append(Entry.Amend amend) {
    try {
      RolloutWriter.append(
          amend.bag,
          amend.topic,
          amend.logNanos,
          amend.logNanos,
          MemorySegment.ofArray(amend.bytes));
      return new Closed(amend.bag, Optional.empty());
    } catch (RuntimeException e) {
      return new Closed(amend.bag, Optional.of(String.valueOf(e.getMessage())));
    }
  }

  /** The first thing that the disk refuses ends the recording. */
  private void guard(Runnable step) {
    try {
      step.run();
    } catch (RuntimeException e) {
      if (fault == null || full) {
        full = false;
        fail(
            "%s; free space on the disk of %s, then make the bag whole with: reverie rollouts recover %s"
                .formatted(e.getMessage(), folder, bag));
      }
    }
  }

  private void fail(String reason) {
    fault = reason;
    lastFault = reason;
    failed.accept(reason);
  }

  /** Ends the recording that runs. */
  @Override
  public void close() {
    ask(new Entry.Stop());
    try {
      thread.join();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }
}
