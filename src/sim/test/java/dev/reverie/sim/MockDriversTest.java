package dev.reverie.sim;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.reverie.msgs.Stamps;
import dev.reverie.msgs.control_msgs.FollowJointTrajectory;
import dev.reverie.msgs.control_msgs.GripperCommand;
import dev.reverie.msgs.control_msgs.GripperCommandAction;
import dev.reverie.msgs.reverie.Outcome;
import dev.reverie.msgs.reverie.ResetArm;
import dev.reverie.msgs.sensor_msgs.Image;
import dev.reverie.msgs.sensor_msgs.JointState;
import dev.reverie.msgs.std_msgs.Float64MultiArray;
import dev.reverie.msgs.std_msgs.Header;
import dev.reverie.msgs.std_srvs.Trigger;
import dev.reverie.msgs.trajectory_msgs.JointTrajectory;
import dev.reverie.msgs.trajectory_msgs.JointTrajectoryPoint;
import dev.reverie.rcljava.Client;
import dev.reverie.rcljava.Node;
import dev.reverie.rcljava.Parameter;
import dev.reverie.rcljava.ParameterClient;
import dev.reverie.rcljava.Publisher;
import dev.reverie.rcljava.Qos;
import dev.reverie.rcljava.action.ActionClient;
import dev.reverie.rcljava.action.GoalStatus;
import dev.reverie.testing.Prepared;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;

/** The six-joint arm in real time, behind the topics that its drivers would have. */
@Prepared
class MockDriversTest {
  private static final String SCENE = "scene:='" + SceneArmTest.SCENE + "'";
  private static final List<String> SMALL = List.of("image_width:=32", "image_height:=24");

  private static ArmRig rig(String... parameters) {
    List<String> all = new ArrayList<>(SMALL);
    all.add(SCENE);
    all.addAll(List.of(parameters));
    return new ArmRig(all.toArray(String[]::new));
  }

  private static JointTrajectory trajectory(List<String> joints, double[] to, double seconds) {
    var point =
        new JointTrajectoryPoint()
            .withPositions(to)
            .withVelocities(new double[to.length])
            .withTimeFromStart(Stamps.duration(Math.round(seconds * 1e9)));
    return new JointTrajectory(new Header(), joints, List.of(point));
  }

  private static boolean near(double[] goal, JointState joints) {
    for (int i = 0; i < goal.length; i++) {
      if (Math.abs(goal[i] - joints.position()[i]) > 0.03) {
        return false;
      }
    }
    return true;
  }

  private static String measured(Client<Trigger.Request, Trigger.Response> measure)
      throws Exception {
    return measure.call(new Trigger.Request()).get(20, TimeUnit.SECONDS).message();
  }

  private static void setFaults(ParameterClient faults, String... words) throws Exception {
    var result = faults.set(List.of(new Parameter("faults", List.of(words))));
    assertTrue(result.get(20, TimeUnit.SECONDS).getFirst().successful());
  }

  @Test
  void aTrajectoryIsFollowedAndWhatWasAskedIsMeasured() throws Exception {
    try (var rig = rig()) {
      Node node = rig.node();
      var commands =
          node.createPublisher(JointTrajectory.TYPE, MockDrivers.TRAJECTORIES, Qos.reliable(10));
      var measure = node.createClient(Trigger.TYPE, "simulated_arm/measure");
      assertTrue(measure.waitForService(Duration.ofSeconds(20)));
      rig.begin(new ResetArm.Request().withSeed(1));
      JointState first = ArmRig.next(rig.joints, joints -> true);
      double[] goal = first.position().clone();
      goal[0] += 0.5;
      ArmRig.awaitSubscriber(commands);
      String _ = measured(measure);
      commands.publish(trajectory(first.name(), goal, 0.5));
      ArmRig.next(rig.joints, joints -> near(goal, joints));
      commands.publish(trajectory(List.of("elbow"), new double[1], 0.5));
      ArmRig.next(rig.log, log -> log.msg().contains("command dropped: joints"));
      String json = measured(measure);
      assertTrue(json.contains("\"accepted\": 1, \"rejected\": {\"joints\": 1}"), json);
      assertTrue(json.contains("\"peak_velocity\": 1."), json); // 1.5 x the mean of 1 rad/s
      assertTrue(json.contains("\"beyond_position\": 0, \"beyond_velocity\": 0"), json);
    }
  }

