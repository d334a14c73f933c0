package dev.reverie.robot.swap;

import dev.reverie.msgs.reverie.Replayed;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;

/**
 * The recorded episodes at which a policy is tried before it goes live, and what it has to keep to.
 *
 * @param bags of episodes, or folders of them
 * @param last so many of the node's own last episodes besides
 * @param maxLimited share of the ticks that the safety gate may limit
 * @param maxDifference of a joint's command from the recorded one, rad or m
 */
public record ReplayAsked(List<String> bags, int last, double maxLimited, double maxDifference) {
  /** Asks for nothing. */
  public static final ReplayAsked NONE = new ReplayAsked(List.of(), 0, 1, Double.MAX_VALUE);

  /** Copies the list. */
  public ReplayAsked {
    bags = List.copyOf(bags);
  }

  /** Returns the same with whole paths. */
  ReplayAsked absolute() {
    List<String> paths = bags.stream().map(bag -> PolicySwap.absolute(bag).toString()).toList();
    return new ReplayAsked(paths, last, maxLimited, maxDifference);
  }

  boolean isNone() {
    return bags.isEmpty() && last == 0;
  }

  /** Says what of it makes no sense; empty where all of it does. */
  Optional<String> fault() {
    List<String> faults = new ArrayList<>();
    if (last < 0) {
      faults.add("replay_last is %d".formatted(Integer.toUnsignedLong(last)));
    }
    if (!(maxLimited > 0 && maxLimited <= 1)) {
      faults.add("replay_max_limited is %s".formatted(maxLimited));
    }
    if (!(maxDifference > 0)) {
      faults.add("replay_max_difference is %s".formatted(maxDifference));
    }
    return faults.isEmpty()
        ? Optional.empty()
        : Optional.of(
            "%s; give a number of episodes, a share above 0 and up to 1, and rad above 0, or 0 for what the node's parameters say"
                .formatted(String.join(", ", faults)));
  }

  /** Says which limit a policy exceeds; empty where it keeps to them. */
  Optional<String> exceeded(Replayed replayed) {
    double share = (double) replayed.limited() / replayed.ticks();
    if (share > maxLimited) {
      return Optional.of(
          String.format(
              Locale.ROOT,
              "%s: that is a share of %.3f limited ticks, and %s is allowed; look at the policy's scale, or allow more: replay_max_limited",
              words(replayed),
              share,
              maxLimited));
    }
    return replayed.difference() > maxDifference
        ? Optional.of(
            String.format(
                Locale.ROOT,
                "%s; %s is allowed: look at what it does there by ./reverie replay, or allow more: replay_max_difference",
                words(replayed),
                maxDifference))
        : Optional.empty();
  }

  /** Says what a policy did at recorded episodes, for people. */
  static String words(Replayed replayed) {
    return String.format(
        Locale.ROOT,
        "at %d recorded episode%s the gate would limit %d of %d ticks, and joint '%s' is told %.4f from what was recorded (episode %s, tick %d)",
        replayed.episodes(),
        replayed.episodes() == 1 ? "" : "s",
        replayed.limited(),
        replayed.ticks(),
        replayed.joint(),
        replayed.difference(),
        replayed.episodeId(),
        replayed.tick());
  }
}
