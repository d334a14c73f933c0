package dev.reverie.rcljava;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.reverie.msgs.std_srvs.SetBool;
import dev.reverie.msgs.test_msgs.Empty;
import dev.reverie.testing.Prepared;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

@Prepared
class HandlesTest {
  /** Says when it is released. */
  private static final class Noted extends Handle {
    private final String name;
    private final List<String> released;

    Noted(Noted parent, String name, List<String> released) {
      super(parent);
      this.name = name;
      this.released = released;
      acquire(() -> {});
    }

    Noted(String name, List<String> released) {
      super(null);
      this.name = name;
      this.released = released;
      acquire(() -> {});
    }

    @Override
    void release() {
      released.add(name);
    }
  }

  @Test
  void aHandleIsReleasedOnceByItsLastUserAndBeforeItsParent() {
    List<String> released = new ArrayList<>();
    var parent = new Noted("parent", released);
    var child = new Noted(parent, "child", released);
    assertTrue(child.enter());
    parent.close();
    child.close();
    child.close();
    assertFalse(child.enter());
    assertEquals(List.of(), released);
    child.exit();
    assertEquals(List.of("child", "parent"), released);
    assertThrows(RclException.class, () -> new Noted(parent, "orphan", released));
  }

  @Test
  void closingAContextReleasesAllThatWasMadeFromIt() {
    Map<String, Integer> before = Handle.live();
    var context = Context.init();
    var executor = new Executor(context, 2);
    Node node = context.createNode("busy");
    executor.add(node);
    node.createPublisher(Empty.TYPE, "out", Qos.DEFAULT)
        .onEvent(QosEvent.Matched.class, event -> {});
    node.createSubscription(Empty.TYPE, "out", Qos.DEFAULT, m -> {});
    node.createService(SetBool.TYPE, "flip", q -> new SetBool.Response(q.data(), ""));
    node.createClient(SetBool.TYPE, "flip");
    node.createTimer(Duration.ofMillis(1), () -> {});
    node.graph().onChange(() -> {});
    executor.spinOnce(Duration.ofMillis(20));
    assertFalse(before.equals(Handle.live()));
    context.close();
    assertEquals(before, Handle.live());
  }

  @Test
  void whatCouldNotBeMadeLeavesNothingBehind() {
    try (Context context = Context.init();
        Node node = context.createNode("failing")) {
      Map<String, Integer> before = Handle.live();
      assertThrows(
          RclException.class, () -> node.createPublisher(Empty.TYPE, "not a name", Qos.DEFAULT));
      assertThrows(
          RclException.class, () -> node.createSubscription(Empty.TYPE, "9", Qos.DEFAULT, m -> {}));
      assertThrows(RclException.class, () -> node.createClient(SetBool.TYPE, "a//b"));
      assertThrows(RclException.class, () -> context.createNode("not a name"));
      assertEquals(before, Handle.live());
    }
  }

  @Test
  void theBytesOfACallbackStayItsOwnWhenItClosesItsSubscription() {
    try (Context context = Context.init();
        Node node = context.createNode("closing");
        var executor = new Executor(context)) {
      executor.add(node);
      var seen = new ArrayList<byte[]>();
      var subscription = new ArrayList<Subscription<MemorySegment>>();
      subscription.add(
          node.createSerializedSubscription(
              "test_msgs/msg/Empty",
              "once",
              Qos.transientLocal(1),
              SubscriptionOptions.DEFAULT,
              (bytes, info) -> {
                subscription.getFirst().close();
                seen.add(bytes.toArray(ValueLayout.JAVA_BYTE));
              }));
      node.createPublisher(Empty.TYPE, "once", Qos.transientLocal(1)).publish(new Empty());
      assertTrue(
          PollUntil.await(
              context,
              TestRos.TIMEOUT,
              () -> {
                executor.spinOnce(Duration.ofMillis(10));
                return !seen.isEmpty();
              }));
      assertEquals(0, seen.getFirst()[0]);
      assertEquals(1, seen.getFirst()[1]);
    }
  }

  @Test
  void twoContextsLiveSideBySide() {
    try (Context one = Context.init("--ros-args", "-r", "__ns:=/one")) {
      try (Context two = Context.init("--ros-args", "-r", "__ns:=/two")) {
        assertEquals("/one/node", one.createNode("node").fullName());
        assertEquals("/two/node", two.createNode("node").fullName());
      }
      assertEquals("/one/still", one.createNode("still").fullName());
    }
  }
}
