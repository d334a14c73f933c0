package dev.reverie.arm;

import dev.reverie.arm.ArmFile.Box;
import dev.reverie.arm.Urdf.Joint;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Optional;
import java.util.SequencedMap;
import org.joml.Vector3d;

/**
 * Keeps the tip within the arm file's workspace and all links out of its keep-out boxes. A link is
 * looked at where it is joined to the others and each {@value #APART_M} m between: make boxes
 * larger than what is kept clear by half a link's width. Links that a joint moves which is not
 * commanded are not looked at. Not thread-safe.
 */
final class Boxes {
  /** An arm that rests at a border hangs a little beyond it, m. */
  static final double SLACK_M = 0.001;

  private static final double APART_M = 0.03;

  /** Places on the way from one command to the next that are looked at. */
  private static final int ON_THE_WAY = 8;

  private static final int HALVINGS = 12;

  /** A box, and what is looked at in its axes: the ends of a link, which are the same at a tip. */
  private record Watch(
      Limit.Kind kind, String name, String link, List<Place> ends, List<Box> boxes) {}

  /** A link in the axes of a box's frame. */
  private record Place(KinematicChain from, KinematicChain to) {}

  /** What is farthest where it may not be, and how far, m. */
  private record Fault(Limit.Kind kind, String link, double depth) {}

  private final List<Watch> watches = new ArrayList<>();
  private final Vector3d from = new Vector3d();
  private final Vector3d to = new Vector3d();

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
      List<Place> places = new ArrayList<>();
      for (Box box : limits.workspace()) {
        var chain = KinematicChain.of(urdf, joints, box.frame(), link);
        places.add(new Place(chain, chain));
      }
      watches.add(
          new Watch(Limit.Kind.WORKSPACE, "limits.workspace", link, places, limits.workspace()));
    }
    for (int i = 0; i < limits.keepOut().size(); i++) {
      Box box = limits.keepOut().get(i);
      urdf.chain(box.frame()); // refuses a link that is not there
      for (Joint joint : urdf.joints().values()) {
        Optional<KinematicChain> end = chain(urdf, joints, box.frame(), joint.child());
        if (end.isPresent()) {
          var begin = chain(urdf, joints, box.frame(), joint.parent()).orElse(end.get());
          watches.add(
              new Watch(
                  Limit.Kind.KEEP_OUT,
                  "limits.keep_out[%d]".formatted(i),
                  joint.child(),
                  List.of(new Place(begin, end.get())),
                  List.of(box)));
        }
      }
    }
  }

  /** Returns what an arm must be right with in at least one pose: each name of the arm file. */
  List<Room.Rule> rules() {
    SequencedMap<String, List<Watch>> named = new LinkedHashMap<>();
    for (Watch watch : watches) {
      named.computeIfAbsent(watch.name, _ -> new ArrayList<>()).add(watch);
    }
    return named.entrySet().stream().map(e -> rule(e.getKey(), e.getValue())).toList();
  }

  private Room.Rule rule(String name, List<Watch> about) {
    Watch first = about.getFirst();
    boolean workspace = first.kind == Limit.Kind.WORKSPACE;
    return new Room.Rule(
        "%s %s".formatted(name, first.boxes.stream().map(Boxes::told).toList()),
        positions -> {
          Fault worst = worst(about, positions);
          return new Room.Fault(
              worst.depth,
              "link '%s' is %.3f m %s of it"
                  .formatted(worst.link, worst.depth, workspace ? "outside" : "inside"));
        },
        workspace
            ? "give a box that the link reaches: metres, in the axes of its frame"
            : "make it smaller or move it, so that it begins beyond the arm's base, or leave it out");
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

  /** Returns the chain to a link that only commanded joints move; empty for others. */
  private static Optional<KinematicChain> chain(
      Urdf urdf, List<String> joints, String frame, String link) {
    try {
      return Optional.of(KinematicChain.of(urdf, joints, frame, link));
    } catch (ArmException e) {
      return Optional.empty();
    }
  }

  /**
   * Shortens the step from {@code before} to {@code positions} where it would bring something where
   * it may not be, or farther there.
   */
  void limit(double[] before, double[] positions, List<Limit> hit) {
    if (watches.isEmpty()) {
      return;
    }
    double allowed = Math.max(SLACK_M, worst(before).depth);
    double low = 0;
    for (int i = 1; i <= ON_THE_WAY; i++) {
      double share = i / (double) ON_THE_WAY;
      Fault fault = worst(between(before, positions, share));
      if (fault.depth > allowed) {
        hit.add(
            Limit.of(
                fault.kind,
                fault.kind == Limit.Kind.WORKSPACE
                    ? "workspace: %s %.4f m outside of it"
                    : "keep-out box: %s %.4f m inside of it",
                fault.link,
                fault.depth));
        double most =
            Ways.largest(
                low,
                share,
                HALVINGS,
                part -> worst(between(before, positions, part)).depth <= allowed);
        Ways.shorten(before, most, positions);
        return;
      }
      low = share;
    }
  }

  private static double[] between(double[] from, double[] to, double share) {
    double[] between = to.clone();
    Ways.shorten(from, share, between);
    return between;
  }

  private Fault worst(double[] positions) {
    return worst(watches, positions);
  }

  private Fault worst(List<Watch> of, double[] positions) {
    Fault worst = new Fault(Limit.Kind.WORKSPACE, "", 0);
    for (Watch watch : of) {
      double depth =
          watch.kind == Limit.Kind.WORKSPACE ? outside(watch, positions) : inside(watch, positions);
      if (depth > worst.depth) {
        worst = new Fault(watch.kind, watch.link, depth);
      }
    }
    return worst;
  }

  /** Returns how far the tip is outside of the nearest box; 0 inside of one. */
  private double outside(Watch watch, double[] positions) {
    double nearest = Double.POSITIVE_INFINITY;
    for (int i = 0; i < watch.boxes.size(); i++) {
      watch.ends.get(i).to.tip(positions, to);
      nearest = Math.min(nearest, Math.max(0, -margin(watch.boxes.get(i), to)));
    }
    return nearest;
  }

  /** Returns how deep a link is inside of a box; 0 outside. */
  private double inside(Watch watch, double[] positions) {
    Place place = watch.ends.getFirst();
    place.from.tip(positions, from);
    place.to.tip(positions, to);
    int parts = (int) Math.ceil(from.distance(to) / APART_M);
    double deepest = 0;
    var point = new Vector3d();
    for (int i = 0; i <= parts; i++) {
      from.lerp(to, parts == 0 ? 0 : i / (double) parts, point);
      deepest = Math.max(deepest, margin(watch.boxes.getFirst(), point));
    }
    return deepest;
  }

  /** Returns how deep a point is inside of a box; negative outside. */
  private static double margin(Box box, Vector3d point) {
    double margin = Double.POSITIVE_INFINITY;
    for (int i = 0; i < 3; i++) {
      margin = Math.min(margin, point.get(i) - box.min().get(i));
      margin = Math.min(margin, box.max().get(i) - point.get(i));
    }
    return margin;
  }
}
