package dev.reverie.rcljava;

import dev.reverie.msgs.MessageType;
import dev.reverie.msgs.MessageView;
import dev.reverie.msgs.ServiceType;
import dev.reverie.msgs.Stamps;
import dev.reverie.msgs.ViewType;
import dev.reverie.msgs.rcl_interfaces.ParameterEvent;
import java.lang.foreign.MemorySegment;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.function.BiConsumer;
import java.util.function.Consumer;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * Represents a node: publishers, subscriptions, services, clients, timers and parameters under one
 * name. Names of topics may be relative ({@code image}), absolute ({@code /image}) or private
 * ({@code ~/image}).
 */
public final class Node extends Handle {
  private final Context context;
  private final NodeHandle handle = new NodeHandle();
  private final String name;
  private final String namespace;
  private final RosLogger logger;
  private final Parameters parameters;
  private final Clock clock = Clock.ros();
  private final Graph graph = new Graph(this);
  private final CallbackGroup group = new CallbackGroup(CallbackGroup.Kind.MUTUALLY_EXCLUSIVE);
  private final List<AutoCloseable> parts = new CopyOnWriteArrayList<>();
  private volatile @Nullable Executor executor;

  Node(Context context, String name, NodeOptions options) {
    super(context);
    this.context = context;
    acquire(() -> handle.init(context, name, options.namespace()));
    try {
      this.name = handle.name();
      this.namespace = handle.namespace();
      handle.openRosout();
      logger = new RosLogger(handle.loggerName());
      Map<String, Object> overrides = ParameterOverrides.read(context.pointer(), fullName());
      overrides.putAll(options.parameters());
      Publisher<ParameterEvent> events =
          createPublisher(ParameterEvent.TYPE, "/parameter_events", Qos.PARAMETER_EVENTS);
      parameters =
          new Parameters(
              fullName(),
              overrides,
              options.allowUndeclared(),
              event -> events.publish(event.withStamp(Stamps.time(clock.nowNanos()))));
      new SimulatedTime(this, clock).follow(parameters);
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

  /** Returns the node's name, remapped. */
  public String name() {
    return name;
  }

  /** Returns the node's namespace, which begins with a slash; only a slash for the root. */
  public String namespace() {
    return namespace;
  }

  /** Returns namespace and name, such as {@code /left/arm}. */
  public String fullName() {
    return (namespace.equals("/") ? "" : namespace) + "/" + name;
  }

  /** Returns the full name of a topic or an action of this node, remapped. */
  public String resolveTopic(String topic) {
    return handle.resolveTopic(topic);
  }

  /** Returns the context that the node was made from. */
  public Context context() {
    return context;
  }

  /** Returns the node's clock, which tells ROS time. */
  public Clock clock() {
    return clock;
  }

  /** Returns the nodes, topics and services that this node has discovered. */
  public Graph graph() {
    return graph;
  }

  /** Returns the group of all callbacks made without another one: mutually exclusive. */
  public CallbackGroup group() {
    return group;
  }

  /** Creates a group for callbacks that may run beside those of other groups. */
  public CallbackGroup createCallbackGroup(CallbackGroup.Kind kind) {
    return new CallbackGroup(kind);
  }

  /** Returns the node's logger, which writes to console, log file and /rosout. */
  public System.Logger logger() {
    return logger;
  }

  /** Returns the executor that serves this node; empty where none does. */
  public Optional<Executor> executor() {
    return Optional.ofNullable(executor);
  }

  /** Creates a publisher. */
  public <T> Publisher<T> createPublisher(MessageType<T> type, String topic, Qos qos) {
    return add(new Publisher<>(this, type, topic, qos));
  }

  /** Creates a publisher whose quality of service parameters may change. */
  public <T> Publisher<T> createPublisher(
      MessageType<T> type, String topic, Qos qos, QosOverrides overrides) {
    return createPublisher(type, topic, overrides.ofPublisher(this, topic, qos));
  }

  /**
   * Creates a publisher whose message is changed where it lies, between one {@link
   * ViewPublisher#publish} and the next.
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

  /** Creates a subscription of records, with the default options. */
  public <T> Subscription<T> createSubscription(
      MessageType<T> type, String topic, Qos qos, Consumer<T> callback) {
    return subscribe(
        type.name(), topic, qos, SubscriptionOptions.DEFAULT, new Delivery.Typed<>(type, callback));
  }

  /**
   * Creates a subscription of records.
   *
   * @param callback gets the message and where it came from
   */
  public <T> Subscription<T> createSubscription(
      MessageType<T> type,
      String topic,
      Qos qos,
      SubscriptionOptions options,
      BiConsumer<T, MessageInfo> callback) {
    return subscribe(type.name(), topic, qos, options, new Delivery.WithInfo<>(type, callback));
  }

  /**
   * Creates a subscription of a type that need not have a Java record.
   *
   * @param type such as {@code sensor_msgs/msg/Image}
   * @param callback gets CDR with its encapsulation, valid until the callback returns
   */
  public Subscription<MemorySegment> createSerializedSubscription(
      String type,
      String topic,
      Qos qos,
      SubscriptionOptions options,
      BiConsumer<MemorySegment, MessageInfo> callback) {
    return subscribe(type, topic, qos, options, new Delivery.Serialized(callback));
  }

  /**
   * Creates a subscription whose callback sees each message where it lies, without a record; see
   * {@link MessageView}. Nothing is allocated a message.
   *
   * @param type such as {@code Twist.VIEW}
   * @param callback gets the view and where the message came from, both valid until it returns
   */
  public <V extends MessageView<?>> Subscription<V> createViewSubscription(
      ViewType<?, V> type,
      String topic,
      Qos qos,
      SubscriptionOptions options,
      BiConsumer<? super V, ? super Origin> callback) {
    var delivery = new ViewDelivery<V>(type, callback);
    return subscribe(type.message().name(), topic, qos, options, delivery);
  }

  /** Creates a subscription without callback, which is asked for its messages. */
  public <T> PolledSubscription<T> createSubscription(MessageType<T> type, String topic, Qos qos) {
    return PolledSubscription.ofRecords(this, type, topic, qos);
  }

  /** Creates a subscription without callback, of CDR with its encapsulation. */
  public PolledSubscription<MemorySegment> createSerializedSubscription(
      String type, String topic, Qos qos) {
    return PolledSubscription.ofCdr(this, type, topic, qos);
  }

  /** Creates a subscription without callback, of views. */
  public <V extends MessageView<?>> PolledViewSubscription<V> createViewSubscription(
      ViewType<?, V> type, String topic, Qos qos) {
    return new PolledViewSubscription<>(this, type, topic, qos);
  }

  private <T> Subscription<T> subscribe(
      String type, String topic, Qos qos, SubscriptionOptions options, Delivery<T> delivery) {
    Qos chosen =
        options
            .qosOverrides()
            .map(overrides -> overrides.ofSubscription(this, topic, qos))
            .orElse(qos);
    CallbackGroup callbacks = options.group().orElse(group);
    return add(new Subscription<>(this, type, topic, chosen, callbacks, delivery));
  }

  /** Creates a service that answers at once. */
  public <Q, S> Service<Q, S> createService(
      ServiceType<Q, S> type, String name, Function<Q, S> handler) {
    return createService(
        type, name, (request, responder) -> responder.respond(handler.apply(request)));
  }

  /** Creates a service that may answer later. */
  public <Q, S> Service<Q, S> createService(
      ServiceType<Q, S> type, String name, BiConsumer<Q, Responder<S>> handler) {
    return createService(type, name, group, handler);
  }

  /** Creates a service that may answer later, with its callbacks in a group. */
  public <Q, S> Service<Q, S> createService(
      ServiceType<Q, S> type,
      String name,
      CallbackGroup callbacks,
      BiConsumer<Q, Responder<S>> handler) {
    return add(new Service<>(this, type, name, callbacks, handler));
  }

  /** Creates a client, whose answers come in on a thread of the executor. */
  public <Q, S> Client<Q, S> createClient(ServiceType<Q, S> type, String name) {
    return createClient(type, name, group);
  }

  /** Creates a client, whose answers come in with the callbacks of a group. */
  public <Q, S> Client<Q, S> createClient(
      ServiceType<Q, S> type, String name, CallbackGroup callbacks) {
    return add(new Client<>(this, type, name, callbacks));
  }

  /** Creates a timer of {@link #clock()}, steady while that is not simulated. */
  public Timer createTimer(Duration period, Runnable callback) {
    return createTimer(clock, period, group, callback);
  }

  /**
   * Creates a timer of any clock, such as {@link Clock#STEADY}, with its callbacks in a group.
   *
   * @throws IllegalArgumentException when the period is not positive
   */
  public Timer createTimer(
      Clock source, Duration period, CallbackGroup callbacks, Runnable callback) {
    return add(new Timer(this, source, period, callback, callbacks));
  }

  /** Returns the node's declared parameters. */
  public Parameters parameters() {
    return parameters;
  }

  /**
   * Declares a parameter, whose value {@code --ros-args -p name:=value} or a parameter file may
   * give, as {@link Parameters#declare}.
   *
   * @param declaration such as {@code ParameterDeclaration.of("rate_hz", 10.0)}
   * @return that value, else the default
   */
  public <T> T declareParameter(ParameterDeclaration<T> declaration) {
    return parameters.declare(declaration);
  }

  /** Creates a client for the parameters of another node, which may be in another process. */
  public ParameterClient createParameterClient(String node) {
    return new ParameterClient(this, node);
  }

  MemorySegment pointer() {
    return handle.pointer();
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

  /** Returns the open publishers, subscriptions, services and so on of this node, oldest first. */
  public List<AutoCloseable> parts() {
    return List.copyOf(parts);
  }

  /** Closes some of the node's parts, the last one first; a failure of one keeps none open. */
  public void closeParts(List<? extends AutoCloseable> some) {
    CloseAll.close(some.reversed());
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

  /** Runs a task on the thread that spins, or at once where none does. */
  void runSoon(Runnable task) {
    executor().ifPresentOrElse(current -> current.execute(task), task);
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
    CloseAll.close(parts.reversed());
    context.disown(this);
  }

  @Override
  void release() {
    handle.fini();
  }

  /** Closes the node and all that was made from it. */
  @Override
  public void close() {
    super.close();
  }
}
