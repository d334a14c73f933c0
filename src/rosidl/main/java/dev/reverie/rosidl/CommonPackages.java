package dev.reverie.rosidl;

import java.util.List;

/**
 * Names the interface packages whose records stand in the library {@code msgs}, so that all who use
 * them share them.
 */
final class CommonPackages {
  /** The Java package above that of each. */
  static final String ROOT = "dev.reverie.msgs";

  /**
   * The packages that {@code msgs} cannot be built without. The last two came after humble, which
   * uses jars that were built on a later distribution.
   */
  static final List<String> REQUIRED =
      List.of(
          "builtin_interfaces",
          "std_msgs",
          "geometry_msgs",
          "sensor_msgs",
          "trajectory_msgs",
          "std_srvs",
          "diagnostic_msgs",
          "action_msgs",
          "unique_identifier_msgs",
          "rcl_interfaces",
          "lifecycle_msgs",
          "rosgraph_msgs",
          "tf2_msgs",
          "control_msgs",
          "controller_manager_msgs",
          "service_msgs",
          "type_description_interfaces");

  /** The packages that {@code msgs} has where they were installed when it was built. */
  static final List<String> OPTIONAL =
      List.of(
          "nav_msgs",
          "shape_msgs",
          "visualization_msgs",
          "stereo_msgs",
          "actionlib_msgs",
          "statistics_msgs",
          "example_interfaces");

  private CommonPackages() {}

  static boolean contains(String pkg) {
    return REQUIRED.contains(pkg) || OPTIONAL.contains(pkg);
  }
}
