package dev.reverie.sim;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.Locale;
import java.util.Objects;
import java.util.regex.MatchResult;
import java.util.regex.Pattern;

/** Scenes of the planar arm as MJCF: the arm, the slots of a task, and how they are shifted. */
final class PlanarMjcf {
  private static final String SLOTS = "    <!-- slots: other tasks have others -->\n";
  private static final String END = "    <!-- end of slots -->\n";

  private static final String WORLD_ENDS = "  </worldbody>\n";

  /** The wall behind all, the table, and other colours for them. */
  private static final String BACK = "rgba=\"0.82 0.84 0.86 1\"";

  private static final String TABLE = "rgba=\"0.50 0.38 0.28 1\"";
  private static final String OTHER_BACK = "rgba=\"0.58 0.66 0.52 1\"";
  private static final String OTHER_TABLE = "rgba=\"0.34 0.36 0.44 1\"";

  /** Upright walls of a slot: half the width and half the height from their size. */
  private static final Pattern WALL =
      Pattern.compile(
          "<geom class=\"wall\" pos=\" ?(\\S+) 0 0.085\" size=\"(\\S+) 0.06 0.085\"[^>]*/>");

  private static final String ARM = "    <body name=\"upper\"";
  private static final String STRIPE =
      "<geom type=\"box\" pos=\"%.4f %.3f %.3f\" size=\"%.4f 0.001 %.3f\" rgba=\"0.15 0.15 0.18 1\"/>";

  private PlanarMjcf() {}

  /** The scene of the resource itself, with wide slots. */
  static String of(Shift shift) {
    return shifted(resource("peg-scene.xml"), shift);
  }

  /**
   * The same arm above other slots, whose joints, where they have some, follow the arm's.
   *
   * @param slots resource with the bodies of the task
   */
  static String with(String slots, Shift shift) {
    String scene = resource("peg-scene.xml");
    String arm =
        scene.substring(0, scene.indexOf(SLOTS))
            + scene.substring(scene.indexOf(END) + END.length());
    return shifted(arm.replace(WORLD_ENDS, resource(slots) + WORLD_ENDS), shift);
  }

  static String resource(String name) {
    try (InputStream in = PlanarMjcf.class.getResourceAsStream(name)) {
      byte[] bytes = Objects.requireNonNull(in, () -> name + " is not in the jar").readAllBytes();
      return new String(bytes, StandardCharsets.UTF_8);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static String shifted(String mjcf, Shift shift) {
    return switch (shift) {
      case NONE, POSITION -> mjcf;
      case BACKGROUND -> mjcf.replace(BACK, OTHER_BACK).replace(TABLE, OTHER_TABLE);
      case TEXTURE ->
          WALL.matcher(mjcf).replaceAll(PlanarMjcf::striped).replace(ARM, table() + ARM);
    };
  }

  /** A wall with three stripes across its front. */
  private static String striped(MatchResult wall) {
    var text = new StringBuilder(wall.group());
    for (int stripe = 0; stripe < 3; stripe++) {
      text.append(
          stripe(
              Double.parseDouble(wall.group(1)),
              -0.062,
              0.03 + 0.055 * stripe,
              Double.parseDouble(wall.group(2)),
              0.012));
    }
    return text.toString();
  }

  /** Upright stripes in front of the table. */
  private static String table() {
    var text = new StringBuilder();
    for (int stripe = 0; stripe < 10; stripe++) {
      text.append(stripe(0.05 + 0.1 * stripe, -0.122, 0.05, 0.02, 0.05));
    }
    return text.toString();
  }

  private static String stripe(double x, double y, double z, double halfX, double halfZ) {
    return String.format(Locale.ROOT, STRIPE, x, y, z, halfX, halfZ);
  }
}
