package dev.reverie.rcljava;

import static java.lang.foreign.ValueLayout.ADDRESS;
import static java.lang.foreign.ValueLayout.JAVA_BOOLEAN;
import static java.lang.foreign.ValueLayout.JAVA_INT;

import dev.reverie.msgs.MessageType;
import dev.reverie.msgs.MessageView;
import dev.reverie.msgs.ServiceType;
import dev.reverie.msgs.Stamps;
import dev.reverie.msgs.ViewType;
import dev.reverie.msgs.rcl_interfaces.ParameterEvent;
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
public final class Node extends Handle {

  private static final RclFunction INIT = RclFunction.of("rcl_node_init", 5);
  private static final RclFunction FINI = RclFunction.of("rcl_node_fini", 1);
  private static final RclFunction OPTIONS_FINI = RclFunction.of("rcl_node_options_fini", 1);
  private static final MethodHandle RESOLVE =
      Librcl.function(
          "rcl_node_resolve_name",
          FunctionDescriptor.of(
              JAVA_INT, ADDRESS, ADDRESS, Librcl.ALLOCATOR, JAVA_BOOLEAN, JAVA_BOOLEAN, ADDRESS));

  private static final ParameterDeclaration<Boolean> USE_SIM_TIME =
      ParameterDeclaration.of("use_sim_time", false)
          .describedAs("whether the topic /clock gives the time");

  private final Context context;
  private final MemorySegment pointer = DynamicLinker.zeroed(Arena.ofAuto(), 64);
  private final String name;
  private final String namespace;
  private final RosLogger logger;
  private final Parameters parameters;
  private final Clock clock = Clock.ros();
  private final SimulatedTime simulatedTime = new SimulatedTime(this, clock);
  private final Graph graph = new Graph(this);
  private final CallbackGroup group = new CallbackGroup(CallbackGroup.Kind.MUTUALLY_EXCLUSIVE);
  private final List<AutoCloseable> parts = new CopyOnWriteArrayList<>();
  private volatile @Nullable Executor executor;
  private boolean rosout;

  Node(Context context, String name, NodeOptions options) {
    super(context);
    this.context = context;
    acquire(() -> init(context, name, options));
    try {
      this.name = text("rcl_node_get_name");
      this.namespace = text("rcl_node_get_namespace");
      Logging.openRosout(pointer);
      rosout = true;
      logger = new RosLogger(text("rcl_node_get_logger_name"));
      Map<String, Object> overrides = ParameterOverrides.read(context.pointer(), fullName());
      overrides.putAll(options.parameters());
      var events = createPublisher(ParameterEvent.TYPE, "/parameter_events", Qos.PARAMETER_EVENTS);
      parameters =
          new Parameters(
              fullName(),
              overrides,
              options.allowUndeclared(),
              event -> events.publish(event.withStamp(Stamps.time(clock.nowNanos()))));
      useSimTime(declareParameter(USE_SIM_TIME));
      parameters.onChange(this::parametersChanged);
      ParameterServices.open(this, parameters);
      if (options.declareOverrides()) {
        parameters.declareOverrides();
      }
      TypeDescriptions.serve(this);
    } catch (RuntimeException e) {
      close();
      throw e;
    }
  }

