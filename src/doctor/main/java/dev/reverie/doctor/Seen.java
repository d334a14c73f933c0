package dev.reverie.doctor;

import dev.reverie.msgs.controller_manager_msgs.ControllerState;
import dev.reverie.msgs.reverie.Status;
import dev.reverie.msgs.sensor_msgs.CameraInfo;
import dev.reverie.rcljava.EndpointInfo;
import dev.reverie.rollout.CameraImage;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;

/**
 * All that was seen and heard of the ROS graph in some seconds.
 *
 * @param nodes full names, one that is there twice twice; without those that are hidden
 * @param topics their types
 * @param services their types
 * @param publishers by topic
 * @param subscriptions by topic
 * @param descriptions texts that came as robot_description; the newest of each way to ask
 * @param joints by topic
 * @param cameras by the camera's name
 * @param controllers what controller managers say of their controllers
 * @param parameters of the nodes that take the commands, by node, as text
 * @param robots the last status of each robot node, by topic
 */
record Seen(
    List<String> nodes,
    Map<String, List<String>> topics,
    Map<String, List<String>> services,
    Map<String, List<EndpointInfo>> publishers,
    Map<String, List<EndpointInfo>> subscriptions,
    List<String> descriptions,
    Map<String, Joints> joints,
    Map<String, Camera> cameras,
    List<ControllerState> controllers,
    Map<String, Map<String, String>> parameters,
    Map<String, Status> robots) {
  private static final String SEND_GOAL = "/_action/send_goal";

  /** A topic of joint states. */
  record Joints(Arrivals arrivals, Map<String, Joint> joints, int malformed) {}

  /**
   * A joint in joint states.
   *
   * @param position the last one
   * @param least of those that are finite numbers; infinite where none was
   * @param greatest of those that are finite numbers
   * @param finite whether all were finite numbers
   * @param publishers identities of those who told it
   */
  record Joint(
      double position, double least, double greatest, boolean finite, Set<String> publishers) {
    /** Returns a joint that was told one position by one publisher. */
    static Joint at(double position, String publisher) {
      return new Joint(position, position, position, true, Set.of(publisher));
    }

    /** Returns how far apart its positions were, rad or m; 0 where several publishers tell them. */
    double moved() {
      return publishers.size() == 1 ? Math.max(0, greatest - least) : 0;
    }
  }

  /**
   * A camera.
   *
   * @param encodings of its images; JPEG and PNG have {@code compressed}
   * @param sizes width x height
   * @param different how many images differed in their pixels
   * @param fault why an image cannot be read; empty where all can
   * @param pictures some of the images
   */
  record Camera(
      Arrivals arrivals,
      Set<String> encodings,
      Set<String> sizes,
      int different,
      String fault,
      List<CameraImage> pictures,
      Optional<CameraInfo> info) {}

  /**
   * Returns how far the joint went that went farthest, rad or m.
   *
   * @param of names in messages; empty: all
   */
  double moved(Set<String> of) {
    return joints.values().stream()
        .flatMap(topic -> topic.joints().entrySet().stream())
        .filter(joint -> of.isEmpty() || of.contains(joint.getKey()))
        .mapToDouble(joint -> joint.getValue().moved())
        .max()
        .orElse(0);
  }

  List<EndpointInfo> publishersOf(String topic) {
    return publishers.getOrDefault(topic, List.of());
  }

  List<EndpointInfo> subscriptionsOf(String topic) {
    return subscriptions.getOrDefault(topic, List.of());
  }

  /** Full names of the nodes that endpoints belong to. */
  static String nodes(List<EndpointInfo> endpoints) {
    return endpoints.stream()
        .map(EndpointInfo::fullName)
        .distinct()
        .collect(Collectors.joining(", "));
  }

  /** Actions of a type, such as {@code control_msgs/action/GripperCommand}. */
  List<String> actionsOf(String type) {
    return services.entrySet().stream()
        .filter(service -> service.getKey().endsWith(SEND_GOAL))
        .filter(service -> service.getValue().contains(type + "_SendGoal"))
        .map(
            service ->
                service.getKey().substring(0, service.getKey().length() - SEND_GOAL.length()))
        .toList();
  }

  /** Topics that have a type. */
  List<String> topicsOf(String type) {
    return topics.entrySet().stream()
        .filter(topic -> topic.getValue().contains(type))
        .map(Map.Entry::getKey)
        .toList();
  }
}
