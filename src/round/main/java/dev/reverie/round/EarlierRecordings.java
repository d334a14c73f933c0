package dev.reverie.round;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;

/**
 * The recordings of the rounds before, from which the next one learns too, so that nothing is
 * forgotten.
 *
 * @param run folder of the run
 * @param rounds that have ended
 */
record EarlierRecordings(Path run, List<LifelongState.Ended> rounds) {
  /** The folder in a round's rollouts that has those of earlier rounds. */
  static final String EARLIER = "earlier";

  /**
   * Gives a round links to them: those of its own base policy are rollouts, which practice starts
   * from, and all others stand beside the demonstrations.
   *
   * @param base id of that policy
   * @param out folder of the round
   */
  void link(Path demonstrations, String base, Path out) {
    Folders.linkAs(demonstrations, out.resolve("demonstrations/demonstrations"));
    for (LifelongState.Ended round : rounds) {
      Path there = Lifelong.folder(run, round.number());
      link(round, there.resolve("rollouts/new"), round.base().equals(base), out);
      link(round, there.resolve("evaluation/base"), round.base().equals(base), out);
      link(round, there.resolve("evaluation/improved"), round.improved().equals(base), out);
    }
  }

  private static void link(LifelongState.Ended round, Path bags, boolean own, Path out) {
    if (Files.isDirectory(bags)) {
      Path into = own ? out.resolve("rollouts").resolve(EARLIER) : out.resolve("demonstrations");
      String name = String.format(Locale.ROOT, "%04d-%s", round.number(), bags.getFileName());
      Folders.linkAs(bags, into.resolve(name));
    }
  }
}
