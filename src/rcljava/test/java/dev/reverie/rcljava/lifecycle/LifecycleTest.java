package dev.reverie.rcljava.lifecycle;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.reverie.msgs.test_msgs.Empty;
import dev.reverie.rcljava.Peer;
import dev.reverie.rcljava.Qos;
import dev.reverie.rcljava.TestRos;
import dev.reverie.testing.Prepared;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.CopyOnWriteArrayList;
import org.junit.jupiter.api.Test;

@Prepared
class LifecycleTest {
  /** Does as it is told, and notes what it was asked for. */
  private static final class Told implements LifecycleCallbacks {
    final List<String> calls = new CopyOnWriteArrayList<>();
    volatile TransitionResult next = TransitionResult.SUCCESS;
    volatile TransitionResult onError = TransitionResult.SUCCESS;

    private CompletionStage<TransitionResult> note(String call) {
      calls.add(call);
      return next.now();
    }

    @Override
    public CompletionStage<TransitionResult> onConfigure() {
      return note("configure");
    }

    @Override
    public CompletionStage<TransitionResult> onActivate() {
      return note("activate");
    }

    @Override
    public CompletionStage<TransitionResult> onDeactivate() {
      return note("deactivate");
    }

    @Override
    public CompletionStage<TransitionResult> onCleanup() {
      return note("cleanup");
    }

    @Override
    public CompletionStage<TransitionResult> onShutdown(LifecycleState from) {
      return note("shutdown from " + from);
    }

    @Override
    public CompletionStage<TransitionResult> onError(LifecycleState during) {
      calls.add("error during " + during);
      return onError.now();
    }
  }

  @Test
  void rclpyDrivesANodeOfJavaAndSeesTheSameStateMachineAsItsOwn() throws Exception {
    try (var ros = new TestRos();
        var peer = new Peer(ros.namespace, "lifecycle", "java")) {
      var told = new Told();
      var managed = new LifecycleNode(ros.node, told);
      assertEquals("True", peer.await("states"));
      assertEquals("True", peer.await("graph"));
      assertEquals("configure shutdown", peer.await("available"));
      assertEquals("1 unconfigured", peer.await("state"));
      assertEquals("False", peer.await("activate_at_once"));
      assertEquals("True inactive", peer.await("configure"));
      assertEquals("True active", peer.await("activate"));
      assertEquals("True inactive", peer.await("deactivate"));
      assertEquals("True unconfigured", peer.await("cleanup"));
      assertEquals("True finalized", peer.await("shutdown"));
      assertEquals(
          "configure:unconfigured>configuring transition_success:configuring>inactive"
              + " activate:inactive>activating transition_success:activating>active"
              + " deactivate:active>deactivating transition_success:deactivating>inactive"
              + " cleanup:inactive>cleaningup transition_success:cleaningup>unconfigured"
              + " shutdown:unconfigured>shuttingdown transition_success:shuttingdown>finalized",
          peer.await("events"));
      assertEquals("", peer.await("available_at_last"));
      peer.awaitEnd();
      assertEquals(
          List.of("configure", "activate", "deactivate", "cleanup", "shutdown from UNCONFIGURED"),
          told.calls);
      assertEquals(LifecycleState.FINALIZED, managed.state());
    }
  }

  private static TransitionResult change(LifecycleNode node, LifecycleTransition transition)
      throws Exception {
    return TestRos.get(node.change(transition));
  }

  @Test
  void aFailureLeadsBackAndAnErrorToItsProcessing() throws Exception {
    try (var ros = new TestRos()) {
      var told = new Told();
      var node = new LifecycleNode(ros.node, told);
      told.next = TransitionResult.FAILURE;
      assertEquals(TransitionResult.FAILURE, change(node, LifecycleTransition.CONFIGURE));
      assertEquals(LifecycleState.UNCONFIGURED, node.state());
      told.next = TransitionResult.SUCCESS;
      change(node, LifecycleTransition.CONFIGURE);
      told.next = TransitionResult.FAILURE;
      assertEquals(TransitionResult.FAILURE, change(node, LifecycleTransition.ACTIVATE));
      assertEquals(LifecycleState.INACTIVE, node.state());
      told.next = TransitionResult.ERROR;
      assertEquals(TransitionResult.ERROR, change(node, LifecycleTransition.ACTIVATE));
      assertEquals(LifecycleState.UNCONFIGURED, node.state());
      told.onError = TransitionResult.FAILURE;
      assertEquals(TransitionResult.ERROR, change(node, LifecycleTransition.CONFIGURE));
      assertEquals(LifecycleState.FINALIZED, node.state());
      assertEquals(
          List.of(
              "configure",
              "configure",
              "activate",
              "activate",
              "error during ACTIVATING",
              "configure",
              "error during CONFIGURING"),
          told.calls);
    }
  }