  @Test
  void positionsGoThroughAForwardControllerAndTheGripperHasItsOwnOne() throws Exception {
    try (var rig =
        rig("controller:=forward", "gripper_controller:=true", "gripper_publisher:=true")) {
      Node node = rig.node();
      var arm =
          node.createPublisher(Float64MultiArray.TYPE, MockDrivers.POSITIONS, Qos.reliable(10));
      var gripper =
          node.createPublisher(
              Float64MultiArray.TYPE, "gripper_controller/commands", Qos.reliable(10));
      JointState first = ArmRig.next(rig.joints, joints -> joints.name().size() == 5);
      JointState jaw = ArmRig.next(rig.joints, joints -> joints.name().equals(List.of("gripper")));
      double[] goal = first.position().clone();
      goal[0] += 0.2;
      double[] open = {jaw.position()[0] + 0.3};
      ArmRig.awaitSubscriber(arm);
      ArmRig.awaitSubscriber(gripper);
      arm.publish(new Float64MultiArray().withData(goal));
      gripper.publish(new Float64MultiArray().withData(open));
      ArmRig.next(rig.joints, joints -> joints.name().size() == 5 && near(goal, joints));
      ArmRig.next(rig.joints, joints -> joints.name().size() == 1 && near(open, joints));
    }
  }

  @Test
  void actionsStandBesideTheTopicsOfTheControllers() throws Exception {
    try (var rig = rig("gripper_controller:=true")) {
      var follow = new ActionClient<>(rig.node(), FollowJointTrajectory.TYPE, MockDrivers.FOLLOW);
      var grip = new ActionClient<>(rig.node(), GripperCommandAction.TYPE, MockDrivers.GRIP);
      assertTrue(follow.waitForServer(Duration.ofSeconds(20)));
      assertTrue(grip.waitForServer(Duration.ofSeconds(20)));
      JointState first = ArmRig.next(rig.joints, joints -> true);
      List<String> moved = new ArrayList<>(first.name());
      int jaw = moved.indexOf("gripper");
      moved.remove(jaw);
      double[] goal =
          moved.stream()
              .mapToDouble(joint -> first.position()[first.name().indexOf(joint)])
              .toArray();
      goal[0] += 0.3;
      var replaced = get(follow.sendGoal(goal(moved, goal, 20), feedback -> {}));
      var last = get(follow.sendGoal(goal(moved, goal, 0.3), feedback -> {}));
      assertEquals(GoalStatus.ABORTED, get(replaced.result()).status());
      assertEquals(GoalStatus.SUCCEEDED, get(last.result()).status());
      ArmRig.next(rig.joints, joints -> Math.abs(joints.position()[0] - goal[0]) < 0.05);
      assertThrows(
          ExecutionException.class,
          () -> get(follow.sendGoal(goal(List.of("elbow"), new double[1], 1), feedback -> {})));
      var cancelled = get(follow.sendGoal(goal(moved, goal, 20), feedback -> {}));
      assertTrue(get(cancelled.cancel()));
      assertEquals(GoalStatus.CANCELED, get(cancelled.result()).status());

      double open = first.position()[jaw] + 0.3;
      var command = new GripperCommandAction.Goal(new GripperCommand(open, 0));
      var gripped = get(get(grip.sendGoal(command, feedback -> {})).result()).result();
      assertTrue(gripped.reachedGoal(), gripped.toString());
      assertEquals(open, gripped.position(), 0.03);
    }
  }

  private static FollowJointTrajectory.Goal goal(List<String> joints, double[] to, double seconds) {
    return new FollowJointTrajectory.Goal().withTrajectory(trajectory(joints, to, seconds));
  }

