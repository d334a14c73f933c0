package dev.reverie.rcljava;

import static java.lang.foreign.ValueLayout.ADDRESS;
import static java.lang.foreign.ValueLayout.JAVA_BOOLEAN;
import static java.lang.foreign.ValueLayout.JAVA_INT;

import dev.reverie.msgs.ActionType;
import dev.reverie.msgs.MessageType;
import dev.reverie.msgs.ServiceType;
import java.lang.foreign.Arena;
import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.MemorySegment;
import java.lang.invoke.MethodHandle;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.function.BiConsumer;
import java.util.function.Consumer;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * A node: publishers, subscriptions, services, clients, actions, timers and parameters under one
 * name. Names of topics may be relative ({@code image}), absolute ({@code /image}) or private
 * ({@code ~/image}).
 */
public final class Node implements AutoCloseable {

  private static final RclFunction INIT = RclFunction.of("rcl_node_init", 5);
  private static final RclFunction FINI = RclFunction.of("rcl_node_fini", 1);
  private static final RclFunction OPTIONS_FINI = RclFunction.of("rcl_node_options_fini", 1);
  private static final MethodHandle RESOLVE =
      Librcl.function(
          "rcl_node_resolve_name",
          FunctionDescriptor.of(
              JAVA_INT, ADDRESS, ADDRESS, Librcl.ALLOCATOR, JAVA_BOOLEAN, JAVA_BOOLEAN, ADDRESS));

  private final Context context;
  private final MemorySegment pointer = DynamicLinker.zeroed(Arena.ofAuto(), 64);
  private final String name;
  private final String namespace;
  private final RosLogger logger;
  private final Parameters parameters;
  private final Clock clock;
  private final List<AutoCloseable> parts = new CopyOnWriteArrayList<>();
  private volatile @Nullable Executor executor;
  private boolean open = true;

  Node(Context context, String name, NodeOptions options) {
    this.context = context;
    try (var arena = Arena.ofConfined()) {
      MemorySegment rclOptions = Librcl.structure(arena, "rcl_node_get_default_options");
      try {
        RclFunction.check(
            INIT.call(
                pointer,
                arena.allocateFrom(name),
                arena.allocateFrom(options.namespace()),
                context.pointer(),
                rclOptions),
            "node " + name);
      } finally {
        OPTIONS_FINI.check(OPTIONS_FINI.call(rclOptions));
      }
    }
    this.name = text("rcl_node_get_name");
    this.namespace = text("rcl_node_get_namespace");
    Logging.openRosout(pointer);
    logger = new RosLogger(text("rcl_node_get_logger_name"));
    Map<String, Object> overrides = ParameterOverrides.read(context.pointer(), fullName());
    overrides.putAll(options.parameters());
    parameters = new Parameters(fullName(), overrides);
    clock = declareParameter("use_sim_time", false) ? SimulatedTime.follow(this) : Clock.SYSTEM;
    ParameterServices.open(this, parameters);
  }

  private String text(String function) {
    try {
      return DynamicLinker.text(
          (MemorySegment)
              Librcl.function(function, FunctionDescriptor.of(ADDRESS, ADDRESS))
                  .invokeExact(pointer));
    } catch (Throwable e) {
      throw DynamicLinker.unchecked(e);
    }
  }

  public String name() {
    return name;
  }

  /** Beginning with a slash; only a slash for the root. */
  public String namespace() {
    return namespace;
  }

  public String fullName() {
    return (namespace.equals("/") ? "" : namespace) + "/" + name;
  }

  public Context context() {
    return context;
  }

  /** ROS time. */
  public Clock clock() {
    return clock;
  }

  /** To console, log file and /rosout. */
  public System.Logger logger() {
    return logger;
  }

  public <T> Publisher<T> createPublisher(MessageType<T> type, String topic, Qos qos) {
    return add(new Publisher<>(this, type, topic, qos));
  }

  public <T> Subscription<T> createSubscription(
      MessageType<T> type, String topic, Qos qos, Consumer<T> callback) {
    return subscribe(type.name(), topic, qos, new Delivery.Typed<>(type, callback));
  }

  public <T> Subscription<T> createSubscription(
      MessageType<T> type, String topic, Qos qos, BiConsumer<T, MessageInfo> callback) {
    return subscribe(type.name(), topic, qos, new Delivery.WithInfo<>(type, callback));
  }

  /**
   * A subscription of a type that need not have a Java record.
   *
   * @param type such as {@code sensor_msgs/msg/Image}
   * @param callback gets CDR with its encapsulation, valid until the callback returns
   */
  public Subscription<MemorySegment> createSerializedSubscription(
      String type, String topic, Qos qos, BiConsumer<MemorySegment, MessageInfo> callback) {
    return subscribe(type, topic, qos, new Delivery.Serialized(callback));
  }

  private <T> Subscription<T> subscribe(String type, String topic, Qos qos, Delivery<T> delivery) {
    return add(new Subscription<>(this, type, topic, qos, delivery));
  }

