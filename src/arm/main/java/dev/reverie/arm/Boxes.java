package dev.reverie.arm;

import dev.reverie.arm.ArmFile.Box;
import dev.reverie.arm.Urdf.Joint;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Supplier;
import org.joml.Vector3d;

/**
 * Keeps the tip within the arm file's workspace and all links out of its keep-out boxes. A link is
 * the straight line from where it is joined to the one before to its own joint: make boxes larger
 * than what is kept clear by half a link's width. Links that a joint moves which is not commanded
 * are not looked at. Not thread-safe.
 *
 * <p>On the way from one command to the next nothing is passed over: as far as an arm is from a
 * border, so far it may move before it has to be looked at again (conservative advancement).
 */
final class Boxes {
  /** An arm that rests at a border hangs a little beyond it, m. */
  static final double SLACK_M = 0.001;

  /** No keep-out box is thinner, so that there is an inside beyond what hangs in from each side. */
  static final double THINNEST_M = 4 * SLACK_M;

  /** Depth that rounding alone makes of a link that stays as deep as it is. */
  private static final double ROUNDING_M = 1e-9;

  private static final int HALVINGS = 12;

  private final List<Zone> zones = new ArrayList<>();
  private final Map<String, Spot> spots = new LinkedHashMap<>();

  /** The origin of a link in the axes of a box's frame, at the positions of the last look. */
  private record Spot(KinematicChain chain, Vector3d at) {}

  /** A link, which is a point where its ends are the same, and a box in whose axes they are. */
  private record Watch(String link, Spot from, Spot to, Solid solid) {
    double depth() {
      return solid.depth(from.at, to.at);
    }

    double way(double[] before, double[] after) {
      return Math.max(from.chain.way(before, after), to.chain.way(before, after));
    }
  }

  /**
   * A zone that has a name in the arm file: boxes of which the tip is in one, or a box without
   * links.
   */
  private record Zone(Limit.Kind kind, String name, List<Box> boxes, List<Watch> watches) {
    boolean keepsIn() {
      return kind == Limit.Kind.WORKSPACE;
    }

    /** Returns what is farthest where it may not be, at the positions of the last look. */
    Fault worst() {
      Watch deepest = watches.getFirst();
      double depth = Double.NEGATIVE_INFINITY;
      for (Watch watch : watches) {
        double of = watch.depth();
        if (of > depth) {
          deepest = watch;
          depth = of;
        }
      }
      return new Fault(kind, deepest.link, keepsIn() ? -depth : depth);
    }

    /** Returns how far anything of it moves at most, m. */
    double way(double[] before, double[] after) {
      return watches.stream().mapToDouble(watch -> watch.way(before, after)).max().orElse(0);
    }
  }

  /**
   * The deepest intrusion into a place where nothing may be.
   *
   * @param depth how far, m; negative where it may be there
   */
  private record Fault(Limit.Kind kind, String link, double depth) {}

  /**
   * Findings at some positions.
   *
   * @param beyond something that is where it may not be
   * @param free share of the way ahead on which nothing comes there
   */
  private record Look(Optional<Fault> beyond, double free) {}

  /**
   * Reads the boxes of an arm file.
   *
   * @param joints that are commanded, as the URDF calls them
   * @param tip link that stays in the workspace
   * @throws ArmException where a box lies in a frame that is not there, or moves
   */
  Boxes(Urdf urdf, List<String> joints, ArmFile.Limits limits, Optional<String> tip) {
    if (!limits.workspace().isEmpty()) {
      String link = tip.orElseGet(() -> last(urdf, joints));
      List<Watch> watches = new ArrayList<>();
      for (Box box : limits.workspace()) {
        Spot spot = spot(box, link, () -> KinematicChain.of(urdf, joints, box.frame(), link));
        watches.add(new Watch(link, spot, spot, Solid.of(box)));
      }
      zones.add(new Zone(Limit.Kind.WORKSPACE, "limits.workspace", limits.workspace(), watches));
    }
    for (int i = 0; i < limits.keepOut().size(); i++) {
      Box box = limits.keepOut().get(i);
      urdf.chain(box.frame()); // refuses a link that is not there
      Solid solid = Solid.of(box).atLeast(THINNEST_M);
      List<Watch> watches = new ArrayList<>();
      for (Joint joint : urdf.joints().values()) {
        Optional<Spot> end = moved(urdf, joints, box, joint.child());
        if (end.isPresent()) {
          Spot begin = moved(urdf, joints, box, joint.parent()).orElse(end.get());
          watches.add(new Watch(joint.child(), begin, end.get(), solid));
        }
      }
      String name = "limits.keep_out[%d]".formatted(i);
      if (watches.isEmpty()) {
        throw new ArmException(
            "%s keeps no link out of it: none is moved by %s alone as seen from '%s'; give the box in a frame that stands still, such as '%s', or leave it out"
                .formatted(name, joints, box.frame(), urdf.root()));
      }
      zones.add(new Zone(Limit.Kind.KEEP_OUT, name, List.of(box), watches));
    }
  }

