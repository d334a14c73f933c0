package dev.reverie.rcljava;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.reverie.msgs.std_msgs.String;
import dev.reverie.msgs.std_srvs.SetBool;
import dev.reverie.msgs.test_msgs.BasicTypes;
import dev.reverie.msgs.test_msgs.Fibonacci;
import dev.reverie.rcljava.action.ActionClient;
import dev.reverie.rcljava.action.ClientGoalHandle;
import dev.reverie.testing.Prepared;
import java.lang.foreign.MemorySegment;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;

/** Checks that what others do wrong neither ends the JVM nor goes unsaid. */
@Prepared
class BadInputTest {
  @Test
  void twoTypesOnOneTopicDoNotMeet() {
    try (var ros = new TestRos();
        Context elsewhere = Context.init("--ros-args", "-r", "__ns:=" + ros.namespace)) {
      var received = new AtomicInteger();
      ros.node.createSubscription(
          String.TYPE, "mixed", Qos.DEFAULT, m -> received.incrementAndGet());
      RclException e =
          assertThrows(
              RclException.class,
              () -> ros.node.createPublisher(BasicTypes.TYPE, "mixed", Qos.DEFAULT));
      assertTrue(e.toString().contains("mixed"), e.toString());

      Publisher<BasicTypes> numbers =
          elsewhere.createNode("other").createPublisher(BasicTypes.TYPE, "mixed", Qos.DEFAULT);
      Publisher<String> texts = ros.node.createPublisher(String.TYPE, "mixed", Qos.DEFAULT);
      ros.await("the right one matches", () -> texts.subscriptionCount() == 1);
      ros.await(
          "both types are seen",
          () ->
              List.of("std_msgs/msg/String", "test_msgs/msg/BasicTypes")
                  .equals(ros.node.graph().topics().get(ros.namespace + "/mixed")));
      numbers.publish(new BasicTypes());
      texts.publish(new String("one"));
      ros.await("one message", () -> received.get() == 1);
      assertEquals(0, numbers.subscriptionCount());
    }
  }

  @Test
  void bytesThatAreNoMessageAreReportedAndTheNextOneArrives() {
    try (var ros = new TestRos()) {
      List<java.lang.String> texts = new ArrayList<>();
      ros.node.createSubscription(String.TYPE, "text", Qos.DEFAULT, m -> texts.add(m.data()));
      Publisher<String> publisher = ros.node.createPublisher(String.TYPE, "text", Qos.DEFAULT);
      ros.await("matched", () -> publisher.subscriptionCount() == 1);
      for (byte[] bytes :
          List.of(
              new byte[] {0, 1, 0, 0},
              new byte[] {0, 1, 0, 0, 1, 0, 0, 0, 'x'},
              new byte[] {0, 1, 0, 0, -1, -1, -1, 127, 'x'},
              new byte[] {0, 7, 0, 0, 2, 0, 0, 0, 'x', 0})) {
        publisher.publishSerialized(MemorySegment.ofArray(bytes));
      }
      publisher.publish(new String("at last"));
      ros.await("the good one", () -> texts.equals(List.of("at last")));
    }
  }

  @Test
  void wrongRosArgumentsAreRefusedWithTheRemedy() {
    for (var args :
        List.of(
            List.of("-r", "bad"),
            List.of("-r", ":=a"),
            List.of("-r", "a:="),
            List.of("-r", "a:=b:=c d"),
            List.of("-r", "a-b:=c"),
            List.of("-r", "/**/a:=b"),
            List.of("-r", "__ns:=left"),
            List.of("-r", "__ns:=/left/"),
            List.of("-r", "arm:__node:=1a"),
            List.of("--remap", ""),
            List.of("-p", "rate"),
            List.of("-p", ":=3"),
            List.of("-p", "folder:="),
            List.of("--params-file", "/tmp"),
            List.of("-r", "a:=b c"),
            List.of("-r", "nonsense"),
            List.of("-r", "__ns:=relative//twice"),
            List.of("-r", "__node:=a/b"),
            List.of("--log-level", "loud"),
            List.of("--params-file", "/nowhere/to/be.found"))) {
      var words = new ArrayList<>(List.of("--ros-args"));
      words.addAll(args);
      RclException e =
          assertThrows(
              RclException.class,
              () -> {
                try (Context context = Context.init(words.toArray(java.lang.String[]::new))) {
                  context.createNode("node");
                }
              },
              args.toString());
      var said = java.lang.String.valueOf(e.getMessage());
      assertTrue(said.contains("'" + java.lang.String.join(" ", args).strip() + "'"), said);
      assertTrue(said.contains("; give "), said);
      assertFalse(said.contains("rcl"), said);
    }
    RclException bare =
        assertThrows(RclException.class, () -> Context.init("--ros-args", "-p", "a:=1", "-r"));
    assertTrue(bare.toString().contains("'-r' has nothing behind it"), bare.toString());
  }

