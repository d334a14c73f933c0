package dev.reverie.trainer.data;

import static org.bytedeco.pytorch.global.torch.ScalarType.Bool;

import dev.reverie.trainer.nn.Check;
import dev.reverie.trainer.nn.SettingsText;
import dev.reverie.trainer.nn.Torch;
import dev.reverie.trainer.nn.TrainerException;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.function.Function;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.bytedeco.javacpp.PointerScope;
import org.bytedeco.pytorch.Scalar;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch;

/**
 * The rollouts that a round learns from, and those that judge what it has learned. It is drawn by
 * recording before anything is trained, and every stage keeps to it: world model, reward
 * classifier, joint head, threshold, and the starts of practice and of its evaluation.
 *
 * @param learned places among the rollouts, int64
 * @param heldOut places among the rollouts, int64; of both outcomes
 * @param spared places among the demonstrations, int64, that are not learned from either: what was
 *     held out before, and what other policies did in scenes that are held out
 * @param sides of all these recordings, and of those that the world model had seen before
 */
public record Split(Tensor learned, Tensor heldOut, Tensor spared, Sides sides) {
  public Split {
    List.of(learned, heldOut, spared).forEach(Torch::keep);
  }

  /**
   * Holds out the same share of the successes and of the failures, at least one of each.
   *
   * @param demonstrations with the earlier recordings of other policies
   * @param before sides that are known, and are kept
   * @throws TrainerException where an outcome is too rare, or none of it is left to learn from or
   *     to judge by
   */
  public static Split draw(
      Recordings.Folder demonstrations, Recordings.Folder rollouts, Sides before, Config config) {
    requireBothOutcomes(rollouts.data(), config);
    return of(demonstrations, rollouts, SideDraw.of(demonstrations, rollouts, before, config));
  }

  private static Split of(
      Recordings.Folder demonstrations, Recordings.Folder rollouts, Sides sides) {
    Set<String> judging = sides.heldOut().stream().map(Sides.Known::id).collect(Collectors.toSet());
    return new Split(
        places(rollouts, judging, false),
        places(rollouts, judging, true),
        places(demonstrations, judging, true),
        sides);
  }

  /** Places of the episodes whose recordings are, or are not, among these, int64. */
  private static Tensor places(Recordings.Folder folder, Set<String> ids, boolean among) {
    List<String> recordings = folder.recordingIds();
    long[] places =
        IntStream.range(0, recordings.size())
            .filter(n -> ids.contains(recordings.get(n)) == among)
            .asLongStream()
            .toArray();
    return Torch.of(places, places.length);
  }

  /**
   * The split as runs drew it that began before a recording had a side of its own: from the
   * generator, which is seeded by the run, and by episode. They go on with it, and leave it to the
   * next one as any other.
   */
  public static Split bySeed(
      Recordings.Folder demonstrations, Recordings.Folder rollouts, Sides before, Config config) {
    requireBothOutcomes(rollouts.data(), config);
    try (var _ = new PointerScope()) {
      Tensor success = drawn(Torch.positions(rollouts.data().success()), config.heldOutShare());
      Tensor failure =
          drawn(Torch.positions(rollouts.data().success().logical_not()), config.heldOutShare());
      Tensor heldOut = Torch.cat(0, success, failure);
      Tensor left = torch.ones(rollouts.data().episodes());
      left.index_fill_(0, heldOut, new Scalar(0f));
      Tensor learned = Torch.positions(Torch.greater(left, 0));
      Set<String> used = new HashSet<>(demonstrations.recordingIds());
      List<String> of = rollouts.recordingIds();
      for (long place : Torch.longs(learned)) {
        used.add(of.get((int) place));
      }
      List<Recording> all = new ArrayList<>(demonstrations.present());
      all.addAll(rollouts.present());
      Sides sides = Sides.of(all, one -> !used.contains(one.id()), config, true);
      return new Split(learned, heldOut, Torch.of(new long[0], 0), before.and(sides));
    }
  }

  /**
   * Tells which episodes may be learned from, [N] bool, where demonstrations come before the
   * rollouts.
   *
   * @param demonstrations how many
   */
  public Tensor mayLearn(long demonstrations) {
    long rollouts = learned.size(0) + heldOut.size(0);
    Tensor may = torch.ones(demonstrations + rollouts);
    may.index_fill_(0, heldOut.add(new Scalar(demonstrations)), new Scalar(0f));
    may.index_fill_(0, spared, new Scalar(0f));
    return may.to(Bool);
  }

  /**
   * Places of the demonstrations that are learned from, int64.
   *
   * @param demonstrations how many there are
   */
  public Tensor shown(long demonstrations) {
    return Torch.positions(mayLearn(demonstrations).narrow(0, 0, demonstrations));
  }