  private void init(Context owner, String nodeName, NodeOptions options) {
    try (var arena = Arena.ofConfined()) {
      MemorySegment rclOptions = Librcl.structure(arena, "rcl_node_get_default_options");
      try {
        Security.check(
            INIT.call(
                pointer,
                arena.allocateFrom(nodeName),
                arena.allocateFrom(options.namespace()),
                owner.pointer(),
                rclOptions),
            "node " + nodeName);
      } finally {
        OPTIONS_FINI.check(OPTIONS_FINI.call(rclOptions));
      }
    }
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

  /** Its name, remapped. */
  public String name() {
    return name;
  }

  /** Beginning with a slash; only a slash for the root. */
  public String namespace() {
    return namespace;
  }

  /** Namespace and name, such as {@code /left/arm}. */
  public String fullName() {
    return (namespace.equals("/") ? "" : namespace) + "/" + name;
  }

  /** What it was made from. */
  public Context context() {
    return context;
  }

  /** ROS time. */
  public Clock clock() {
    return clock;
  }

  /** On the thread that spins, where what waits for /clock can be closed at once. */
  private void parametersChanged(List<Parameter> changed) {
    if (changed.stream().anyMatch(parameter -> parameter.name().equals(USE_SIM_TIME.name()))) {
      runSoon(
          () -> {
            if (isOpen()) {
              useSimTime(parameters.get(USE_SIM_TIME.name()).asBoolean());
            }
          });
    }
  }

  /** Takes the time from /clock from now on, or from the system again. */
  void useSimTime(boolean wanted) {
    simulatedTime.use(wanted);
  }

  /** What it knows of the nodes, topics and services around it. */
  public Graph graph() {
    return graph;
  }

  /** The group that callbacks belong to where no other one is named: mutually exclusive. */
  public CallbackGroup group() {
    return group;
  }

  /** A group for callbacks that may run beside those of other groups. */
  public CallbackGroup createCallbackGroup(CallbackGroup.Kind kind) {
    return new CallbackGroup(kind);
  }

  /** To console, log file and /rosout. */
  public System.Logger logger() {
    return logger;
  }

  /** A publisher; its messages go out from any thread. */
  public <T> Publisher<T> createPublisher(MessageType<T> type, String topic, Qos qos) {
    return add(new Publisher<>(this, type, topic, qos));
  }

  /** A publisher whose quality of service parameters may change, see {@link QosOverrides}. */
  public <T> Publisher<T> createPublisher(
      MessageType<T> type, String topic, Qos qos, QosOverrides overrides) {
    return createPublisher(type, topic, overrides.ofPublisher(this, topic, qos));
  }

  /**
   * A publisher whose message is changed where it lies, between one {@link ViewPublisher#publish}
   * and the next.
   *
   * @param type such as {@code Twist.VIEW}
   * @param first the message to begin with; strings and the lengths of sequences stay as they are
   *     in it
   */
  public <T, V extends MessageView<T>> ViewPublisher<V> createViewPublisher(
      ViewType<T, V> type, String topic, Qos qos, T first) {
    byte[] cdr = type.message().encode(first);
    return new ViewPublisher<>(createPublisher(type.message(), topic, qos), type, cdr);
  }

  /** A subscription whose callback belongs to the node's own group. */
  public <T> Subscription<T> createSubscription(
      MessageType<T> type, String topic, Qos qos, Consumer<T> callback) {
    return createSubscription(type, topic, qos, group, callback);
  }

  /** A subscription with its callbacks in a group. */
  public <T> Subscription<T> createSubscription(
      MessageType<T> type, String topic, Qos qos, CallbackGroup in, Consumer<T> callback) {
    return subscribe(type.name(), topic, qos, in, new Delivery.Typed<>(type, callback));
  }

  /** A subscription whose quality of service parameters may change, see {@link QosOverrides}. */
  public <T> Subscription<T> createSubscription(
      MessageType<T> type, String topic, Qos qos, QosOverrides overrides, Consumer<T> callback) {
    return createSubscription(type, topic, overrides.ofSubscription(this, topic, qos), callback);
  }

  /** A subscription whose callback also learns where a message came from. */
  public <T> Subscription<T> createSubscription(
      MessageType<T> type, String topic, Qos qos, BiConsumer<T, MessageInfo> callback) {
    return createSubscription(type, topic, qos, group, callback);
  }

  /** A subscription with its callbacks in a group. */
  public <T> Subscription<T> createSubscription(
      MessageType<T> type,
      String topic,
      Qos qos,
      CallbackGroup in,
      BiConsumer<T, MessageInfo> callback) {
    return subscribe(type.name(), topic, qos, in, new Delivery.WithInfo<>(type, callback));
  }

  /**
   * A subscription of a type that need not have a Java record.
   *
   * @param type such as {@code sensor_msgs/msg/Image}
   * @param callback gets CDR with its encapsulation, valid until the callback returns
   */
  public Subscription<MemorySegment> createSerializedSubscription(
      String type, String topic, Qos qos, BiConsumer<MemorySegment, MessageInfo> callback) {
    return subscribe(type, topic, qos, group, new Delivery.Serialized(callback));
  }

  /**
   * A subscription whose callback sees each message where it lies, without a record; see {@link
   * MessageView}. Nothing is allocated a message.
   *
   * @param type such as {@code Twist.VIEW}
   * @param callback gets the view and where the message came from, both valid until it returns
   */
  public <V extends MessageView<?>> Subscription<V> createViewSubscription(
      ViewType<?, V> type, String topic, Qos qos, BiConsumer<? super V, ? super Origin> callback) {
    return createViewSubscription(type, topic, qos, group, callback);
  }

  /** As {@link #createViewSubscription(ViewType, String, Qos, BiConsumer)}, in a group. */
  public <V extends MessageView<?>> Subscription<V> createViewSubscription(
      ViewType<?, V> type,
      String topic,
      Qos qos,
      CallbackGroup in,
      BiConsumer<? super V, ? super Origin> callback) {
    return subscribe(type.message().name(), topic, qos, in, new ViewDelivery<V>(type, callback));
  }

  /** A subscription without callback, which is asked for its messages. */
  public <T> PolledSubscription<T> createSubscription(MessageType<T> type, String topic, Qos qos) {
    return PolledSubscription.ofRecords(this, type, topic, qos);
  }

  /** As {@link #createSubscription(MessageType, String, Qos)}, of CDR with its encapsulation. */
  public PolledSubscription<MemorySegment> createSerializedSubscription(
      String type, String topic, Qos qos) {
    return PolledSubscription.ofCdr(this, type, topic, qos);
  }

  /** As {@link #createSubscription(MessageType, String, Qos)}, of views. */
  public <V extends MessageView<?>> PolledViewSubscription<V> createViewSubscription(
      ViewType<?, V> type, String topic, Qos qos) {
    return new PolledViewSubscription<>(this, type, topic, qos);
  }

  private <T> Subscription<T> subscribe(
      String type, String topic, Qos qos, CallbackGroup in, Delivery<T> delivery) {
    return add(new Subscription<>(this, type, topic, qos, in, delivery));
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
    return createService(type, name, group, handler);
  }

  /** A service that may answer later, with its callbacks in a group. */
  public <Q, S> Service<Q, S> createService(
      ServiceType<Q, S> type, String name, CallbackGroup in, BiConsumer<Q, Responder<S>> handler) {
    return add(new Service<>(this, type, name, in, handler));
  }

  /** A client, whose answers come in on a thread of the executor. */
  public <Q, S> Client<Q, S> createClient(ServiceType<Q, S> type, String name) {
    return createClient(type, name, group);
  }

  /** As {@link #createClient(ServiceType, String)}, with its callbacks in a group. */
  public <Q, S> Client<Q, S> createClient(ServiceType<Q, S> type, String name, CallbackGroup in) {
    return add(new Client<>(this, type, name, in));
  }

  /** A timer of {@link #clock()}, steady while that is not simulated. */
  public Timer createTimer(Duration period, Runnable callback) {
    return createTimer(clock, period, group, callback);
  }

  /**
   * A timer of another clock, such as {@link Clock#STEADY}.
   *
   * @throws IllegalArgumentException when the period is not positive
   */
  public Timer createTimer(Clock of, Duration period, CallbackGroup in, Runnable callback) {
    return add(new Timer(this, of, period, callback, in));
  }

  /** Those that are declared, to be read, set and watched. */
  public Parameters parameters() {
    return parameters;
  }

  /** A client for the parameters of another node, which may be in another process. */
  public ParameterClient createParameterClient(String node) {
    return new ParameterClient(this, node);
  }

  /**
   * Declares a parameter, whose value {@code --ros-args -p name:=value} or a parameter file may
   * give, as {@link Parameters#declare}.
   *
   * @return that value, else the default
   */
  public <T> T declareParameter(ParameterDeclaration<T> declaration) {
    return parameters.declare(declaration);
  }

  /** As {@link #declareParameter(ParameterDeclaration)}, without a description. */
  public boolean declareParameter(String name, boolean byDefault) {
    return parameters.declare(ParameterDeclaration.of(name, byDefault));
  }

  /** As {@link #declareParameter(ParameterDeclaration)}, without a description. */
  public long declareParameter(String name, long byDefault) {
    return parameters.declare(ParameterDeclaration.of(name, byDefault));
  }

  /** As {@link #declareParameter(ParameterDeclaration)}; takes an integer too. */
  public double declareParameter(String name, double byDefault) {
    return parameters.declare(ParameterDeclaration.of(name, byDefault));
  }

  /** As {@link #declareParameter(ParameterDeclaration)}, without a description. */
  public String declareParameter(String name, String byDefault) {
    return parameters.declare(ParameterDeclaration.of(name, byDefault));
  }

  /** As {@link #declareParameter(ParameterDeclaration)}; takes integers too. */
  public double[] declareParameter(String name, double[] byDefault) {
    return parameters.declare(ParameterDeclaration.of(name, byDefault));
  }

  /** As {@link #declareParameter(ParameterDeclaration)}, without a description. */
  public long[] declareParameter(String name, long[] byDefault) {
    return parameters.declare(ParameterDeclaration.of(name, byDefault));
  }

  /** As {@link #declareParameter(ParameterDeclaration)}, without a description. */
  public List<String> declareParameter(String name, List<String> byDefault) {
    return parameters.declare(ParameterDeclaration.of(name, byDefault));
  }

  /** The full name of a topic or action, remapped. */
  public String resolveTopic(String topic) {
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
    Executor current = executor;
    if (current != null && part instanceof Waitable) {
      current.forgetWaitSet();
    }
  }

  /** All that was made from it and is open, in the order of its making. */
  public List<AutoCloseable> parts() {
    return List.copyOf(parts);
  }

  /** Closes some of its parts, the newest first. */
  public void closeParts(List<AutoCloseable> some) {
    Closing.all(some.reversed());
  }

  List<Waitable> waitables() {
    return parts.stream().filter(Waitable.class::isInstance).map(Waitable.class::cast).toList();
  }

  void partsChanged() {
    Executor current = executor;
    if (current != null) {
      current.partsChanged();
    }
  }

  /** On the thread that spins, or at once where none does. */
  public void runSoon(Runnable task) {
    Executor current = executor;
    if (current == null) {
      task.run();
    } else {
      current.wake(task);
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

  @Override
  void leave() {
    Executor current = executor;
    if (current != null) {
      current.remove(this);
    }
    Closing.all(parts.reversed());
    context.disown(this);
  }

  @Override
  void release() {
    if (rosout) {
      Logging.closeRosout(pointer);
    }
    FINI.check(FINI.call(pointer));
  }

  /** Closes all that was made from it, too. */
  @Override
  public void close() {
    super.close();
  }
}