  @Test
  void remapsOfEveryKindAreTaken() {
    for (var rule :
        List.of(
            "a:=b",
            "/a/b:=/c",
            "~/a:=b",
            "__ns:=/",
            "__ns:=/left/arm",
            "__node:=x",
            "n:__name:=x",
            "n:a:=/b",
            "rostopic://a:=/b",
            "rosservice:///a/b:=c")) {
      try (Context context = Context.init("--ros-args", "-r", rule)) {
        assertTrue(context.arguments().isEmpty(), rule);
      }
    }
  }

  @Test
  void aParameterFileThatIsNoneIsRefused() throws Exception {
    Path file = Files.createTempFile("parameters", ".yaml");
    for (var text : List.of("node: [1, 2", "/**:\n  ros__parameters:\n    a: [1, x, 2.5]\n")) {
      Files.write(file, text.getBytes(StandardCharsets.UTF_8));
      RclException e =
          assertThrows(
              RclException.class,
              () -> Context.init("--ros-args", "--params-file", file.toString()));
      assertTrue(e.toString().contains(file.toString()), e.toString());
    }
    Files.delete(file);
  }

  @Test
  void aServerThatDiesLeavesCallsWithoutAnAnswerAndTheClientAlive() throws Exception {
    try (var ros = new TestRos()) {
      Client<SetBool.Request, SetBool.Response> client =
          ros.node.createClient(SetBool.TYPE, "set_bool");
      var actions = new ActionClient<>(ros.node, Fibonacci.TYPE, "fibonacci");
      var goal = new ArrayList<ClientGoalHandle<Fibonacci.Result>>();
      try (var peer = new Peer(ros.namespace, "serve")) {
        peer.await("met action");
        assertTrue(client.waitForService(TestRos.TIMEOUT));
        assertTrue(actions.waitForServer(TestRos.TIMEOUT));
        goal.add(TestRos.get(actions.sendGoal(new Fibonacci.Goal(10_000), f -> {})));
      } // killed
      CompletableFuture<SetBool.Response> call =
          client.call(new SetBool.Request(true)).orTimeout(200, TimeUnit.MILLISECONDS);
      ExecutionException e = assertThrows(ExecutionException.class, () -> TestRos.get(call));
      assertTrue(e.getCause() instanceof TimeoutException, e.toString());
      assertTrue(!goal.getFirst().result().isDone());
      try (var peer = new Peer(ros.namespace, "serve")) {
        peer.await("ready");
        // The dead server is seen for a while: a request may go out before the new one is met.
        ros.await("an answer of the new one", () -> answers(client));
      }
      actions.close();
      assertTrue(goal.getFirst().result().isCompletedExceptionally());
    }
  }

  private static boolean answers(Client<SetBool.Request, SetBool.Response> client) {
    try {
      return !client
          .call(new SetBool.Request(true))
          .orTimeout(500, TimeUnit.MILLISECONDS)
          .join()
          .success();
    } catch (CompletionException e) {
      return false;
    }
  }

  @Test
  void closingWhatOtherThreadsUseIsAnExceptionForThem() throws Exception {
    for (int round = 0; round < 10; round++) {
      var stop = new AtomicBoolean();
      List<Throwable> odd = new CopyOnWriteArrayList<>();
      List<Thread> users = new ArrayList<>();
      try (var ros = new TestRos()) {
        Publisher<BasicTypes> publisher =
            ros.node.createPublisher(BasicTypes.TYPE, "numbers", Qos.DEFAULT);
        ros.node.createSubscription(BasicTypes.TYPE, "numbers", Qos.DEFAULT, m -> {});
        ros.node.createService(SetBool.TYPE, "flip", q -> new SetBool.Response(!q.data(), ""));
        Client<SetBool.Request, SetBool.Response> client =
            ros.node.createClient(SetBool.TYPE, "flip");
        List<Runnable> uses =
            List.of(
                () -> publisher.publish(new BasicTypes()),
                () -> {
                  var _ = client.call(new SetBool.Request(true));
                },
                () -> ros.node.graph().topics(),
                () -> publisher.onEvent(QosEvent.Matched.class, event -> {}).close(),
                () -> ros.node.createTimer(Duration.ofMillis(1), () -> {}).close());
        for (Runnable use : uses) {
          users.add(
              Thread.ofPlatform()
                  .start(
                      () -> {
                        while (!stop.get()) {
                          try {
                            use.run();
                          } catch (RclException e) {
                            return; // closed
                          } catch (Throwable e) {
                            odd.add(e);
                            return;
                          }
                        }
                      }));
        }
        Thread.sleep(20);
        if (round % 2 == 0) {
          ros.node.close();
        }
      }
      stop.set(true);
      for (Thread user : users) {
        user.join(TestRos.TIMEOUT);
      }
      assertEquals(List.of(), odd);
    }
  }
}
