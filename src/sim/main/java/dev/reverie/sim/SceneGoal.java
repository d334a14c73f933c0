package dev.reverie.sim;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.function.BooleanSupplier;

/**
 * Goals of LIBERO and of robosuite's Stack by body poses and contacts, as their own evaluation has
 * them: a conjunction of {@code on} (an object on another one), {@code in} (an object in a place)
 * and {@code stack} (an object on another one, which the hand has let go).
 */
final class SceneGoal {
  /** Farthest that the centres of two objects, one on the other, may be apart in the plane. */
  private static final double ON_M = 0.03;

  /** Distance by which an object may be below the place that it is in. */
  private static final double BELOW_M = 0.01;

  /** Height, at least, of an object that stands on another one above it. */
  private static final double STACKED_M = 0.02;

  /** The name that the exported scenes give the fingers among the things that collide. */
  private static final String HAND = "gripper";

  private final Simulation simulation;
  private final Map<String, String> bodies;
  private final Map<String, List<String>> contactGeoms;
  private final List<BooleanSupplier> predicates = new ArrayList<>();

  /**
   * Binds a goal to a scene.
   *
   * @param goal predicates, each with what it is about
   * @throws MujocoException where a predicate is not known
   */
  SceneGoal(
      Simulation simulation,
      List<List<String>> goal,
      Map<String, String> bodies,
      Map<String, List<String>> contactGeoms) {
    this.simulation = simulation;
    this.bodies = bodies;
    this.contactGeoms = contactGeoms;
    for (List<String> predicate : goal) {
      predicates.add(
          switch (predicate.getFirst()) {
            case "on" -> on(predicate.get(1), predicate.get(2));
            case "stack" -> stack(predicate.get(1), predicate.get(2));
            case "in" -> in(predicate.get(1), predicate.get(2));
            default ->
                throw new MujocoException(
                    "the scene's goal is %s, and what can be judged is 'on', 'in' and 'stack'"
                        .formatted(predicate));
          });
    }
  }

  /** Tells whether all of it holds, by the poses and contacts of the last step. */
  boolean reached() {
    return predicates.stream().allMatch(BooleanSupplier::getAsBoolean);
  }

  private BooleanSupplier on(String above, String below) {
    int upper = body(above);
    int lower = body(below);
    boolean[] these = geoms(above);
    boolean[] those = geoms(below);
    return () -> {
      double[] a = simulation.bodyPositions().toArray(3 * upper, 3);
      double[] b = simulation.bodyPositions().toArray(3 * lower, 3);
      return b[2] <= a[2]
          && Math.hypot(a[0] - b[0], a[1] - b[1]) < ON_M
          && simulation.touching(these, those);
    };
  }

  private BooleanSupplier stack(String above, String below) {
    int upper = body(above);
    int lower = body(below);
    boolean[] these = geoms(above);
    boolean[] those = geoms(below);
    boolean[] hand = geoms(HAND);
    return () ->
        simulation.bodyPositions().get(3 * upper + 2)
                > simulation.bodyPositions().get(3 * lower + 2) + STACKED_M
            && simulation.touching(these, those)
            && !simulation.touching(these, hand);
  }

  private BooleanSupplier in(String inside, String place) {
    int body = body(inside);
    int site = simulation.siteId(place);
    double[] size = simulation.model().siteSize(site);
    return () -> {
      for (int axis = 0; axis < 3; axis++) {
        double half = 0; // of the box around the turned one, along the world's axis
        for (int own = 0; own < 3; own++) {
          half += simulation.siteRotations().get(9 * site + 3 * axis + own) * size[own];
        }
        half = Math.abs(half);
        double centre = simulation.sitePositions().get(3 * site + axis);
        double at = simulation.bodyPositions().get(3 * body + axis);
        if (at >= centre + half || at <= centre - half - (axis == 2 ? BELOW_M : 0)) {
          return false;
        }
      }
      return true;
    };
  }

  private int body(String object) {
    String name = bodies.get(object);
    if (name == null) {
      throw new MujocoException(
          "the scene's goal is about '%s'; there are %s".formatted(object, bodies.keySet()));
    }
    return simulation.model().bodyId(name);
  }

  private boolean[] geoms(String object) {
    boolean[] marked = new boolean[simulation.geoms()];
    for (String name : contactGeoms.getOrDefault(object, List.of())) {
      marked[simulation.model().geomId(name)] = true;
    }
    return marked;
  }
}
