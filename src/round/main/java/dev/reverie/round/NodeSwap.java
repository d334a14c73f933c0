package dev.reverie.round;

import dev.reverie.msgs.reverie.SwapPolicy;
import dev.reverie.rcljava.Client;
import dev.reverie.rcljava.Context;
import dev.reverie.rcljava.Executor;
import dev.reverie.rcljava.Node;
import dev.reverie.rcljava.RclException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.function.Consumer;
import java.util.regex.Pattern;

/** Brings a policy into the robot node of a real arm, or says how a person does. */
record NodeSwap(Console console, String node, boolean swaps)
    implements Consumer<Recorder.Recorded> {
  private static final Duration LIMIT = Duration.ofSeconds(60);
  private static final Duration THERE = Duration.ofSeconds(10);

  private static final Pattern NAME = Pattern.compile("/?[A-Za-z_]\\w*(/[A-Za-z_]\\w*)*");

  /** Longest name of a topic or service. */
  private static final int MOST_LETTERS = 255 - "/swap_policy".length();

  /**
   * Refuses what is no name of a node by the rules of ROS names.
   *
   * @throws RoundException with the name
   */
  static void requireName(String node) {
    if (!NAME.matcher(node).matches() || node.contains("__") || node.length() > MOST_LETTERS) {
      throw new RoundException(
          "--node is '%s', which is no name of a node; give one such as /robot: letters, digits and single '_' in parts that begin with no digit, with '/' between them"
              .formatted(node));
    }
  }

  @Override
  public void accept(Recorder.Recorded policy) {
    Path bundle = policy.bundle().toAbsolutePath().normalize();
    if (swaps) {
      String said = swapped(bundle);
      if (said.isEmpty()) {
        console.line("   %s has the policy in %s now".formatted(node, bundle));
        return;
      }
      console.line("   %s did not take the policy: %s".formatted(node, said));
    }
    console.line(
        "   to bring it in: ros2 service call %s/swap_policy reverie/srv/SwapPolicy \"{bundle: '%s'}\""
            .formatted(node, bundle));
  }

  /** Asks the node; returns why it did not, empty where it did. */
  private String swapped(Path bundle) {
    try (Context context = Context.init(new String[0])) {
      Node client = context.createNode("round");
      Client<SwapPolicy.Request, SwapPolicy.Response> swap =
          client.createClient(SwapPolicy.TYPE, node + "/swap_policy");
      var executor = new Executor(context);
      executor.add(client);
      Thread.ofPlatform().name("round-ros").daemon().start(executor::spin);
      if (!swap.waitForService(THERE)) {
        return "there is no such node on ROS domain %s, or it does not answer"
            .formatted(System.getenv().getOrDefault("ROS_DOMAIN_ID", "0"));
      }
      SwapPolicy.Response response =
          context.await(
              "swap", swap.call(new SwapPolicy.Request().withBundle(bundle.toString())), LIMIT);
      return response.success() ? "" : response.message();
    } catch (RclException e) {
      return String.valueOf(e.getMessage());
    }
  }
}
