package dev.reverie.sim;

import com.fasterxml.jackson.annotation.JsonProperty;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;

/**
 * Facts that {@code setup/export_scenes.py} tells of a scene, in the JSON file beside it.
 *
 * @param goal of each predicate its name and what it is about
 * @param bodies of the objects, by the names in the goal
 * @param contactGeoms geoms of the objects that collide, by the same names
 * @param armBegins [7] rad
 * @param states [50][nq + nv] official initial states
 * @param judged states with what the package itself said of them
 */
record ExportedScene(
    String instruction,
    List<List<String>> goal,
    Map<String, String> bodies,
    List<String> sites,
    @JsonProperty("contact_geoms") Map<String, List<String>> contactGeoms,
    @JsonProperty("arm_begins") double[] armBegins,
    double[][] states,
    List<Judged> judged,
    int nq,
    int nv) {
  /**
   * A state and whether the goal is reached in it.
   *
   * @param qpos [nq] rad or m
   * @param qvel [nv] rad/s or m/s
   */
  record Judged(double[] qpos, double[] qvel, boolean success) {}

  private static final ObjectMapper JSON = new ObjectMapper();

  /** Reads the file beside a scene. */
  static ExportedScene of(Path scene) {
    Path file = Path.of(scene.toString().replaceFirst("\\.xml$", ".json"));
    if (!Files.isRegularFile(file)) {
      throw new MujocoException(
          "there is no scene '%s'; ./reverie setup --libero exports LIBERO's".formatted(scene));
    }
    try {
      ExportedScene read = JSON.readValue(file.toFile(), ExportedScene.class);
      for (double[] state : read.states) {
        if (state.length != read.nq + read.nv) {
          throw new MujocoException(
              "%s has an initial state of %d numbers, and the scene has %d; ./reverie setup --libero makes it anew"
                  .formatted(file, state.length, read.nq + read.nv));
        }
      }
      return read;
    } catch (JsonProcessingException e) {
      throw new MujocoException(
          "%s is no description of a scene: %s; ./reverie setup --libero makes it anew"
              .formatted(file, e.getOriginalMessage()),
          e);
    } catch (IOException e) {
      throw new UncheckedIOException("cannot read " + file, e);
    }
  }
}
