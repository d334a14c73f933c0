package dev.reverie.arm;

import dev.reverie.policy.ActionSpace.Workspace;
import java.util.List;
import java.util.Optional;
import org.joml.Vector3d;

/** Keeps each tip in its box. Not thread-safe. */
final class TipWorkspace {
  /**
   * Tolerance: the tip of an arm that presses against something tilts a little beyond its target.
   */
  private static final double SLACK_M = 0.001;

  private static final int HALVINGS = 20;

  private final List<Tip> tips;
  private final Vector3d tip = new Vector3d();

  @SuppressWarnings("ArrayRecordComponent")
  private record Tip(KinematicChain chain, int[] axes, Workspace bounds) {}

  /**
   * Creates the bounds of the tip of a chain.
   *
   * @param chain in the frame of the bounds
   * @param axes 0, 1, 2 for x, y, z, in the order of the bounds
   * @param bounds metres
   */
  TipWorkspace(KinematicChain chain, int[] axes, Workspace bounds) {
    this(List.of(new Tip(chain, axes.clone(), bounds)));
  }

  private TipWorkspace(List<Tip> tips) {
    this.tips = tips;
  }

  /** Returns one that keeps all of the tips in their boxes; empty of none. */
  static Optional<TipWorkspace> of(List<TipWorkspace> each) {
    List<Tip> tips = each.stream().flatMap(workspace -> workspace.tips.stream()).toList();
    return tips.isEmpty() ? Optional.empty() : Optional.of(new TipWorkspace(tips));
  }

  /**
   * Shortens the step from {@code measured} to {@code positions} where it would take the tip out of
   * the box, or further out of it.
   */
  void limit(double[] measured, double[] positions, List<Limit> hit) {
    double outside = outside(positions);
    if (outside <= SLACK_M) {
      return;
    }
    double allowed = Math.max(SLACK_M, outside(measured));
    if (outside <= allowed) {
      return;
    }
    hit.add(Limit.of(Limit.Kind.WORKSPACE, "workspace: tip %.4f m outside", outside));
    double share =
        Ways.largest(
            0,
            1,
            HALVINGS,
            fraction -> {
              double[] trial = positions.clone();
              Ways.shorten(measured, fraction, trial);
              return outside(trial) <= allowed;
            });
    Ways.shorten(measured, share, positions);
  }

  /** Returns what an arm must be right with in at least one pose. */
  Room.Rule rule() {
    return new Room.Rule(
        "the workspace of the action space %s"
            .formatted(
                tips.stream()
                    .map(t -> "from %s to %s".formatted(t.bounds.min(), t.bounds.max()))
                    .toList()),
        positions -> {
          double depth = outside(positions);
          return new Room.Fault(depth, "the tip is %.3f m outside of it".formatted(depth));
        },
        "give a box that the tip reaches: metres, in the axes of its frame, or use a policy bundle made for this arm");
  }

  /** Returns how far a tip is outside of its box along the worst axis, metres; 0 inside. */
  private double outside(double[] positions) {
    double worst = 0;
    for (Tip each : tips) {
      each.chain.tip(positions, tip);
      for (int i = 0; i < each.axes.length; i++) {
        double value = tip.get(each.axes[i]);
        worst = Math.max(worst, each.bounds.min().get(i) - value);
        worst = Math.max(worst, value - each.bounds.max().get(i));
      }
    }
    return worst;
  }
}
