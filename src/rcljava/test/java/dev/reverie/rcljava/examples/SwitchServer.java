package dev.reverie.rcljava.examples;

import dev.reverie.msgs.std_srvs.SetBool;
import dev.reverie.rcljava.Context;
import dev.reverie.rcljava.Executor;
import dev.reverie.rcljava.Node;

/** Serves a switch: on or off. */
public final class SwitchServer {
  public static void main(String... args) {
    try (Context context = Context.init(args)) {
      Node node = context.createNode("switch");
      node.createService(
          SetBool.TYPE,
          "set_bool",
          request -> new SetBool.Response(true, request.data() ? "it is on" : "it is off"));
      Executor executor = new Executor(context);
      executor.add(node);
      executor.spin();
    }
  }
}
