package dev.reverie.doctor;

import dev.reverie.msgs.controller_manager_msgs.ControllerState;
import dev.reverie.msgs.controller_manager_msgs.ListControllers;
import dev.reverie.msgs.reverie.Status;
import dev.reverie.msgs.sensor_msgs.CameraInfo;
import dev.reverie.msgs.sensor_msgs.CompressedImage;
import dev.reverie.msgs.sensor_msgs.Image;
import dev.reverie.msgs.sensor_msgs.JointState;
import dev.reverie.policy.Task;
import dev.reverie.rcljava.Context;
import dev.reverie.rcljava.EndpointInfo;
import dev.reverie.rcljava.Executor;
import dev.reverie.rcljava.Graph.NodeName;
import dev.reverie.rcljava.Node;
import dev.reverie.rcljava.Parameter;
import dev.reverie.rcljava.ParameterDeclaration;
import dev.reverie.rcljava.Qos;
import dev.reverie.rcljava.RclException;
import dev.reverie.rcljava.SubscriptionOptions;
import dev.reverie.rollout.CameraCalibration;
import dev.reverie.rollout.JointNames;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.function.Function;

/** Gathers what is there of an arm, by subscriptions and questions alone: it publishes nothing. */
final class Listening implements AutoCloseable {
  private static final String LIST_CONTROLLERS = "controller_manager_msgs/srv/ListControllers";
  private static final String STATUS = "reverie/msg/Status";
  private static final Duration DISCOVERY = Duration.ofSeconds(4);
  private static final Duration MORE = Duration.ofSeconds(1);
  private static final long ANSWER_MS = 3000;

  private final Node node;
  private final Executor executor;
  private final Thread spinner;
  private final Map<String, String> descriptions = new ConcurrentHashMap<>();
  private final Map<String, JointGathering> joints = new LinkedHashMap<>();
  private final Map<String, CameraGathering> cameras = new LinkedHashMap<>();
  private final Map<String, Status> robots = new ConcurrentHashMap<>();

  Listening(Context context) {
    node = context.createNode("doctor");
    executor = new Executor(context);
    executor.add(node);
    spinner = Thread.ofPlatform().name("doctor-ros").daemon().start(executor::spin);
  }

  /** Returns the full name of a topic. */
  String resolve(String topic) {
    return node.resolveTopic(topic);
  }

  /**
   * Reads the names of joints from the parameters that the robot node has too.
   *
   * @param known that hold where a parameter is not given
   * @throws IllegalArgumentException where they are no such names
   */
  JointNames names(JointNames known, Optional<Task> task) {
    List<String> pairs =
        node.declareParameter(ParameterDeclaration.of("joint_names", known.pairs()));
    String prefix = node.declareParameter(ParameterDeclaration.of("joint_prefix", known.prefix()));
    return task.map(of -> JointNames.of(pairs, prefix, known, of.jointNames()))
        .orElseGet(() -> JointNames.of(pairs, prefix));
  }

  /** Waits until one of the topics is there; false where none comes. */
  boolean await(List<String> topics) {
    return node.graph()
        .await(
            DISCOVERY,
            () -> topics.stream().anyMatch(topic -> node.graph().countPublishers(topic) > 0));
  }

  /** Gives what nobody names the time to be discovered. */
  void awaitMore() throws InterruptedException {
    Thread.sleep(MORE);
  }

  /** Returns the topics of joint states that are there now. */
  List<String> jointStates() {
    return node.graph().topics().entrySet().stream()
        .filter(topic -> topic.getValue().contains("sensor_msgs/msg/JointState"))
        .filter(topic -> node.graph().countPublishers(topic.getKey()) > 0)
        .map(Map.Entry::getKey)
        .toList();
  }

  /** Listens for some seconds. */
  Seen listen(Wanted wanted, Map<String, Wanted.Camera> looked, double seconds)
      throws InterruptedException {
    var text = dev.reverie.msgs.std_msgs.String.TYPE;
    for (Qos qos : List.of(Qos.transientLocal(1), Qos.reliable(1))) {
      node.createSubscription(
          text,
          wanted.description(),
          qos,
          message -> descriptions.put(String.valueOf(qos.durability()), message.data()));
    }
    for (String topic : wanted.jointStates()) {
      var gathering = new JointGathering();
      joints.put(topic, gathering);
      node.createSubscription(
          JointState.TYPE,
          topic,
          Qos.bestEffort(50),
          SubscriptionOptions.DEFAULT,
          (message, info) -> gathering.add(message, info, node.clock().nowNanos()));
    }
    looked.forEach(this::camera);
    for (String topic : node.graph().topics().keySet()) {
      if (node.graph().topics().getOrDefault(topic, List.of()).contains(STATUS)) {
        node.createSubscription(
            Status.TYPE, topic, Qos.transientLocal(1), status -> robots.put(topic, status));
      }
    }
    Thread.sleep((long) (seconds * 1000));
    return seen(wanted, looked);
  }

