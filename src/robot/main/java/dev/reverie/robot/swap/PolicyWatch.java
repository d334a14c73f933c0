package dev.reverie.robot.swap;

import dev.reverie.arm.Limit;
import dev.reverie.msgs.reverie.Outcome;
import dev.reverie.robot.setup.WatchParameters;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;

/**
 * Watches a policy after it was swapped in, and says when it has to go: its inference fails or is
 * too slow several times in a row, too many ticks in a row are limited, or its episodes succeed
 * more rarely than they should. For the control thread.
 *
 * <p>The last is Wald's sequential probability ratio test (Sequential Tests of Statistical
 * Hypotheses, 1945) of the success that is expected against the one that is too little, with errors
 * of 5 % each way: it ends as soon as the episodes say enough, and not before.
 */
public final class PolicyWatch {
  /** Probability of sending a good policy back, and of keeping a bad one. */
  private static final double ERROR = 0.05;

  private static final double TOO_BAD = Math.log((1 - ERROR) / ERROR);
  private static final double GOOD_ENOUGH = Math.log(ERROR / (1 - ERROR));

  private final WatchParameters limits;
  private final boolean lockStep;
  private String watched = ""; // id of the policy; empty: none
  private double allowedS; // for one inference
  private long failed; // inferences in a row
  private long slow;
  private long limited; // ticks in a row
  private final Map<String, Boolean> outcomes = new LinkedHashMap<>(); // by episode

  public PolicyWatch(WatchParameters limits, boolean lockStep) {
    this.limits = limits;
    this.lockStep = lockStep;
  }

  /** Watches a policy from now on. */
  void begin(LivePolicy policy) {
    end();
    watched = policy.id();
    var chunk = policy.spec().chunk();
    allowedS =
        limits.maxInferenceS() > 0 ? limits.maxInferenceS() : chunk.horizon() * chunk.periodS();
  }

  /** Watches none any more. */
  void end() {
    watched = "";
    failed = 0;
    slow = 0;
    limited = 0;
    outcomes.clear();
  }

  /** Takes notice of an inference that did not end; returns why the policy has to go. */
  Optional<String> left(String id, String reason) {
    return id.equals(watched) && limits.failures() > 0 ? because("%s", reason) : Optional.empty();
  }

  /** Takes notice of an inference; returns why the policy has to go, empty where it has not. */
  Optional<String> inferred(String id, Inference.Outcome outcome) {
    if (!id.equals(watched)) {
      return Optional.empty();
    }
    return switch (outcome) {
      case Inference.Outcome.Failed(String reason) ->
          ++failed == limits.failures()
              ? because("its inference failed %d times in a row: %s", failed, reason)
              : Optional.empty();
      case Inference.Outcome.Given given -> {
        failed = 0;
        boolean late = !lockStep && given.inferenceNanos() > allowedS * 1e9;
        slow = late ? slow + 1 : 0;
        yield late && slow == limits.slow()
            ? because(
                "its inference took more than %s s %d times in a row, the last time %.3f s",
                allowedS, slow, given.inferenceNanos() / 1e9)
            : Optional.empty();
      }
    };
  }

  /**
   * Takes notice of a tick on which the policy moved the arm; returns why it has to go, empty where
   * it has not.
   *
   * @param by what its action was limited
   */
  Optional<String> moved(List<Limit> by) {
    if (watched.isEmpty()) {
      return Optional.empty();
    }
    limited = by.isEmpty() ? 0 : limited + 1;
    return limited > 0 && limited == limits.limitedTicks()
        ? because("%d ticks in a row were limited: %s", limited, by.getFirst().text())
        : Optional.empty();
  }

  /**
   * Takes notice of how an episode went, or of a better label of it.
   *
   * @param id of the policy that acted
   */
  Optional<String> labelled(String id, String episode, Outcome outcome) {
    if (!id.equals(watched) || limits.expectedSuccess() == 0) {
      return Optional.empty();
    }
    switch (outcome.outcome()) {
      case Outcome.SUCCESS -> outcomes.put(episode, true);
      case Outcome.FAILURE -> outcomes.put(episode, false);
      default -> outcomes.remove(episode);
    }
    double ratio = ratio();
    if (ratio <= GOOD_ENOUGH) {
      end();
      return Optional.empty();
    }
    return ratio >= TOO_BAD
        ? because(
            "%d of %d episodes succeeded, where %s of them are expected and %s are too few",
            outcomes.values().stream().filter(success -> success).count(),
            outcomes.size(),
            limits.expectedSuccess(),
            limits.tooLittleSuccess())
        : Optional.empty();
  }

  /** Logarithm of how much likelier the outcomes are where the policy is bad. */
  private double ratio() {
    double expected = limits.expectedSuccess();
    double little = limits.tooLittleSuccess();
    double ratio = 0;
    for (boolean success : outcomes.values()) {
      ratio += Math.log(success ? little / expected : (1 - little) / (1 - expected));
    }
    return ratio;
  }

  private Optional<String> because(String format, Object... values) {
    String reason = String.format(Locale.ROOT, format, values);
    end();
    return Optional.of(reason);
  }
}