  /**
   * Does something with the held-out rollouts, and frees them again.
   *
   * @param rollouts all of them
   */
  public <T> T onHeldOut(Transitions rollouts, Function<Transitions, T> work) {
    try (var _ = new PointerScope()) {
      Transitions judged =
          new Transitions(
              rollouts.data().subset(heldOut),
              rollouts.latents().subset(heldOut),
              rollouts.horizon());
      T result = work.apply(judged);
      judged.data().close();
      return result;
    }
  }

  private static void requireBothOutcomes(Dataset rollouts, Config config) {
    long successes = rollouts.successes();
    long failures = rollouts.episodes() - successes;
    if (successes < 2 || failures < 2) {
      throw new TrainerException(
          "%d of %d rollouts are successes; successes are compared with failures, so record rollouts until there are a few of both"
              .formatted(successes, successes + failures));
    }
    requireSomeLeft(successes, "successes", config);
    requireSomeLeft(failures, "failures", config);
  }

  /**
   * Refuses a number of rollouts that could not be drawn from, were half of them successes.
   *
   * @param rollouts that there would be
   */
  public static void requireEnough(int rollouts, Config config) {
    if (rollouts < 4) {
      throw new TrainerException(
          "%d rollouts are too few for a round, which needs 2 successes and 2 failures or more"
              .formatted(rollouts));
    }
    requireSomeLeft(rollouts / 2, "successes, were half of them successes,", config);
  }

  /**
   * Refuses a share that leaves nothing to learn from.
   *
   * @param count of the rollouts of an outcome
   */
  private static void requireSomeLeft(long count, String outcome, Config config) {
    long out = heldOut(count, config.heldOutShare());
    if (out >= count) {
      throw new TrainerException(
          "rollouts.heldOutShare is %s, which holds out %d of %d %s and leaves none to learn from; make it smaller or record more"
              .formatted(config.heldOutShare(), out, count, outcome));
    }
  }

  static long heldOut(long count, double share) {
    return Math.max(1, Math.round(share * count));
  }

  private static Tensor drawn(Tensor places, double share) {
    long count = heldOut(places.size(0), share);
    return places.index_select(0, torch.randperm(places.size(0)).narrow(0, 0, count));
  }

  /**
   * Refuses rollouts of others than the policy that is to be improved, where the settings say so:
   * the world model is to be aligned with this one's behaviour.
   *
   * @param policy id of it
   */
  public static void requireOwn(Dataset rollouts, String policy, Config config) {
    List<String> others =
        rollouts.policies().stream().filter(id -> !id.equals(policy)).distinct().sorted().toList();
    if (!others.isEmpty() && config.otherPolicies() == Others.REFUSE) {
      long many = rollouts.policies().stream().filter(id -> !id.equals(policy)).count();
      throw new TrainerException(
          "%d of %d rollouts are not of the policy %s alone, %s acted in them; give --base the policy that made them, leave them out, or set rollouts.otherPolicies to USE"
              .formatted(
                  many,
                  rollouts.episodes(),
                  shortId(policy),
                  others.stream().map(Split::shortId).toList()));
    }
  }

  /** Names who acted: a policy by the beginning of its id, or a person, who has none. */
  public static String shortId(String id) {
    return id.isEmpty() ? "a person" : id.substring(0, Math.min(12, id.length()));
  }

  /** Ways with rollouts that are not like the others. */
  public enum Others {
    REFUSE,
    USE
  }

  /**
   * Settings of the rollouts that a round learns from.
   *
   * @param heldOutShare of those of each outcome that judge instead, in (0, 1)
   * @param otherPolicies whether rollouts are used in which another policy or a person acted
   * @param otherLenses whether those are whose cameras had another calibration than in any
   *     demonstration and are not rectified
   * @param otherArms whether those are whose URDF moves otherwise than in every demonstration
   */
  public record Config(
      double heldOutShare, Others otherPolicies, Others otherLenses, Others otherArms) {
    /** Settings that decide whether there is a result, and change nothing of it. */
    private static final Set<String> APART = Set.of("otherLenses", "otherArms");

    public static final Config DEFAULT = new Config(0.2, Others.REFUSE, Others.USE, Others.REFUSE);

    public Config {
      Check.that(
          heldOutShare > 0 && heldOutShare < 1,
          "rollouts.heldOutShare",
          heldOutShare,
          "between 0 and 1");
    }

    @Override
    public String toString() {
      return SettingsText.of(this, DEFAULT, Set.of(), APART);
    }
  }
}
