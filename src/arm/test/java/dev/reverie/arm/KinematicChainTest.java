package dev.reverie.arm;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;

import dev.reverie.testing.Refusal;
import java.util.List;
import org.joml.Vector3d;
import org.junit.jupiter.api.Test;

class KinematicChainTest {
  private static final String ALONG_Z =
      "<axis xyz=\"0 0 2\"/><limit lower=\"0\" upper=\"1\" velocity=\"1\" effort=\"1\"/>";

  /**
   * A lift on a planar base, a finger, and a second finger that goes twice as far the other way.
   */
  private final Urdf urdf =
      Urdf.parse(
          Arms.urdf(
              Arms.joint("planar", "base", ""),
              Arms.joint("prismatic", "lift", ALONG_Z),
              Arms.joint("prismatic", "finger", ALONG_Z),
              Arms.joint(
                  "prismatic",
                  "other",
                  ALONG_Z + "<mimic joint=\"finger\" multiplier=\"-2\" offset=\"0.1\"/>")));

  private static double[] tip(KinematicChain chain, double... positions) {
    Vector3d tip = chain.tip(positions, new Vector3d());
    return new double[] {tip.x, tip.y, tip.z};
  }

  @Test
  void aMimicJointFollowsItsDriver() {
    var chain = KinematicChain.of(urdf, List.of("finger", "lift"), "link0", "link4");
    assertEquals(2, chain.size());
    assertArrayEquals(
        new double[] {0.4, 0, 0.8 + 0.5 + 0.3 + (0.1 - 2 * 0.3)}, tip(chain, 0.3, 0.5), 1e-12);
    double[][] jacobian = new double[6][2];
    chain.jacobian(new Vector3d(), jacobian);
    assertArrayEquals(new double[] {1, 1 - 2}, jacobian[2], 1e-12); // lift, finger
  }

  @Test
  void aMimicJointThatIsCommandedItselfGoesItsOwnWay() {
    var chain = KinematicChain.of(urdf, List.of("other"), "link3", "link4");
    assertArrayEquals(new double[] {0.1, 0, 0.2 + 0.7}, tip(chain, 0.7), 1e-12);
  }

  @Test
  void aFrameBehindAJointThatNobodyCommandsIsFixedForTheTip() {
    var chain = KinematicChain.of(urdf, List.of("finger"), "link2", "link3");
    assertArrayEquals(new double[] {0.1, 0, 0.2 + 0.3}, tip(chain, 0.3), 1e-12);
    Refusal.of(
        ArmException.class,
        () -> KinematicChain.of(urdf, List.of("finger"), "link0", "link3"),
        "'lift' moves the link 'link3'",
        "a frame behind the joint");
    Refusal.of(
        ArmException.class,
        () -> KinematicChain.of(urdf, List.of("finger", "lift"), "link2", "link3"),
        "the frame 'link2' moves with joint 'lift'");
  }

  @Test
  void aLinkThatIsNotThereIsRefusedWithTheNearest() {
    Refusal.of(
        ArmException.class,
        () -> KinematicChain.of(urdf, List.of("finger"), "link0", "linc3"),
        "no link 'linc3'; nearest: 'link3'");
  }
}