  @Test
  void aCallbackThatThrowsIsAnError() throws Exception {
    try (var ros = new TestRos()) {
      var node =
          new LifecycleNode(
              ros.node,
              new LifecycleCallbacks() {
                @Override
                public CompletionStage<TransitionResult> onConfigure() {
                  throw new IllegalStateException("broken");
                }
              });
      assertEquals(TransitionResult.ERROR, change(node, LifecycleTransition.CONFIGURE));
      assertEquals(LifecycleState.FINALIZED, node.state());
      IllegalStateException e =
          assertThrows(
              IllegalStateException.class, () -> node.change(LifecycleTransition.CONFIGURE));
      assertTrue(e.toString().contains("finalized"), e.toString());
    }
  }

  @Test
  void shutdownLeadsToTheEndFromEachPrimaryState() throws Exception {
    for (List<LifecycleTransition> before :
        List.of(
            List.<LifecycleTransition>of(),
            List.of(LifecycleTransition.CONFIGURE),
            List.of(LifecycleTransition.CONFIGURE, LifecycleTransition.ACTIVATE))) {
      try (var ros = new TestRos()) {
        var told = new Told();
        var node = new LifecycleNode(ros.node, told);
        for (LifecycleTransition transition : before) {
          change(node, transition);
        }
        LifecycleState from = node.state();
        told.next = TransitionResult.FAILURE; // leads to the end all the same
        change(node, LifecycleTransition.SHUTDOWN);
        assertEquals(LifecycleState.FINALIZED, node.state());
        assertEquals("shutdown from " + from, told.calls.getLast());
      }
    }
  }

  @Test
  void aTransitionMayEndLaterAndNoneBeginsMeanwhile() throws Exception {
    try (var ros = new TestRos()) {
      var later = new CompletableFuture<TransitionResult>();
      var node =
          new LifecycleNode(
              ros.node,
              new LifecycleCallbacks() {
                @Override
                public CompletionStage<TransitionResult> onConfigure() {
                  return later;
                }
              });
      CompletableFuture<TransitionResult> configured = node.change(LifecycleTransition.CONFIGURE);
      assertEquals(LifecycleState.CONFIGURING, node.state());
      assertFalse(configured.isDone());
      for (LifecycleTransition each : LifecycleTransition.values()) {
        assertThrows(IllegalStateException.class, () -> node.change(each));
      }
      later.complete(TransitionResult.SUCCESS);
      assertEquals(TransitionResult.SUCCESS, TestRos.get(configured));
      assertEquals(LifecycleState.INACTIVE, node.state());
    }
  }

  @Test
  void aManagedPublisherIsSilentUnlessTheNodeIsActive() throws Exception {
    try (var ros = new TestRos()) {
      var node = new LifecycleNode(ros.node, new LifecycleCallbacks() {});
      List<Empty> received = new ArrayList<>();
      ros.node.createSubscription(Empty.TYPE, "out", Qos.DEFAULT, m -> received.add(m));
      ManagedPublisher<Empty> publisher = node.createPublisher(Empty.TYPE, "out", Qos.DEFAULT);
      ros.await("matched", () -> publisher.publisher().subscriptionCount() == 1);
      assertFalse(publisher.publish(new Empty()));
      change(node, LifecycleTransition.CONFIGURE);
      assertFalse(publisher.publish(new Empty()));
      change(node, LifecycleTransition.ACTIVATE);
      assertTrue(publisher.publish(new Empty()));
      ros.await("one", () -> received.size() == 1);
      change(node, LifecycleTransition.DEACTIVATE);
      assertFalse(publisher.publish(new Empty()));
      assertEquals(1, received.size());
    }
  }
}
