package dev.reverie.rcljava.examples;

import dev.reverie.msgs.std_srvs.SetBool;
import dev.reverie.rcljava.Client;
import dev.reverie.rcljava.Context;
import dev.reverie.rcljava.Executor;
import dev.reverie.rcljava.Node;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;

/** Switches on what SwitchServer serves, and ends. */
public final class SwitchClient {
  public static void main(String... args) {
    try (Context context = Context.init(args)) {
      Node node = context.createNode("hand");
      Client<SetBool.Request, SetBool.Response> client =
          node.createClient(SetBool.TYPE, "set_bool");
      var executor = new Executor(context);
      executor.add(node);
      if (!client.waitForService(Duration.ofSeconds(10))) {
        throw new IllegalStateException("nobody serves set_bool");
      }
      CompletableFuture<SetBool.Response> response = client.call(new SetBool.Request(true));
      while (!response.isDone() && context.isOk()) {
        executor.spinOnce(Duration.ofSeconds(1));
      }
      System.out.println(response.join().message());
    }
  }
}
