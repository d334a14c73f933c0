package dev.reverie.policy;

import dev.reverie.rollout.CameraCalibration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;

/**
 * Asks a policy for actions before it may move the arm: for each of the last observations, and for
 * each word that it knows. Whether the actions are good nobody can tell; they must be numbers.
 */
public final class ActingCheck {
  /** So many words are tried one by one; more of them as many at once as an instruction has. */
  private static final int ALONE = 256;

  private final OnnxPolicy policy;
  private final Tokenizer tokenizer;
  private long longestNanos;

  private ActingCheck(OnnxPolicy policy, Tokenizer tokenizer) {
    this.policy = policy;
    this.tokenizer = tokenizer;
  }

  /**
   * Has a policy act.
   *
   * @param tokenizer of its bundle
   * @param seen observations with the instructions that they were acted on; where there are none a
   *     black picture and joints at 0 stand for them
   * @param lenses of the cameras whose pictures are rectified, by name
   * @return seconds of the longest inference
   * @throws BundleException naming what it gives no finite action for
   */
  public static double require(
      OnnxPolicy policy,
      Tokenizer tokenizer,
      List<Observation> seen,
      Map<String, CameraCalibration> lenses) {
    var check = new ActingCheck(policy, tokenizer);
    check.act(seen, Observation.black(policy.spec(), lenses));
    return check.longestNanos / 1e9;
  }

  private void act(List<Observation> seen, Observation black) {
    BundleSpec spec = policy.spec();
    for (int i = 0; i < seen.size(); i++) {
      draw(understood(seen.get(i)), "observation %d of the last".formatted(i + 1));
    }
    Observation newest = seen.isEmpty() ? black : seen.getLast();
    List<String> instructions = instructions(spec.language());
    if (seen.isEmpty() && instructions.isEmpty()) {
      draw(black, "a black picture");
    }
    if (spec.graph().hasActionPrefix()) {
      int told = spec.chunk().horizon() / 2;
      draw(
          understood(newest).deciding(new float[told * spec.actionSpace().dimensions()]),
          "%d actions that are decided".formatted(told));
    }
    for (String words : instructions) {
      var told = new Observation(newest.images(), newest.jointPositions(), words);
      draw(told, "the instruction '%s'".formatted(words));
    }
  }

  /** An observation with an instruction that the policy understands. */
  private Observation understood(Observation seen) {
    try {
      tokenizer.encode(seen.instruction());
      return seen;
    } catch (IllegalArgumentException e) { // its vocabulary may differ
      return new Observation(
          seen.images(), seen.jointPositions(), policy.spec().language().example());
    }
  }

  private static List<String> instructions(Language language) {
    List<String> words = language.words();
    int at = words.size() <= ALONE ? 1 : language.length();
    List<String> instructions = new ArrayList<>();
    for (int i = 0; i < words.size(); i += at) {
      instructions.add(String.join(" ", words.subList(i, Math.min(words.size(), i + at))));
    }
    return instructions;
  }

  private void draw(Observation observation, String what) {
    Sample sample;
    long began = System.nanoTime();
    try {
      sample = policy.draw(observation, 1, new SplittableRandom(0));
    } catch (IllegalStateException | IllegalArgumentException e) {
      throw new BundleException("at %s: %s".formatted(what, e.getMessage()), e);
    }
    longestNanos = Math.max(longestNanos, System.nanoTime() - began);
    for (int i = 0; i < sample.actions().length; i++) {
      if (!Float.isFinite(sample.actions()[i])) {
        throw new BundleException(
            "at %s: the policy's action %d is %s; its weights are broken: export or train it again"
                .formatted(what, i, sample.actions()[i]));
      }
    }
  }
}
