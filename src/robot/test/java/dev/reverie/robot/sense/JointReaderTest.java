package dev.reverie.robot.sense;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.reverie.arm.PlanarArm;
import dev.reverie.msgs.Stamps;
import dev.reverie.msgs.sensor_msgs.JointState;
import dev.reverie.msgs.std_msgs.Header;
import dev.reverie.robot.sense.JointPublishers.Publisher;
import dev.reverie.rollout.JointNames;
import dev.reverie.rollout.JointReading.Source;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;

class JointReaderTest {
  private static final long MS = 1_000_000;

  private final JointReader reader = new JointReader(PlanarArm.JOINTS, JointNames.SAME);
  private List<Publisher> graph =
      List.of(new Publisher("one", "/arm/driver"), new Publisher("other", "/gripper"));
  private final JointReader live =
      new JointReader(
          PlanarArm.JOINTS,
          JointNames.of(List.of("w=wrist"), "left_"),
          new JointPublishers(PlanarArm.JOINTS, () -> graph),
          false);

  private static JointState state(List<String> names, double... positions) {
    return stamped(1_000_000_002L, names, positions);
  }

  private static JointState stamped(long nanos, List<String> names, double... positions) {
    return new JointState()
        .withHeader(new Header(Stamps.time(nanos), ""))
        .withName(names)
        .withPosition(positions);
  }

  private String fault(JointState state) {
    return reader
        .read(JointState.TYPE.encode(state), 0)
        .flatMap(JointSample::fault)
        .map(HoldReason::text)
        .orElse("");
  }

  /** Returns what the live reader says of a message at a time: a fault, or positions. */
  private String hear(String publisher, long ms, List<String> names, double... positions) {
    return hear(publisher, ms, stamped(ms * MS, names, positions));
  }

  private String velocities(String publisher, long ms, List<String> names) {
    JointState state = stamped(ms * MS, names).withVelocity(new double[names.size()]);
    return hear(publisher, ms, state);
  }

  private String hear(String publisher, long ms, JointState state) {
    byte[] message = JointState.TYPE.encode(state);
    return live.read(new Source(0, message, ms * MS), publisher)
        .map(
            sample ->
                sample
                    .fault()
                    .map(why -> why.kind() + " " + why.about() + ": " + why.text())
                    .orElseGet(() -> Arrays.toString(sample.positions())))
        .orElse("nothing");
  }

  @Test
  void jointsComeInThePolicysOrderWhateverTheDriversOrderIs() {
    var state = state(List.of("gripper", "wrist", "shoulder", "elbow"), 9, 3, 1, 2);
    JointSample sample = reader.read(JointState.TYPE.encode(state), 5).orElseThrow();
    assertEquals(Optional.empty(), sample.fault());
    assertArrayEquals(new double[] {1, 2, 3}, sample.positions());
    assertEquals(1_000_000_002L, sample.stampNanos());
  }

  @Test
  void aMissingJointIsNamedWithThoseThatAreThere() {
    String fault = fault(state(List.of("shoulder", "elbow"), 1, 2));
    assertTrue(fault.contains("'wrist'") && fault.contains("[shoulder, elbow]"), fault);
  }

  @Test
  void namesLikeThatOfAMissingJointAreTold() {
    String fault = fault(state(List.of("shoulder", "elbow", "right_wrist", "wheel"), 1, 2, 3, 4));
    assertTrue(fault.contains("nearest: 'right_wrist'") && fault.contains("joint_prefix"), fault);
  }

  @Test
  void jointStatesOfOthersAloneAreNamedToo() {
    String fault = fault(state(List.of("wheel"), 1));
    assertTrue(fault.contains("'shoulder' is not in the joint states, which have [wheel]"), fault);
  }

  @Test
  void aPositionThatIsNoNumberIsNamed() {
    String fault = fault(state(PlanarArm.JOINTS, 1, Double.NaN, 3));
    assertTrue(fault.contains("'elbow' is NaN"), fault);
  }

  @Test
  void fewerPositionsThanNamesAreAFault() {
    String fault = fault(state(PlanarArm.JOINTS, 1, 2));
    assertTrue(fault.contains("2 positions for 3 names"), fault);
    assertTrue(fault(state(PlanarArm.JOINTS)).contains("0 positions for 3 names"));
    assertEquals("", fault(state(PlanarArm.JOINTS, 1, 2, 3)), "one bad message is soon over");
  }

  @Test
  void aNameThatComesTwiceIsAFault() {
    String fault = fault(state(List.of("shoulder", "elbow", "wrist", "elbow"), 1, 2, 3, 4));
    assertTrue(fault.contains("names 'elbow' more than once"), fault);
    assertEquals("", fault(state(List.of("shoulder", "elbow", "wrist", "w", "w"), 1, 2, 3, 4, 5)));
  }

