package dev.reverie.robot.sense;

import dev.reverie.robot.sense.HoldReason.Kind;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Optional;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * Finds joints whose position comes from two publishers, of which nobody can say who is right. One
 * that is gone from the graph, or silent, gives way: its node was started anew. Not thread-safe.
 */
public final class JointPublishers {
  /** A publisher that is silent for so long gives way to another. */
  private static final long SILENT_NANOS = 2_000_000_000L;

  /** Two that were heard together once stay at odds until one is silent for so long. */
  private static final long OVER_NANOS = 10_000_000_000L;

  /** Time between two looks at the graph. */
  private static final long LOOK_NANOS = 500_000_000L;

  /**
   * A publisher of joint states in the graph.
   *
   * @param gid identity, as a message's; empty where the middleware tells none
   * @param node full name
   */
  public record Publisher(String gid, String node) {}

  /** A publisher that was heard. */
  private static final class Voice {
    final String gid;
    long heardNanos;

    Voice(String gid, long heardNanos) {
      this.gid = gid;
      this.heardNanos = heardNanos;
    }
  }

  private final List<String> joints;
  private final Supplier<List<Publisher>> graph;
  private final List<@Nullable Voice> owners;
  private final List<@Nullable Voice> others;
  private List<Publisher> seen = List.of();
  private long seenNanos;

  /**
   * Begins without any.
   *
   * @param graph publishers of joint states that are there now
   */
  public JointPublishers(List<String> joints, Supplier<List<Publisher>> graph) {
    this.joints = joints;
    this.graph = graph;
    owners = new ArrayList<>(Collections.nCopies(joints.size(), null));
    others = new ArrayList<>(Collections.nCopies(joints.size(), null));
  }

  /** Creates one for messages whose publishers are not known. */
  static JointPublishers unknown(List<String> joints) {
    return new JointPublishers(joints, List::of);
  }

  /**
   * Takes notice of a message; returns whether it counts, which that of a second publisher does
   * not.
   *
   * @param told places of the joints that it names
   * @param gid of its publisher
   */
  boolean counts(List<Integer> told, String gid, long nowNanos) {
    boolean counts = true;
    for (int joint : told) {
      Voice owner = owners.get(joint);
      Voice other = others.get(joint);
      if (owner == null || owner.gid.equals(gid)) {
        owners.set(joint, new Voice(gid, nowNanos));
        if (other != null && isOver(other, nowNanos)) {
          others.set(joint, null);
        }
      } else if (givesWay(owner, other, nowNanos)) {
        owners.set(joint, new Voice(gid, nowNanos));
        others.set(joint, null);
      } else {
        others.set(joint, new Voice(gid, nowNanos));
        counts = false;
      }
    }
    return counts;
  }

  /** Returns whether a joint's position comes from a publisher. */
  boolean isBy(int joint, String gid) {
    Voice owner = owners.get(joint);
    return owner != null && owner.gid.equals(gid);
  }

  private boolean givesWay(Voice owner, @Nullable Voice other, long nowNanos) {
    long silent = nowNanos - owner.heardNanos;
    return silent > (other == null ? SILENT_NANOS : OVER_NANOS) || isGone(owner, nowNanos);
  }

  private boolean isOver(Voice other, long nowNanos) {
    return nowNanos - other.heardNanos > OVER_NANOS || isGone(other, nowNanos);
  }

  /** Some middleware tells other identities in messages than in the graph; then nobody is gone. */
  private boolean isGone(Voice voice, long nowNanos) {
    if (seen.isEmpty() || nowNanos - seenNanos > LOOK_NANOS) {
      seen = graph.get();
      seenNanos = nowNanos;
    }
    return seen.stream().noneMatch(publisher -> publisher.gid.equals(voice.gid))
        && (seen.size() < 2 || knowsAny());
  }

  private boolean knowsAny() {
    return owners.stream().anyMatch(this::isSeen) || others.stream().anyMatch(this::isSeen);
  }

  private boolean isSeen(@Nullable Voice voice) {
    return voice != null && seen.stream().anyMatch(publisher -> publisher.gid.equals(voice.gid));
  }

  /** Returns which joint comes from two publishers; empty where none does. */
  Optional<HoldReason> fault() {
    for (int i = 0; i < owners.size(); i++) {
      Voice owner = owners.get(i);
      Voice other = others.get(i);
      if (owner != null && other != null) {
        return Optional.of(
            HoldReason.about(
                Kind.DUPLICATE_JOINT,
                joints.get(i),
                "joint '%s' comes from two publishers, of %s; stop the one that is not the arm's"
                    + " driver",
                joints.get(i),
                nodes(owner, other)));
      }
    }
    return Optional.empty();
  }

  private String nodes(Voice owner, Voice other) {
    List<String> both = new ArrayList<>();
    for (Voice voice : List.of(owner, other)) {
      seen.stream().filter(p -> p.gid.equals(voice.gid)).map(Publisher::node).forEach(both::add);
    }
    List<String> known = both.size() == 2 ? both : seen.stream().map(Publisher::node).toList();
    return known.isEmpty() ? "nodes that the graph does not name" : String.join(" and of ", known);
  }
}
