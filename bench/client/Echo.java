import dev.reverie.msgs.MessageType;
import dev.reverie.msgs.sensor_msgs.Image;
import dev.reverie.msgs.sensor_msgs.JointState;
import dev.reverie.rcljava.Context;
import dev.reverie.rcljava.Executor;
import dev.reverie.rcljava.Node;
import dev.reverie.rcljava.NodeOptions;
import dev.reverie.rcljava.Publisher;
import dev.reverie.rcljava.Qos;

/** Sends every message back, decoded and encoded again, as a node would: Echo NAMESPACE */
public class Echo {
  public static void main(String[] args) {
    try (Context context = Context.init(args)) {
      Node node = context.createNode("echo", NodeOptions.namespace(args[0]));
      echo(node, JointState.TYPE, "joint_state");
      echo(node, Image.TYPE, "image");
      Executor executor = new Executor(context);
      executor.add(node);
      executor.spin();
    }
  }

  private static <T> void echo(Node node, MessageType<T> type, String name) {
    Publisher<T> back = node.createPublisher(type, name + "_back", Qos.reliable(5));
    node.createSubscription(type, name, Qos.reliable(5), m -> back.publish(m));
  }
}