  private static <T> T get(CompletableFuture<T> future) throws Exception {
    return future.get(20, TimeUnit.SECONDS);
  }

  @Test
  void whatIsBrokenIsBrokenUntilItIsMended() throws Exception {
    try (var rig = rig("camera_rate_hz:=50.0", "camera_encoding:=bgra8")) {
      Node node = rig.node();
      BlockingQueue<Image> front = new LinkedBlockingQueue<>();
      node.createSubscription(Image.TYPE, "front/image_raw", Qos.reliable(10), front::add);
      Publisher<JointTrajectory> commands =
          node.createPublisher(JointTrajectory.TYPE, MockDrivers.TRAJECTORIES, Qos.reliable(10));
      ParameterClient faults = node.createParameterClient("simulated_arm");
      assertTrue(faults.waitForServices(Duration.ofSeconds(20)));
      Image picture = ArmRig.next(front, image -> true);
      assertEquals("bgra8", picture.encoding());
      assertEquals(32 * 24 * 4, picture.data().length);
      JointState first = ArmRig.next(rig.joints, joints -> true);
      double[] goal = first.position().clone();
      goal[0] += 0.3;
      ArmRig.awaitSubscriber(commands);

      setFaults(faults, "camera_freeze:front", "joints_nan:elbow_flex", "motor_stall:shoulder_pan");
      ArmRig.next(rig.joints, joints -> Double.isNaN(joints.position()[2]));
      commands.publish(trajectory(first.name(), goal, 0.2));
      front.clear();
      byte[] frozen = ArmRig.next(front, image -> true).data();
      for (int i = 0; i < 10; i++) {
        assertArrayEquals(frozen, ArmRig.next(front, image -> true).data());
      }
      JointState stalled = ArmRig.next(rig.joints, joints -> true);
      assertEquals(first.position()[0], stalled.position()[0], 0.05);

      setFaults(faults, "");
      ArmRig.next(rig.joints, joints -> near(goal, joints));
      ArmRig.next(front, image -> !Arrays.equals(frozen, image.data()));

      setFaults(faults, "controller_inactive");
      commands.publish(trajectory(first.name(), first.position(), 0.2));
      ArmRig.next(rig.log, log -> log.msg().contains("command dropped: inactive"));
      var refused = faults.set(List.of(new Parameter("faults", List.of("camera_stop:back"))));
      var answer = refused.get(20, TimeUnit.SECONDS).getFirst();
      assertFalse(answer.successful());
      assertTrue(answer.reason().contains("camera_stop:back"), answer.reason());
    }
  }

  @Test
  void whoeverStandsStillFailsAtTheTimeLimit() {
    try (var rig = rig("noise_rad:=0.01", "joint_latency_s:=0.05", "joint_drops:=0.3")) {
      Publisher<JointTrajectory> commands =
          rig.node()
              .createPublisher(JointTrajectory.TYPE, MockDrivers.TRAJECTORIES, Qos.reliable(10));
      ArmRig.awaitSubscriber(commands);
      assertTrue(
          rig.reset(new ResetArm.Request().withTimeLimit(Stamps.duration(300_000_000L))).success());
      JointState now = ArmRig.next(rig.joints, joints -> true);
      commands.publish(trajectory(now.name(), now.position(), 0.1));
      assertEquals(Outcome.FAILURE, ArmRig.next(rig.outcomes, o -> true).outcome());
    }
  }

  @Test
  void unusableParametersAreRefusedByName() {
    for (String parameter :
        List.of(
            "controller:=velocity",
            "camera_encoding:=yuv9",
            "joint_rate_hz:=70.0",
            "noise_rad:=-1.0",
            "faults:=['joints_dance']",
            "urdf:=nowhere.urdf")) {
      var refusal = assertThrows(RuntimeException.class, () -> rig(parameter).close());
      String name = parameter.substring(0, parameter.indexOf(':'));
      assertTrue(
          String.valueOf(refusal.getMessage()).contains(name.replace("faults", "fault")),
          refusal.toString());
    }
  }
}