  /** A service that answers at once. */
  public <Q, S> Service<Q, S> createService(
      ServiceType<Q, S> type, String name, Function<Q, S> handler) {
    return createService(
        type, name, (request, responder) -> responder.respond(handler.apply(request)));
  }

  /** A service that may answer later. */
  public <Q, S> Service<Q, S> createService(
      ServiceType<Q, S> type, String name, BiConsumer<Q, Responder<S>> handler) {
    return add(new Service<>(this, type, name, handler));
  }

  public <Q, S> Client<Q, S> createClient(ServiceType<Q, S> type, String name) {
    return add(new Client<>(this, type, name));
  }

  public <G, R, F> ActionServer<G, R, F> createActionServer(
      ActionType<G, R, F> type, String name, ActionHandler<G, R, F> handler) {
    return new ActionServer<>(this, type, name, handler, ActionServer.RESULT_TIMEOUT);
  }

  public <G, R, F> ActionClient<G, R, F> createActionClient(ActionType<G, R, F> type, String name) {
    return new ActionClient<>(this, type, name);
  }

  /** A timer of {@link #clock()}, steady where that is not simulated. */
  public Timer createTimer(Duration period, Runnable callback) {
    return add(new Timer(this, period, callback));
  }

  /**
   * Declares a parameter, whose value {@code --ros-args -p name:=value} or a parameter file may
   * give.
   *
   * @throws RclException when the given value is of another type
   */
  public boolean declareParameter(String name, boolean byDefault) {
    return parameters.declare(name, Boolean.class, byDefault);
  }

  /** As {@link #declareParameter(String, boolean)}. */
  public long declareParameter(String name, long byDefault) {
    return parameters.declare(name, Long.class, byDefault);
  }

  /** As {@link #declareParameter(String, boolean)}; takes an integer too. */
  public double declareParameter(String name, double byDefault) {
    return parameters.declare(name, Double.class, byDefault);
  }

  /** As {@link #declareParameter(String, boolean)}. */
  public String declareParameter(String name, String byDefault) {
    return parameters.declare(name, String.class, byDefault);
  }

  /** As {@link #declareParameter(String, boolean)}; takes integers too. */
  public double[] declareParameter(String name, double[] byDefault) {
    return parameters.declare(name, double[].class, byDefault.clone()).clone();
  }

  /** As {@link #declareParameter(String, boolean)}. */
  public long[] declareParameter(String name, long[] byDefault) {
    return parameters.declare(name, long[].class, byDefault.clone()).clone();
  }

  /** As {@link #declareParameter(String, boolean)}. */
  @SuppressWarnings("unchecked") // rcl gives lists of strings only
  public List<String> declareParameter(String name, List<String> byDefault) {
    return parameters.declare(name, List.class, List.copyOf(byDefault));
  }

  /** What is declared so far, in that order. */
  public Map<String, Object> parameters() {
    return parameters.values();
  }

  /**
   * Names of parameters that were given a value but are not declared so far, such as misspelt ones.
   */
  public List<String> undeclaredParameters() {
    return parameters.undeclared();
  }

  /** The full name of a topic or action, remapped. */
  String resolveTopic(String topic) {
    try (var arena = Arena.ofConfined()) {
      MemorySegment result = arena.allocate(ADDRESS);
      RclFunction.check(
          (int)
              RESOLVE.invokeExact(
                  pointer, arena.allocateFrom(topic), Librcl.allocator(), false, false, result),
          "name " + topic);
      MemorySegment resolved = result.get(ADDRESS, 0);
      String text = DynamicLinker.text(resolved);
      RosArguments.free(resolved);
      return text;
    } catch (Throwable e) {
      throw DynamicLinker.unchecked(e);
    }
  }

  MemorySegment pointer() {
    return pointer;
  }

  <P extends AutoCloseable> P add(P part) {
    parts.add(part);
    partsChanged();
    return part;
  }

  void remove(AutoCloseable part) {
    parts.remove(part);
    partsChanged();
  }

  <P> List<P> parts(Class<P> kind) {
    return parts.stream().filter(kind::isInstance).map(kind::cast).toList();
  }

  private void partsChanged() {
    Executor current = executor;
    if (current != null) {
      current.nodesChanged();
    }
  }

  synchronized void attach(Executor to) {
    if (executor != null) {
      throw new IllegalStateException("node " + fullName() + " has an executor already");
    }
    executor = to;
  }

  void detach() {
    executor = null;
  }

  /** Runs this while no executor waits for parts of this node or runs their callbacks. */
  void exclusively(Runnable action) {
    Executor current = executor;
    if (current != null) {
      current.exclusively(action);
    } else {
      synchronized (this) {
        action.run();
      }
    }
  }

  @Override
  public void close() {
    exclusively(
        () -> {
          if (!open) {
            return;
          }
          open = false;
          Executor current = executor;
          if (current != null) {
            current.remove(this);
          }
          Closing.all(parts.reversed());
          context.disown(this);
          Logging.closeRosout(pointer);
          FINI.check(FINI.call(pointer));
        });
  }
}
