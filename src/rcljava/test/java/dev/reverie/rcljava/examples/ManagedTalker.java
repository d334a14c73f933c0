package dev.reverie.rcljava.examples;

import dev.reverie.msgs.std_msgs.String;
import dev.reverie.rcljava.Context;
import dev.reverie.rcljava.Executor;
import dev.reverie.rcljava.Node;
import dev.reverie.rcljava.Qos;
import dev.reverie.rcljava.lifecycle.LifecycleCallbacks;
import dev.reverie.rcljava.lifecycle.LifecycleNode;
import dev.reverie.rcljava.lifecycle.ManagedPublisher;
import dev.reverie.rcljava.lifecycle.TransitionResult;
import java.lang.System.Logger.Level;
import java.time.Duration;
import java.util.concurrent.CompletionStage;

/** Talks only while it is active: {@code ros2 lifecycle set /talker configure}. */
public final class ManagedTalker implements LifecycleCallbacks {
  private final Node node;

  private ManagedTalker(Node node) {
    this.node = node;
  }

  @Override
  public CompletionStage<TransitionResult> onActivate() {
    node.logger().log(Level.INFO, "I begin to talk");
    return TransitionResult.SUCCESS.now();
  }

  public static void main(java.lang.String... args) {
    try (Context context = Context.init(args)) {
      Node node = context.createNode("talker");
      var managed = new LifecycleNode(node, new ManagedTalker(node));
      ManagedPublisher<String> chatter =
          managed.createPublisher(String.TYPE, "chatter", Qos.DEFAULT);
      node.createTimer(Duration.ofMillis(100), () -> chatter.publish(new String("managed")));
      Executor executor = new Executor(context);
      executor.add(node);
      executor.spin();
    }
  }
}
