package dev.reverie.rcljava;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.reverie.msgs.lifecycle_msgs.ChangeState;
import dev.reverie.msgs.lifecycle_msgs.Transition;
import dev.reverie.msgs.std_msgs.String;
import dev.reverie.msgs.std_srvs.SetBool;
import dev.reverie.msgs.test_msgs.Fibonacci;
import dev.reverie.rcljava.examples.CountServer;
import dev.reverie.rcljava.examples.Listener;
import dev.reverie.rcljava.examples.ManagedTalker;
import dev.reverie.rcljava.examples.SwitchServer;
import dev.reverie.rcljava.examples.Talker;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CopyOnWriteArrayList;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledIfEnvironmentVariable;

/** Each program of the README in a process of its own. */
@EnabledIfEnvironmentVariable(named = "REVERIE_PYTHON", matches = ".+")
class ExamplesTest {

  private static Launched launch(TestRos ros, Class<?> main) throws Exception {
    return Launched.java(main, Map.of(), "--ros-args", "-r", "__ns:=" + ros.namespace);
  }

  @Test
  void theListenerHearsTheTalker() throws Exception {
    try (var ros = new TestRos();
        var listener = launch(ros, Listener.class);
        var talker = launch(ros, Talker.class)) {
      listener.await("I heard: Hello World: ");
      talker.interrupt();
      listener.interrupt();
    }
  }

  @Test
  void theServiceAndTheActionAnswer() throws Exception {
    try (var ros = new TestRos();
        var server = launch(ros, SwitchServer.class);
        var counter = launch(ros, CountServer.class)) {
      var client = ros.node.createClient(SetBool.TYPE, "set_bool");
      assertTrue(client.waitForService(TestRos.TIMEOUT));
      assertEquals(
          "it is on", TestRos.get(client.call(new SetBool.Request(true))).message());
      var actions = ros.node.createActionClient(Fibonacci.TYPE, "fibonacci");
      assertTrue(actions.waitForServer(TestRos.TIMEOUT));
      List<int[]> feedback = new ArrayList<>();
      var goal =
          TestRos.get(actions.sendGoal(new Fibonacci.Goal(5), f -> feedback.add(f.sequence())));
      GoalResult<Fibonacci.Result> result = TestRos.get(goal.result());
      assertArrayEquals(new int[] {0, 1, 1, 2, 3, 5}, result.result().sequence());
      assertEquals(GoalStatus.SUCCEEDED, result.status());
      server.interrupt();
      counter.interrupt();
    }
  }

  @Test
  void theManagedTalkerTalksWhileItIsActive() throws Exception {
    try (var ros = new TestRos();
        var talker = launch(ros, ManagedTalker.class)) {
      List<java.lang.String> heard = new CopyOnWriteArrayList<>();
      ros.node.createSubscription(String.TYPE, "chatter", Qos.DEFAULT, m -> heard.add(m.data()));
      var change = ros.node.createClient(ChangeState.TYPE, "talker/change_state");
      assertTrue(change.waitForService(TestRos.TIMEOUT));
      talker.await("dropped while node");
      assertEquals(List.of(), heard);
      for (var word : List.of("configure", "activate")) {
        var request = new ChangeState.Request(new Transition((byte) 0, word));
        assertTrue(TestRos.get(change.call(request)).success());
      }
      talker.await("I begin to talk");
      ros.await("talk", () -> heard.contains("managed"));
      talker.interrupt();
    }
  }
}
