package dev.reverie.sim;

import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assertions.fail;

import dev.reverie.msgs.Stamps;
import dev.reverie.msgs.builtin_interfaces.Time;
import dev.reverie.msgs.rcl_interfaces.Log;
import dev.reverie.msgs.reverie.Outcome;
import dev.reverie.msgs.reverie.ResetArm;
import dev.reverie.msgs.sensor_msgs.JointState;
import dev.reverie.msgs.std_msgs.Header;
import dev.reverie.msgs.trajectory_msgs.JointTrajectory;
import dev.reverie.msgs.trajectory_msgs.JointTrajectoryPoint;
import dev.reverie.rcljava.Client;
import dev.reverie.rcljava.Context;
import dev.reverie.rcljava.Executor;
import dev.reverie.rcljava.Node;
import dev.reverie.rcljava.Publisher;
import dev.reverie.rcljava.Qos;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.BooleanSupplier;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/** A simulated arm in a namespace of its own, and a node that commands it. */
final class ArmRig implements AutoCloseable {
  private static final long TIMEOUT_S = 20;
  private static final AtomicInteger COUNT = new AtomicInteger();

  final String namespace =
      "/sim%d_%d".formatted(ProcessHandle.current().pid(), COUNT.incrementAndGet());
  final BlockingQueue<JointState> joints = new LinkedBlockingQueue<>();
  final BlockingQueue<Outcome> outcomes = new LinkedBlockingQueue<>();
  final BlockingQueue<Log> log = new LinkedBlockingQueue<>();
  private final Context context;
  private final SimulatedArm arm;
  private final Node node;
  private final Client<ResetArm.Request, ResetArm.Response> reset;
  private final Publisher<JointTrajectory> commands;
  private final Thread spinner;
  private volatile @Nullable Throwable failure;

  /**
   * Starts the arm and the node that commands it.
   *
   * @param parameters such as {@code lock_step:=true}
   */
  ArmRig(String... parameters) {
    var args = new ArrayList<>(List.of("--ros-args", "-r", "__ns:=" + namespace));
    args.addAll(List.of("-r", "/clock:=" + namespace + "/clock"));
    for (String parameter : parameters) {
      args.addAll(List.of("-p", parameter));
    }
    context = Context.init(args.toArray(String[]::new));
    var executor = new Executor(context);
    try {
      arm = new SimulatedArm(context, executor);
    } catch (RuntimeException e) {
      context.close();
      throw e;
    }
    node = context.createNode("commander");
    var states =
        node.createSubscription(JointState.TYPE, "joint_states", Qos.reliable(10), joints::add);
    var ends = node.createSubscription(Outcome.TYPE, "outcome", Qos.reliable(10), outcomes::add);
    node.createSubscription(Log.TYPE, "/rosout", Qos.transientLocal(1000), this::logged);
    commands = node.createPublisher(JointTrajectory.TYPE, "joint_trajectory", Qos.reliable(10));
    reset = node.createClient(ResetArm.TYPE, "simulated_arm/reset");
    executor.add(node);
    spinner =
        Thread.ofPlatform()
            .start(
                () -> {
                  try {
                    executor.spin();
                  } catch (Throwable e) {
                    failure = e;
                  }
                });
    assertTrue(reset.waitForService(Duration.ofSeconds(TIMEOUT_S)));
    List<String> given = List.of(parameters);
    boolean mock =
        given.stream().anyMatch(parameter -> parameter.startsWith("scene:="))
            && !given.contains("lock_step:=true");
    if (!mock) { // a mock controller has a topic of its own
      awaitSubscriber(commands);
    }
    await(() -> states.publisherCount() > 0 && ends.publisherCount() > 0, "nobody publishes");
  }

  /** The node that commands the arm. */
  Node node() {
    return node;
  }

  /** Waits until somebody hears a publisher. */
  static void awaitSubscriber(Publisher<?> publisher) {
    await(() -> publisher.subscriptionCount() > 0, "nobody hears " + publisher.topic());
  }

  private static void await(BooleanSupplier there, String otherwise) {
    long deadline = System.nanoTime() + TimeUnit.SECONDS.toNanos(TIMEOUT_S);
    while (!there.getAsBoolean()) {
      assertTrue(System.nanoTime() < deadline, otherwise);
      Thread.onSpinWait();
    }
  }

  private void logged(Log message) {
    if (message.name().contains(namespace.substring(1) + ".simulated_arm")) {
      log.add(message);
    }
  }

  ResetArm.Response reset(ResetArm.Request request) {
    try {
      return reset.call(request).get(TIMEOUT_S, TimeUnit.SECONDS);
    } catch (Exception e) {
      throw new AssertionError(e);
    }
  }

  /** Resets, and gives the first observation. */
  JointState begin(ResetArm.Request request) {
    var response = reset(request);
    assertTrue(response.success(), response.message());
    return observation(Stamps.nanos(response.stamp()));
  }

  /** The joint state of this stamp; earlier ones are passed over. */
  JointState observation(long stampNanos) {
    return next(joints, joint -> Stamps.nanos(joint.header().stamp()) == stampNanos);
  }

  static <T> T next(BlockingQueue<T> queue, Predicate<T> wanted) {
    long deadline = System.nanoTime() + TimeUnit.SECONDS.toNanos(TIMEOUT_S);
    try {
      while (true) {
        T message = queue.poll(deadline - System.nanoTime(), TimeUnit.NANOSECONDS);
        if (message == null) {
          return fail("the simulated arm is silent");
        }
        if (wanted.test(message)) {
          return message;
        }
      }
    } catch (InterruptedException e) {
      throw new AssertionError(e);
    }
  }

  void command(Time stamp, double... positions) {
    command(stamp, PegArm.JOINTS, positions);
  }

  void command(Time stamp, List<String> names, double... positions) {
    var point = new JointTrajectoryPoint().withPositions(positions);
    publish(new JointTrajectory(new Header(stamp, ""), names, List.of(point)));
  }

  void publish(JointTrajectory message) {
    commands.publish(message);
  }

  @Override
  public void close() {
    context.shutdown();
    try {
      spinner.join(Duration.ofSeconds(TIMEOUT_S));
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
    arm.close();
    context.close();
    if (failure != null) {
      fail(failure);
    }
  }
}
