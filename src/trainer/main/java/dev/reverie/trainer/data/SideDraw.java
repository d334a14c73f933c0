package dev.reverie.trainer.data;

import dev.reverie.rollout.Sha256;
import dev.reverie.trainer.nn.TrainerException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashSet;
import java.util.List;
import java.util.Set;

/**
 * Gives every recording that has no side yet one of {@link Sides}. Of each outcome as many rollouts
 * are held out as the share says, one at least, in the order of hashes of their scenes or ids, so
 * that no seed changes it. Of the demonstrations those whose scene is held out are held out too.
 */
final class SideDraw {
  private final Split.Config config;
  private final Set<String> learned = new HashSet<>();
  private final Set<Long> learnedScenes = new HashSet<>();
  private final Set<String> heldOut = new HashSet<>();
  private final Set<Long> heldOutScenes = new HashSet<>();

  private SideDraw(Sides before, Split.Config config) {
    this.config = config;
    before.learned().forEach(one -> add(one, learned, learnedScenes));
    before.heldOut().forEach(one -> add(one, heldOut, heldOutScenes));
  }

  /**
   * Draws.
   *
   * @param demonstrations with the earlier recordings of other policies
   * @param before sides that there are
   * @throws TrainerException where nothing of an outcome is left to judge or to learn from
   */
  static Sides of(
      Recordings.Folder demonstrations,
      Recordings.Folder rollouts,
      Sides before,
      Split.Config config) {
    SideDraw draw = new SideDraw(before, config);
    Set<String> successes = rollouts.successes();
    List<Recording> all = new ArrayList<>(rollouts.present());
    for (boolean outcome : new boolean[] {true, false}) {
      draw.draw(
          all.stream().filter(one -> successes.contains(one.id()) == outcome).toList(),
          outcome ? "successes" : "failures");
    }
    all.addAll(demonstrations.present());
    return before.and(Sides.of(all, draw::judges, config, false));
  }

  /** Holds some rollouts of one outcome out. */
  private void draw(List<Recording> rollouts, String outcome) {
    long wanted = Split.heldOut(rollouts.size(), config.heldOutShare());
    List<Recording> open =
        rollouts.stream()
            .filter(this::undecided)
            .sorted(Comparator.comparing(SideDraw::hash).thenComparing(Recording::id))
            .toList();
    for (Recording next : open) {
      if (rollouts.stream().filter(this::judges).count() < wanted) {
        add(Sides.Known.of(next), heldOut, heldOutScenes);
      }
    }
    long out = rollouts.stream().filter(this::judges).count();
    if (out == 0) {
      throw new TrainerException(
          "the world model of --models has learned from all %d %s among the rollouts (%s beside it), so that none of them can judge it; record more, or give --models that have not seen them"
              .formatted(rollouts.size(), outcome, Sides.FILE));
    }
    if (out == rollouts.size()) {
      throw new TrainerException(
          "all %d %s among the rollouts are held out, by rollouts.heldOutShare %s or by %s, which leaves none to learn from; make it smaller or record more"
              .formatted(out, outcome, config.heldOutShare(), Sides.FILE));
    }
  }

  private static String hash(Recording one) {
    String known = one.scene() == 0 ? one.id() : "scene " + one.scene();
    return Sha256.of(known.getBytes(StandardCharsets.UTF_8));
  }

  private static void add(Sides.Known one, Set<String> ids, Set<Long> scenes) {
    ids.add(one.id());
    if (one.scene() != 0) {
      scenes.add(one.scene());
    }
  }

  private boolean undecided(Recording one) {
    return !learned.contains(one.id())
        && !heldOut.contains(one.id())
        && !learnedScenes.contains(one.scene())
        && !heldOutScenes.contains(one.scene());
  }

  /** Returns whether a recording is held out; what is known of itself goes before its scene. */
  private boolean judges(Recording one) {
    return !learned.contains(one.id())
        && (heldOut.contains(one.id())
            || (!learnedScenes.contains(one.scene()) && heldOutScenes.contains(one.scene())));
  }
}
