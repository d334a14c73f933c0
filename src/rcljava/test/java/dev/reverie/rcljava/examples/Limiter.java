package dev.reverie.rcljava.examples;

import dev.reverie.msgs.geometry_msgs.Twist;
import dev.reverie.rcljava.Context;
import dev.reverie.rcljava.Executor;
import dev.reverie.rcljava.Node;
import dev.reverie.rcljava.ParameterDeclaration;
import dev.reverie.rcljava.Qos;
import dev.reverie.rcljava.SubscriptionOptions;
import dev.reverie.rcljava.ViewPublisher;

/**
 * Lets no speed above the parameter {@code limit} pass from {@code cmd_vel} to {@code
 * cmd_vel_limited}; views read and write the messages where they lie.
 */
public final class Limiter {
  public static void main(String... args) {
    try (Context context = Context.init(args)) {
      Node node = context.createNode("limiter");
      node.declareParameter(
          ParameterDeclaration.of("limit", 1.0).describedAs("highest speed, m/s").range(0.0, 10.0));
      ViewPublisher<Twist.View> limited =
          node.createViewPublisher(Twist.VIEW, "cmd_vel_limited", Qos.DEFAULT, new Twist());
      node.createViewSubscription(
          Twist.VIEW,
          "cmd_vel",
          Qos.DEFAULT,
          SubscriptionOptions.DEFAULT,
          (twist, origin) -> {
            double limit = node.parameters().get("limit").asDouble(); // may be set meanwhile
            limited.borrow().linear().setX(Math.min(twist.linear().x(), limit));
            limited.publish();
          });
      var executor = new Executor(context);
      executor.add(node);
      executor.spin();
    }
  }
}