  private void camera(String name, Wanted.Camera camera) {
    var gathering = new CameraGathering();
    cameras.put(name, gathering);
    if (camera.compressed()) {
      node.createSubscription(
          CompressedImage.TYPE,
          camera.topic(),
          Qos.SENSOR_DATA,
          image -> gathering.add(image, node.clock().nowNanos()));
    } else {
      node.createSubscription(
          Image.TYPE,
          camera.topic(),
          Qos.SENSOR_DATA,
          image -> gathering.add(image, node.clock().nowNanos()));
    }
    node.createSubscription(
        CameraInfo.TYPE, CameraCalibration.topic(camera.topic()), Qos.SENSOR_DATA, gathering::info);
  }

  private Seen seen(Wanted wanted, Map<String, Wanted.Camera> looked) {
    Map<String, List<String>> topics = node.graph().topics();
    Map<String, List<String>> services = node.graph().services();
    Map<String, List<EndpointInfo>> publishers = new HashMap<>();
    Map<String, List<EndpointInfo>> subscriptions = new HashMap<>();
    List<String> of = new ArrayList<>(wanted.jointStates());
    of.addAll(wanted.teleoperation());
    of.add(wanted.description());
    looked.values().forEach(camera -> of.add(camera.topic()));
    looked.values().forEach(camera -> of.add(CameraCalibration.topic(camera.topic())));
    topics.forEach(
        (topic, types) -> {
          if (topic.equals(wanted.commands())
              || types.contains(ControllerChecks.TRAJECTORY)
              || types.contains(ControllerChecks.ARRAY)) {
            of.add(topic);
          }
        });
    if (!wanted.commands().isEmpty()) {
      of.add(wanted.commands());
    }
    for (String topic : of) {
      publishers.put(topic, others(node.graph().publishers(topic)));
      subscriptions.put(topic, others(node.graph().subscriptions(topic)));
    }
    var seen =
        new Seen(
            node.graph().nodes().stream()
                .map(NodeName::fullName)
                .filter(name -> !name.equals(node.fullName()) && !name.contains("/_"))
                .toList(),
            topics,
            services,
            publishers,
            subscriptions,
            List.copyOf(descriptions.values()),
            gathered(joints, JointGathering::seen),
            gathered(cameras, CameraGathering::seen),
            controllers(services),
            new TreeMap<>(),
            Map.copyOf(robots));
    for (String taker : ControllerChecks.takers(wanted, seen)) {
      parameters(taker).ifPresent(values -> seen.parameters().put(taker, values));
    }
    return seen;
  }

  private static <G, S> Map<String, S> gathered(Map<String, G> from, Function<G, S> seen) {
    Map<String, S> all = new LinkedHashMap<>();
    from.forEach((name, gathering) -> all.put(name, seen.apply(gathering)));
    return all;
  }

  private List<EndpointInfo> others(List<EndpointInfo> endpoints) {
    return endpoints.stream()
        .filter(endpoint -> !endpoint.fullName().equals(node.fullName()))
        .toList();
  }

  private List<ControllerState> controllers(Map<String, List<String>> services) {
    List<ControllerState> all = new ArrayList<>();
    services.forEach(
        (name, types) -> {
          if (types.contains(LIST_CONTROLLERS)) {
            try (var client = node.createClient(ListControllers.TYPE, name)) {
              answer(client.call(new ListControllers.Request()))
                  .ifPresent(response -> all.addAll(response.controller()));
            } catch (RclException e) {
              // Its type support is not installed: what the controller is then shows otherwise.
            }
          }
        });
    return all;
  }

  private Optional<Map<String, String>> parameters(String remote) {
    try (var client = node.createParameterClient(remote)) {
      if (!client.waitForServices(Duration.ofMillis(ANSWER_MS))) {
        return Optional.empty();
      }
      return answer(client.list())
          .map(names -> names.stream().filter(ControllerChecks::matters).toList())
          .flatMap(names -> answer(client.get(names)))
          .map(Listening::texts);
    } catch (RclException e) {
      return Optional.empty();
    }
  }

  private static Map<String, String> texts(List<Parameter> parameters) {
    Map<String, String> texts = new TreeMap<>();
    parameters.forEach(each -> texts.put(each.name(), text(each.value())));
    return texts;
  }

  private static String text(Object value) {
    return value instanceof Object[] array ? Arrays.toString(array) : String.valueOf(value);
  }

  private static <T> Optional<T> answer(CompletableFuture<T> future) {
    try {
      return Optional.of(future.get(ANSWER_MS, TimeUnit.MILLISECONDS));
    } catch (ExecutionException | CompletionException | TimeoutException e) {
      return Optional.empty();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      return Optional.empty();
    }
  }

  /** Returns the topics of images that are there now, by a name made from each. */
  Map<String, Wanted.Camera> cameras() {
    Map<String, Wanted.Camera> all = new TreeMap<>();
    node.graph()
        .topics()
        .forEach(
            (topic, types) -> {
              boolean compressed =
                  types.contains("sensor_msgs/msg/CompressedImage")
                      && topic.endsWith("/compressed");
              if (types.contains("sensor_msgs/msg/Image") || compressed) {
                all.put(topic, new Wanted.Camera(topic, Optional.empty(), Wanted.FROZEN_AFTER_S));
              }
            });
    return all;
  }

  @Override
  public void close() {
    executor.close();
    try {
      spinner.join(2000);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
    node.close();
  }
}
