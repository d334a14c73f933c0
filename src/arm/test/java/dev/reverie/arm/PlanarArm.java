package dev.reverie.arm;

import dev.reverie.policy.ActionSpace.EndEffectorDelta;
import dev.reverie.policy.ActionSpace.Workspace;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.List;

/** The planar arm of docs/method.md, with the closed forms of its kinematics. */
public final class PlanarArm {
  private PlanarArm() {}

  public static final List<String> JOINTS = List.of("shoulder", "elbow", "wrist");
  public static final EndEffectorDelta SPACE =
      new EndEffectorDelta(
          "world",
          "tip",
          List.of("x", "z"),
          List.of(0.04, 0.04),
          true,
          new Workspace(List.of(0.08, 0.08), List.of(0.92, 0.60)));

  private static final double LINK_M = 0.42;

  public static String xml() {
    try (var in = PlanarArm.class.getResourceAsStream("/planar_arm.urdf")) {
      return new String(in.readAllBytes(), StandardCharsets.UTF_8);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  public static Urdf urdf() {
    return Urdf.parse(xml());
  }

  /** Joint positions that bring the tip of the vertical tool to (x, z). */
  public static double[] inverse(double x, double z) {
    double wx = x - 0.5;
    double wz = z + 0.24 - 1;
    double squared = Math.clamp(wx * wx + wz * wz, 0.04, Math.pow(2 * LINK_M - 0.004, 2));
    double elbow = Math.acos((squared - 2 * LINK_M * LINK_M) / (2 * LINK_M * LINK_M));
    double shoulder = Math.atan2(wz, wx) - elbow / 2;
    return new double[] {shoulder, elbow, -(shoulder + elbow)};
  }

  /** (x, z) of the tip, the tool taken to be vertical. */
  public static double[] forward(double[] q) {
    return new double[] {
      0.5 + LINK_M * (Math.cos(q[0]) + Math.cos(q[0] + q[1])),
      1 + LINK_M * (Math.sin(q[0]) + Math.sin(q[0] + q[1])) - 0.24
    };
  }
}
