package dev.reverie.rcljava.examples;

import dev.reverie.msgs.std_msgs.String;
import dev.reverie.rcljava.Context;
import dev.reverie.rcljava.Executor;
import dev.reverie.rcljava.Node;
import dev.reverie.rcljava.Publisher;
import dev.reverie.rcljava.Qos;
import java.time.Duration;
import java.util.concurrent.atomic.AtomicInteger;

/** Publishes a text ten times a second. */
public final class Talker {
  public static void main(java.lang.String... args) {
    try (Context context = Context.init(args)) {
      Node node = context.createNode("talker");
      Publisher<String> chatter = node.createPublisher(String.TYPE, "chatter", Qos.DEFAULT);
      var count = new AtomicInteger();
      node.createTimer(
          Duration.ofMillis(100),
          () -> chatter.publish(new String("Hello World: " + count.incrementAndGet())));
      Executor executor = new Executor(context);
      executor.add(node);
      executor.spin(); // until Ctrl-C
    }
  }
}
