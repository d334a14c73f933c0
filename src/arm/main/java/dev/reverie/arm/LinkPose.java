package dev.reverie.arm;

import java.util.List;
import java.util.Map;
import java.util.TreeSet;
import org.joml.Matrix4d;

/** The pose of a link of an arm in a frame that no joint moves. Not thread-safe. */
public final class LinkPose {
  private final String frame;
  private final KinematicChain chain;
  private final List<String> names; // of all moving joints, the order of the positions

  private LinkPose(String frame, KinematicChain chain, List<String> names) {
    this.frame = frame;
    this.chain = chain;
    this.names = names;
  }

  /**
   * Returns what tells the pose of a link.
   *
   * @param frame link in whose axes the pose is given; empty: the root
   * @throws ArmException where the URDF has no such link, or no joint moves it
   */
  public static LinkPose of(Urdf urdf, String frame, String link) {
    List<String> names = urdf.moving();
    String base = frame.isEmpty() ? urdf.root() : frame;
    return new LinkPose(base, KinematicChain.of(urdf, names, base, link), names);
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
    return chain.tipPose(vector, new Matrix4d());
  }
}
