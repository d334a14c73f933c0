package dev.reverie.robot.record;

import dev.reverie.mcap.DiskReserve;
import dev.reverie.mcap.McapException;
import dev.reverie.mcap.McapOptions;
import dev.reverie.mcap.rosbag2.Rosbag2Topic;
import dev.reverie.rollout.RolloutWriter;
import java.lang.foreign.MemorySegment;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.locks.LockSupport;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * Writes bags on a thread of its own, in the order in which it was asked. Where the disk is full
 * its reserve keeps the room for what was taken so far and for the end, so that the bag is whole.
 * When the disk refuses otherwise, the recording ends there, and what was written stays readable.
 */
final class BagThread implements AutoCloseable {
  /**
   * The time that the thread sleeps when it has nothing to do while an episode runs. Messages do
   * not wake it: that would cost the control thread more than the rest of handing them over.
   */
  private static final long PAUSE_NANOS = 10_000_000;

  /** Work for the thread. */
  sealed interface Entry {
    /**
     * Opens a bag.
     *
     * @param failed told when something of the recording is lost, on this thread
     */
    record Begin(Path bag, Consumer<String> failed) implements Entry {}

    /**
     * Writes a message to the open bag.
     *
     * @param vital what a bag cannot do without, such as the end of its episode
     */
    record Message(Rosbag2Topic topic, long logNanos, byte[] bytes, boolean vital)
        implements Entry {}

    record End(Consumer<Recorder.Closed> done) implements Entry {}

    record Amend(
        Path bag, Rosbag2Topic topic, long logNanos, byte[] bytes, Consumer<Recorder.Closed> done)
        implements Entry {}

    record Stop() implements Entry {}
  }

  private final Path folder;
  private final DiskReserve reserve;
  private final Queue<Entry> queue = new ConcurrentLinkedQueue<>();
  private final AtomicLong queuedBytes = new AtomicLong();
  private final AtomicLong dropped = new AtomicLong();
  private volatile String lastFault = "";
  private volatile long forced;
  private final Thread thread = Thread.ofPlatform().name("recorder").daemon().unstarted(this::work);

  // This thread's:
  private @Nullable RolloutWriter writer;
  private Path bag;
  private @Nullable String fault;
  private boolean full; // the disk: the reserve is used
  private Consumer<String> failed = reason -> {};

  private BagThread(Path folder, long reservedBytes) {
    this.folder = folder;
    reserve = new DiskReserve(folder, reservedBytes);
    bag = folder;
  }

  /**
   * Starts the thread.
   *
   * @param reservedBytes room that is kept on the disk for the end of a bag
   */
  static BagThread start(Path folder, long reservedBytes) {
    var bags = new BagThread(folder, reservedBytes);
    bags.thread.start();
    return bags;
  }

  /** Messages since the start that did not find room. */
  long dropped() {
    return dropped.get();
  }

  /** Counts a message that was not even taken. */
  void drop() {
    dropped.incrementAndGet();
  }

  /** Messages of the recording that runs which a crash or a power cut cannot take any more. */
  long forced() {
    return forced;
  }

  /** Returns why the recording that runs, or ran last, is not complete; empty where it is. */
  String fault() {
    return lastFault;
  }

  void fault(String reason) {
    lastFault = reason;
  }

  long queuedBytes() {
    return queuedBytes.get();
  }

  /** Hands a message over without waking the thread. */
  void write(Entry.Message message) {
    queuedBytes.addAndGet(message.bytes.length);
    queue.add(message);
  }

  /** Hands over what should be done at once. */
  void ask(Entry entry) {
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
          case Entry.Message message -> take(message);
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
    bag = begin.bag;
    forced = 0;
    try {
      reserve.fill();
      String id = bag.getFileName().toString();
      writer = RolloutWriter.open(folder, id, McapOptions.ROS2, reserve);
    } catch (RuntimeException e) {
      fail(String.valueOf(e.getMessage()));
    }
  }

  private void take(Entry.Message message) {
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

  private Recorder.Closed finish() {
    RolloutWriter open = writer;
    if (open != null) {
      guard(open::close);
      watchDisk(open);
    }
    var closed = new Recorder.Closed(bag, Files.isDirectory(bag), Optional.ofNullable(fault));
    writer = null;
    fault = null;
    full = false;
    return closed;
  }

  private static Recorder.Closed append(Entry.Amend amend) {
    try {
      MemorySegment cdr = MemorySegment.ofArray(amend.bytes);
      RolloutWriter.append(amend.bag, amend.topic, amend.logNanos, amend.logNanos, cdr);
      return new Recorder.Closed(amend.bag, true, Optional.empty());
    } catch (RuntimeException e) {
      return new Recorder.Closed(amend.bag, true, Optional.of(String.valueOf(e.getMessage())));
    }
  }

  /** Does a step; the first one that the disk refuses ends the recording. */
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