  /** Returns a link that only commanded joints move; empty for others. */
  private Optional<Spot> moved(Urdf urdf, List<String> joints, Box box, String link) {
    try {
      return Optional.of(spot(box, link, () -> KinematicChain.of(urdf, joints, box.frame(), link)));
    } catch (ArmException e) {
      return Optional.empty();
    }
  }

  private Spot spot(Box box, String link, Supplier<KinematicChain> chain) {
    return spots.computeIfAbsent(
        link + " in " + box.frame(), _ -> new Spot(chain.get(), new Vector3d()));
  }

  /** Returns what an arm must be right with in at least one pose: each name of the arm file. */
  List<Room.Rule> rules() {
    return zones.stream().map(this::rule).toList();
  }

  private Room.Rule rule(Zone zone) {
    return new Room.Rule(
        "%s %s".formatted(zone.name, zone.boxes.stream().map(Boxes::told).toList()),
        positions -> {
          place(positions);
          Fault worst = zone.worst();
          return new Room.Fault(
              worst.depth,
              "link '%s' is %.3f m %s of it"
                  .formatted(worst.link, worst.depth, zone.keepsIn() ? "outside" : "inside"));
        },
        zone.keepsIn()
            ? "give a box that the link reaches: metres, in the axes of its frame"
            : "make it smaller or move it, so that it begins beyond the arm's base, or leave it"
                + " out");
  }

  private static String told(Box box) {
    return "in '%s' from %s to %s".formatted(box.frame(), box.min(), box.max());
  }

  /** Returns the link behind most of the commanded joints. */
  private static String last(Urdf urdf, List<String> joints) {
    String last = urdf.root();
    long most = -1;
    for (String link : urdf.links().stream().sorted().toList()) {
      long moved = urdf.chain(link).stream().filter(j -> joints.contains(j.name())).count();
      if (moved > most) {
        most = moved;
        last = link;
      }
    }
    return last;
  }

  /**
   * Shortens the step from {@code before} to {@code positions} where it would bring something where
   * it may not be, or farther there.
   */
  void limit(double[] before, double[] positions, List<Limit> hit) {
    if (zones.isEmpty()) {
      return;
    }
    double[] allowed = new double[zones.size()];
    double[] ways = new double[zones.size()];
    place(before);
    for (int i = 0; i < allowed.length; i++) {
      allowed[i] = Math.max(SLACK_M, zones.get(i).worst().depth);
      ways[i] = zones.get(i).way(before, positions);
    }
    double low = 0;
    double free = look(before, allowed, ways).free;
    while (low < 1) {
      double share = Math.min(1, low + free);
      Look look = look(between(before, positions, share), allowed, ways);
      if (look.beyond.isPresent()) {
        hit.add(limit(look.beyond.get()));
        double most =
            Ways.largest(
                low,
                share,
                HALVINGS,
                part -> look(between(before, positions, part), allowed, ways).beyond.isEmpty());
        Ways.shorten(before, most, positions);
        return;
      }
      low = share;
      free = look.free;
    }
  }

  private static Limit limit(Fault fault) {
    return Limit.of(
        fault.kind,
        fault.kind == Limit.Kind.WORKSPACE
            ? "workspace: %s %.4f m outside of it"
            : "keep-out box: %s %.4f m inside of it",
        fault.link,
        fault.depth);
  }

  private static double[] between(double[] from, double[] to, double share) {
    double[] between = to.clone();
    Ways.shorten(from, share, between);
    return between;
  }

  /**
   * Looks at positions.
   *
   * @param allowed depth in each zone, m
   * @param ways that each zone's links move at most on the whole way, m
   */
  private Look look(double[] positions, double[] allowed, double[] ways) {
    place(positions);
    Optional<Fault> beyond = Optional.empty();
    double most = ROUNDING_M;
    double free = 1;
    for (int i = 0; i < allowed.length; i++) {
      Fault worst = zones.get(i).worst();
      double excess = worst.depth - allowed[i];
      if (excess > most) {
        most = excess;
        beyond = Optional.of(worst);
      }
      // A step of no more than the slack does not pass over the inside of the thinnest box.
      free = Math.min(free, Math.max(-excess, SLACK_M) / Math.max(ways[i], SLACK_M));
    }
    return new Look(beyond, free);
  }

  private void place(double[] positions) {
    spots.values().forEach(spot -> spot.chain.tip(positions, spot.at));
  }
}
