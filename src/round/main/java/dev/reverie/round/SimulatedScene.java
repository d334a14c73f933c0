package dev.reverie.round;

import dev.reverie.rcljava.Parameter;
import dev.reverie.report.ReverieProcess;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.regex.Pattern;

/**
 * The scene that is simulated.
 *
 * @param parameters of the node simulated_arm that choose it, as they are given to it
 * @param arm file of the arm; empty: the planar one
 */
record SimulatedScene(Map<String, String> parameters, Optional<Path> arm) {
  /** The task of the planar arm that is meant where none is named. */
  static final String INSERT = "insert";

  /** The shift where nobody says that a scene differs from those that were learned from. */
  static final String NO_SHIFT = "none";

  /** Names of the scenes that {@code ./reverie setup --libero} exports. */
  private static final Pattern EXPORTED = Pattern.compile("(libero|robosuite)_\\w+");

  private static final Path PANDA = Path.of("arms", "libero_panda.yaml");

  SimulatedScene {
    parameters = Map.copyOf(parameters);
  }

  /** A task as it is learned. */
  static SimulatedScene task(String name) {
    return task(name, NO_SHIFT);
  }

  /**
   * A task with the arm that does it: the Panda where the scene is LIBERO's or robosuite's, else
   * the planar one.
   *
   * @param name one of those that {@code simulated-arm tasks} tells, or of an exported scene
   * @param shift how the scene differs from those that were learned from
   */
  static SimulatedScene task(String name, String shift) {
    return new SimulatedScene(
        Map.of("task", Parameter.quoted(name), "shift", Parameter.quoted(shift)),
        EXPORTED.matcher(name).matches()
            ? Optional.of(ReverieProcess.root().resolve(PANDA))
            : Optional.empty());
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

  /** Returns it as arguments of the node. */
  List<String> arguments() {
    List<String> arguments = new ArrayList<>();
    parameters.forEach((name, value) -> arguments.addAll(List.of("-p", name + ":=" + value)));
    return arguments;
  }
}
