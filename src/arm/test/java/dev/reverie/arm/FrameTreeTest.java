package dev.reverie.arm;

import static org.junit.jupiter.api.Assertions.assertEquals;

import dev.reverie.arm.ArmSilhouette.Eye;
import dev.reverie.msgs.geometry_msgs.Quaternion;
import dev.reverie.msgs.geometry_msgs.Transform;
import dev.reverie.msgs.geometry_msgs.TransformStamped;
import dev.reverie.msgs.geometry_msgs.Vector3;
import dev.reverie.msgs.std_msgs.Header;
import dev.reverie.rollout.CameraCalibration;
import dev.reverie.rollout.JointNames;
import java.util.Optional;
import org.junit.jupiter.api.Test;

/** Places of cameras, by what /tf and /tf_static say. */
class FrameTreeTest {
  private static final ArmLinks LINKS = ArmLinks.of(PlanarArm.xml(), JointNames.SAME);
  private static final CameraCalibration LENS = TipSightTest.lens();

  private final FrameTree tree = new FrameTree();

  private static TransformStamped transform(
      String parent, String child, double x, double y, double z, double turnAboutZ) {
    return new TransformStamped(
        new Header().withFrameId(parent),
        child,
        new Transform(
            new Vector3(x, y, z),
            new Quaternion(0, 0, Math.sin(turnAboutZ / 2), Math.cos(turnAboutZ / 2))));
  }

  private void assertStands(String link, double x, double y, double z) {
    Eye eye = tree.eye(LINKS, "optical", LENS).orElseThrow();
    assertEquals(link, eye.link());
    assertEquals(x, eye.xyz().get(0), 1e-9);
    assertEquals(y, eye.xyz().get(1), 1e-9);
    assertEquals(z, eye.xyz().get(2), 1e-9);
  }

  @Test
  void aFrameOfADriverIsFollowedUpToTheLinkThatItIsFixedTo() {
    tree.add(transform("hand", "camera_link", 1, 2, 3, Math.PI / 2), true);
    tree.add(transform("/camera_link", "/optical", 0.5, 0, 0, 0), true);
    assertStands("hand", 1, 2.5, 3);
  }

  @Test
  void aCameraBesideTheArmIsConnectedByAFrameAboveBoth() {
    tree.add(transform("room", "table", 0, 0, 1, 0), true);
    tree.add(transform("table", "world", 2, 0, 0, 0), true); // the arm's root
    tree.add(transform("room", "optical", 2, 3, 1, 0), false);
    assertStands("world", 0, 3, 0);
  }

  @Test
  void aFrameAboveTheArmMayBeTheCameraItself() {
    tree.add(transform("optical", "world", 2, 0, 0, 0), true);
    assertStands("world", -2, 0, 0);
  }

  @Test
  void aLinkOfTheUrdfNeedsNoTransformAndWhatWasMeasuredOfItWins() {
    assertEquals("tip", tree.eye(LINKS, "tip", LENS).orElseThrow().link());
    tree.add(transform("fore", "tip", 1, 0, 0, 0), false); // as robot_state_publisher says
    assertEquals("tip", tree.eye(LINKS, "tip", LENS).orElseThrow().link());
    tree.add(transform("fore", "tip", 1, 0, 0, 0), true);
    assertEquals("fore", tree.eye(LINKS, "tip", LENS).orElseThrow().link());
  }

  @Test
  void aCameraThatNobodyConnectsStandsNowhere() {
    assertEquals(Optional.empty(), tree.eye(LINKS, "", LENS));
    tree.add(transform("camera_link", "optical", 1, 0, 0, 0), true);
    assertEquals(Optional.empty(), tree.eye(LINKS, "optical", LENS));
    tree.add(transform("optical", "camera_link", 1, 0, 0, 0), true); // a loop
    tree.add(transform("a", "world", 1, 0, 0, 0), true);
    tree.add(transform("world", "a", 1, 0, 0, 0), true);
    assertEquals(Optional.empty(), tree.eye(LINKS, "optical", LENS));
    tree.add(transform("hand", "optical", Double.NaN, 0, 0, 0), true); // no transform: left out
    assertEquals(Optional.empty(), tree.eye(LINKS, "optical", LENS));
  }
}
