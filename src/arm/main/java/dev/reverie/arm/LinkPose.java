package dev.reverie.arm;

import dev.reverie.arm.Urdf.Joint;
import dev.reverie.arm.Urdf.Kind;
import java.util.List;
import java.util.Map;
import java.util.TreeSet;
import org.joml.Matrix4d;

/** The pose of a link of an arm in a frame that no joint moves. Not thread-safe. */
public final class LinkPose {
  private final String frame;
  private final KinematicChain chain;
  private final List<String> names; // of all moving joints, the order of the positions
  private final Matrix4d tail; // of the link in the last moving one

  private LinkPose(String frame, KinematicChain chain, List<String> names, Matrix4d tail) {
    this.frame = frame;
    this.chain = chain;
    this.names = names;
    this.tail = tail;
  }

  /**
   * Returns what tells the pose of a link.
   *
   * @param frame link in whose axes the pose is given; empty: the root
   * @throws ArmException where the URDF has no such link, or no joint moves it
   */
  public static LinkPose of(Urdf urdf, String frame, String link) {
    List<String> names =
        urdf.joints().values().stream()
            .filter(joint -> joint.kind() != Kind.FIXED)
            .map(Joint::name)
            .sorted()
            .toList();
    String base = frame.isEmpty() ? urdf.root() : frame;
    KinematicChain chain = KinematicChain.of(urdf, names, base, link);
    var tail = new Matrix4d();
    for (Joint joint : urdf.chain(link)) {
      if (joint.kind() == Kind.FIXED) {
        tail.mul(joint.origin());
      } else {
        tail.identity();
      }
    }
    return new LinkPose(base, chain, names, tail);
  }

  /** The link in whose axes the pose is given. */
  public String frame() {
    return frame;
  }

  /** The names of the joints whose positions the pose depends on. */
  public List<String> joints() {
    var needed = new TreeSet<String>();
    for (int i = 0; i < chain.size(); i++) {
      needed.add(names.get(chain.jointIndex(i)));
    }
    return List.copyOf(needed);
  }

  /**
   * The pose of the link: what is in its axes, in those of the frame; metres.
   *
   * @param positions of {@link #joints}, rad or m; of others too, if need be
   */
  public Matrix4d at(Map<String, Double> positions) {
    double[] vector = new double[names.size()];
    for (int i = 0; i < vector.length; i++) {
      vector[i] = positions.getOrDefault(names.get(i), 0.0);
    }
    return chain.forward(vector).mul(tail, new Matrix4d());
  }
}
