package dev.reverie.robot.motion;

import dev.reverie.arm.MotionPlan;
import dev.reverie.arm.Reference;
import dev.reverie.robot.sense.HoldReason;
import dev.reverie.robot.sense.HoldReason.Kind;
import java.io.DataInputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.locks.LockSupport;
import java.util.function.Consumer;
import java.util.function.IntSupplier;
import java.util.function.LongConsumer;
import java.util.function.LongFunction;
import java.util.function.Supplier;

/**
 * Tells a {@link BrakeProcess}, while the arm moves, how it is braked from now on and from the next
 * moments on, so that the arm comes to rest whatever becomes of this process. Where that one braked
 * the arm, for this one was stopped or kept from its work, the reference is braked as well.
 * Thread-safe.
 */
public final class Lifeline implements AutoCloseable {
  private static final long PERIOD_NANOS = 15_000_000L;

  /** Moments that ways to rest are told for, after now. */
  private static final long[] MOMENTS = {
    0, 15_000_000L, 30_000_000L, 50_000_000L, 60_000_000L, 75_000_000L, 100_000_000L, 150_000_000L
  };

  /**
   * Time by which an arm that was braked rests, whether the brake or what was sent before it came
   * last.
   */
  private static final long SETTLES_NANOS = 1_000_000_000L;

  /** Puts the process out of reach of a Ctrl-C for this one. */
  private static final Path SETSID = Path.of("/usr/bin/setsid");

  private final Process process;
  private final Supplier<Optional<Reference>> moved;
  private final Drive drive;
  private final int[] joints;
  private final LongConsumer braked;
  private final Consumer<String> lost;
  private final String topic;
  private final IntSupplier heard;
  private final DataInputStream says;
  private final Deque<Long> brakes = new ArrayDeque<>(); // those that no reference was told of yet
  private int reaches; // subscriptions
  private boolean reached; // all that there are, since there were none
  private boolean ended;
  private boolean settles; // since the last brake
  private long brakedNanos;
  private final Thread thread;
  private volatile boolean closed;

  /**
   * Starts the process, and waits until it is ready.
   *
   * @param namespace of the node
   * @param topic full name
   * @param names of the joints that the controller has
   * @param joints their indices, of the reference's
   * @param moved what moves the arm just now
   * @param drive what brings it to the controller
   * @param heard counts the subscriptions that this process reaches
   * @param braked takes how long ago the arm was braked, ns
   * @param lost takes why nothing brakes the arm beside this process any more
   */
  Lifeline(
      String namespace,
      String node,
      String topic,
      List<String> names,
      int[] joints,
      Supplier<Optional<Reference>> moved,
      Drive drive,
      IntSupplier heard,
      LongConsumer braked,
      Consumer<String> lost)
      throws IOException {
    this.topic = topic;
    this.heard = heard;
    this.joints = joints;
    this.moved = moved;
    this.drive = drive;
    this.braked = braked;
    this.lost = lost;
    List<String> command = new ArrayList<>();
    if (Files.isExecutable(SETSID)) {
      command.add(SETSID.toString());
    }
    command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
    command.addAll(
        List.of(
            "-Xmx32m",
            "-XX:+UseSerialGC",
            "-XX:TieredStopAtLevel=1",
            "--enable-native-access=ALL-UNNAMED",
            "--sun-misc-unsafe-memory-access=allow",
            "-cp",
            System.getProperty("java.class.path"),
            BrakeProcess.class.getName(),
            namespace,
            node,
            topic));
    command.addAll(names);
    Path profile = Files.createTempFile("reverie", ".xml");
    try {
      var builder = new ProcessBuilder(command).redirectError(ProcessBuilder.Redirect.INHERIT);
      OffSharedMemory.write(profile, builder.environment());
      process = builder.start();
      says = new DataInputStream(process.getInputStream());
      WarmMotion.run(names.size());
      hear(says.readByte(), says.readLong()); // it is ready
    } finally {
      Files.delete(profile);
    }
    thread = Thread.ofPlatform().name("lifeline").daemon().unstarted(this::run);
    thread.start();
  }

