package dev.reverie.sim;

import dev.reverie.rcljava.Node;
import dev.reverie.rcljava.ParameterDeclaration;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** Reads scenes' files, and finds the description of the arm in one. */
final class SceneFiles {
  private static final Pattern ROBOT = Pattern.compile("<robot(\\s[^>]*)?>");

  private SceneFiles() {}

  /**
   * The URDF of the arm: the parameter {@code urdf} names its file; else it is the scene itself, or
   * lies beside it under the same name. Empty where there is none.
   */
  static String urdf(Node node, Path scene) {
    String given =
        node.declareParameter(
            ParameterDeclaration.of("urdf", "")
                .describedAs("file of the arm's URDF; empty: the one beside the scene")
                .readOnly());
    Path file = given.isEmpty() ? beside(scene) : Path.of(given);
    try {
      return given.isEmpty() && !Files.exists(file) ? "" : Files.readString(file);
    } catch (IOException e) {
      throw new IllegalArgumentException(
          "urdf '%s' cannot be read; give the file of the arm's URDF".formatted(file), e);
    }
  }

  /**
   * The text of a URDF with what MuJoCo needs to take it as it is: visual geometry shown, links
   * without inertia allowed, meshes beside the file. Empty where the file is no URDF, or speaks to
   * MuJoCo itself.
   */
  static Optional<String> urdfForMujoco(Path file) {
    String text;
    try {
      text = Files.readString(file, StandardCharsets.UTF_8);
    } catch (IOException e) {
      throw new MujocoException("%s cannot be read: %s".formatted(file, e), e);
    }
    Matcher robot = ROBOT.matcher(text);
    if (!robot.find() || text.contains("<mujoco")) {
      return Optional.empty();
    }
    String folder = String.valueOf(file.toAbsolutePath().getParent());
    String extension =
        "<mujoco><compiler discardvisual=\"false\" boundmass=\"1e-3\" boundinertia=\"1e-6\""
            + " meshdir=\"%s\"/></mujoco>"
                .formatted(folder.replace("&", "&amp;").replace("\"", "&quot;"));
    return Optional.of(text.substring(0, robot.end()) + extension + text.substring(robot.end()));
  }

  private static Path beside(Path scene) {
    String name = String.valueOf(scene.getFileName()).replaceFirst("[.][^.]*$", "");
    return scene.resolveSibling(name + ".urdf");
  }
}
