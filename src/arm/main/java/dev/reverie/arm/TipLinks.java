package dev.reverie.arm;

import java.util.Collection;
import java.util.Comparator;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

/** Finds the links of a URDF that may be an arm's tip. */
public final class TipLinks {
  private TipLinks() {}

  /**
   * Returns the links at the ends of what some joints move: first those that are fixed to their
   * parent, as the frame of a tip is and a finger is not, and of these the ones that most of the
   * joints move.
   */
  public static List<String> of(Urdf urdf, Collection<String> joints) {
    if (!urdf.fault().isEmpty()) {
      return List.of();
    }
    Set<String> parents = new HashSet<>();
    urdf.joints().values().forEach(joint -> parents.add(joint.parent()));
    Map<String, Long> moved = new HashMap<>();
    for (String link : urdf.links()) {
      long by = urdf.chain(link).stream().filter(joint -> joints.contains(joint.name())).count();
      if (by > 0 && !parents.contains(link)) {
        moved.put(link, by);
      }
    }
    return moved.keySet().stream()
        .sorted(
            Comparator.<String, Boolean>comparing(link -> urdf.chain(link).getLast().moves())
                .thenComparing(link -> -moved.getOrDefault(link, 0L))
                .thenComparing(Comparator.naturalOrder()))
        .toList();
  }
}
