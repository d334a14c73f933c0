package dev.reverie.rcljava.examples;

import dev.reverie.msgs.std_msgs.String;
import dev.reverie.rcljava.Context;
import dev.reverie.rcljava.Executor;
import dev.reverie.rcljava.Node;
import dev.reverie.rcljava.Qos;
import java.lang.System.Logger.Level;

/** Logs each text that it hears. */
public final class Listener {
  public static void main(java.lang.String... args) {
    try (Context context = Context.init(args)) {
      Node node = context.createNode("listener");
      node.createSubscription(
          String.TYPE,
          "chatter",
          Qos.DEFAULT,
          message -> node.logger().log(Level.INFO, "I heard: " + message.data()));
      Executor executor = new Executor(context);
      executor.add(node);
      executor.spin();
    }
  }
}