  @Test
  void bytesThatAreNoJointStateAreAFault() {
    JointSample sample = reader.read(new byte[] {0, 1, 0, 0, 9}, 0).orElseThrow();
    assertTrue(sample.fault().orElseThrow().text().contains("cannot be read"));
  }

  @Test
  void anArmAndItsGripperAreMergedByTheirNamesInMessages() {
    assertTrue(
        hear("one", 1000, List.of("left_shoulder", "left_elbow"), 1, 2)
            .startsWith("BAD_JOINT_STATE wrist: joint 'w' is not in"));
    assertEquals("[1.0, 2.0, 3.0]", hear("other", 1005, List.of("w"), 3));
    assertEquals(
        "[4.0, 5.0, 3.0]", hear("one", 1010, List.of("left_shoulder", "left_elbow"), 4, 5));
    assertEquals("nothing", hear("third", 1011, List.of("shoulder", "wrist"), 6, 7));
    String gripper = hear("other", 1012, List.of("w"), Double.NaN);
    assertTrue(gripper.contains("position of joint 'wrist' is NaN"), gripper);
    String still = hear("one", 1020, List.of("left_shoulder", "left_elbow"), 4, 5);
    assertTrue(still.contains("'wrist' is NaN"), "until the gripper says better: " + still);
  }

  @Test
  void velocitiesBesidePositionsArePassedOverWhoeverPublishesThem() {
    List<String> all = List.of("left_shoulder", "left_elbow", "w");
    String mute = velocities("other", 995, all);
    assertTrue(mute.contains("0 positions for 3 names"), mute);
    assertEquals("[1.0, 2.0, 3.0]", hear("one", 1000, all, 1, 2, 3));
    assertEquals("nothing", velocities("one", 1005, all));
    assertEquals("nothing", velocities("other", 1006, all));
    assertEquals("[4.0, 5.0, 6.0]", hear("one", 1010, all, 4, 5, 6));
  }

  @Test
  void aJointOfWhichThereAreVelocitiesAloneIsNamed() {
    assertTrue(velocities("other", 995, List.of("w")).contains("0 positions for 1 names"));
    String fault = hear("one", 1000, List.of("left_shoulder", "left_elbow"), 1, 2);
    assertTrue(fault.startsWith("BAD_JOINT_STATE wrist: joint state has 0 positions"), fault);
    assertEquals("[1.0, 2.0, 3.0]", hear("other", 1005, List.of("w"), 3));
  }

  @Test
  void aStampThatTheDriverDidNotSetIsNamed() {
    List<String> all = List.of("left_shoulder", "left_elbow", "w");
    String fault = hear("one", 0, all, 1, 2, 3);
    assertTrue(
        fault.contains("have the stamp 0") && fault.contains("does not set header.stamp"), fault);
  }

  @Test
  void aJointOfTwoPublishersIsRefusedWithBothNodes() {
    List<String> all = List.of("left_shoulder", "left_elbow", "w");
    assertEquals("[1.0, 2.0, 3.0]", hear("one", 1000, all, 1, 2, 3));
    assertEquals("nothing", hear("other", 1005, List.of("w"), 9));
    String fault = hear("one", 1010, all, 1, 2, 3);
    assertTrue(fault.startsWith("DUPLICATE_JOINT wrist:"), fault);
    assertTrue(fault.contains("of /arm/driver and of /gripper"), fault);
    graph = graph.subList(0, 1);
    assertEquals("[1.0, 2.0, 3.0]", hear("one", 2000, all, 1, 2, 3), "the other one was stopped");
  }

  @Test
  void aPublisherThatWasStartedAnewIsTheSame() {
    List<String> all = List.of("left_shoulder", "left_elbow", "w");
    assertEquals("[1.0, 2.0, 3.0]", hear("one", 1000, all, 1, 2, 3));
    graph = List.of(new Publisher("two", "/arm/driver"));
    assertEquals("[4.0, 5.0, 6.0]", hear("two", 1500, all, 4, 5, 6), "the old one is gone");
    graph = List.of(new Publisher("two", "/arm/driver"), new Publisher("three", "/arm/driver"));
    assertEquals("[7.0, 8.0, 9.0]", hear("three", 4000, all, 7, 8, 9), "killed, and still listed");
  }

  @Test
  void whereTheGraphKnowsNoIdentitiesEachPublisherIsThere() {
    List<String> all = List.of("left_shoulder", "left_elbow", "w");
    graph = List.of(new Publisher("", "a node"), new Publisher("", "a node"));
    hear("one", 1000, all, 1, 2, 3);
    hear("other", 1005, all, 1, 2, 3);
    String fault = hear("one", 1010, all, 1, 2, 3);
    assertTrue(fault.contains("two publishers, of a node and of a node"), fault);
  }
}