  private void run() {
    var _ = RealTimePriority.take();
    try (OutputStream out = process.getOutputStream()) {
      while (!closed) {
        out.write(next().bytes());
        out.flush();
        LockSupport.parkNanos(this, PERIOD_NANOS);
      }
      out.write(BrakeFrame.REST.bytes());
    } catch (IOException e) {
      end();
      if (!closed) {
        lost.accept(
            "the process that brakes the arm if this one dies has ended; start the node anew");
      }
    }
  }

  private synchronized void end() {
    ended = true;
  }

  /** Returns what is to be told now. */
  private BrakeFrame next() {
    Optional<Reference> reference = moved.get();
    reference.ifPresent(this::settle);
    long now = System.nanoTime();
    return reference
        .filter(moving -> !moving.plan().rests(now))
        .map(moving -> frame(moving, drive, joints, now))
        .orElse(BrakeFrame.REST);
  }

  /** Returns how a reference that moves is braked, from now on and from the next moments on. */
  static BrakeFrame frame(Reference reference, Drive drive, int[] joints, long now) {
    long[] begins = MOMENTS.clone();
    for (int i = 0; i < begins.length; i++) {
      begins[i] += now;
    }
    List<MotionPlan> plans = reference.braking(begins);
    List<BrakeFrame.Way> ways = new ArrayList<>();
    for (int i = 0; i < begins.length; i++) {
      LongFunction<MotionState> asked =
          drive.asked().orElse(at -> MotionState.of(reference.plan(), at, reference.size()));
      ways.add(BrakeFrame.Way.of(begins[i], plans.get(i), asked, reference.limits(), joints));
    }
    return new BrakeFrame(ways);
  }

  /** Brakes a reference whose arm was braked; to be called before it is moved on. */
  public synchronized void settle(Reference reference) {
    hear();
    while (!brakes.isEmpty()) {
      long from = brakes.removeFirst();
      reference.rest(from);
      drive.follow(reference); // the controller was sent another way than this one's last
      braked.accept(System.nanoTime() - from);
    }
  }

  /**
   * Returns why the arm may not be moved: nothing would brake it if this process died, or it was
   * braked and it is not known where it is.
   */
  public Optional<HoldReason> fault() {
    return fault(heard.getAsInt()); // asked of the middleware before anybody waits for this one
  }

  private synchronized Optional<HoldReason> fault(int all) {
    hear();
    settles &= System.nanoTime() - brakedNanos < SETTLES_NANOS;
    if (settles) {
      return Optional.of(
          HoldReason.about(
              Kind.NO_CONTROLLER,
              topic,
              "the arm was braked while this process did not go on; it goes on when the arm surely"
                  + " rests"));
    }
    reached = all > 0 && reaches > 0 && (reached || reaches >= all);
    return reached || all == 0 || ended
        ? Optional.empty()
        : Optional.of(
            HoldReason.about(
                Kind.NO_CONTROLLER,
                topic,
                "the process that brakes the arm if this one dies does not reach '%s' yet; where it"
                    + " stays so, end processes that are left over, and restart the node",
                topic));
  }

  private synchronized void hear() {
    try {
      while (says.available() > Long.BYTES) {
        hear(says.readByte(), says.readLong());
      }
    } catch (IOException _) {
      ended = true; // which the thread tells
    }
  }

  private void hear(byte what, long value) {
    if (what == BrakeProcess.BRAKED) {
      brakes.add(value);
      settles = true;
      brakedNanos = System.nanoTime();
    } else {
      reaches = (int) value;
    }
  }

  @Override
  public void close() {
    closed = true;
    LockSupport.unpark(thread);
    try {
      thread.join(1000);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }
}
