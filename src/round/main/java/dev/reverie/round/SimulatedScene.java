package dev.reverie.round;

import dev.reverie.rcljava.Parameter;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * What is simulated.
 *
 * @param parameters of the node simulated_arm that choose it, as they are given to it
 * @param arm file of the arm; empty: the planar one
 */
record SimulatedScene(Map<String, String> parameters, Optional<Path> arm) {
  /** The task of the planar arm that is meant where none is named. */
  static final String INSERT = "insert";

  /** How a scene differs from those that were learned from, where nobody says that it does. */
  static final String NO_SHIFT = "none";

  SimulatedScene {
    parameters = Map.copyOf(parameters);
  }

  /** The planar arm at a task, as it is learned. */
  static SimulatedScene planar(String task) {
    return planar(task, NO_SHIFT);
  }

  /**
   * The planar arm at a task.
   *
   * @param task one of those that {@code simulated-arm tasks} tells
   * @param shift how the scene differs from those that were learned from
   */
  static SimulatedScene planar(String task, String shift) {
    return new SimulatedScene(
        Map.of("task", Parameter.quoted(task), "shift", Parameter.quoted(shift)), Optional.empty());
  }

  /**
   * Another arm.
   *
   * @param scene MJCF or URDF file that it is simulated in
   * @param arm its arm file
   */
  static SimulatedScene of(Path scene, Path arm) {
    return new SimulatedScene(Map.of("scene", Parameter.quoted(scene)), Optional.of(arm));
  }

  /** As arguments of the node. */
  List<String> arguments() {
    List<String> arguments = new ArrayList<>();
    parameters.forEach((name, value) -> arguments.addAll(List.of("-p", name + ":=" + value)));
    return arguments;
  }
}
