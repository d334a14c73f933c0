package dev.reverie.rollout;

/**
 * Commands in a row that are no steps of their episode: what they answered, or what came of them,
 * is not in the bag.
 *
 * @param tick of the first of them
 * @param commands how many there are; 0 where two steps that follow each other lie too far apart
 * @param reason why the first of them is lost
 */
public record Gap(int tick, int commands, String reason) {
  @Override
  public String toString() {
    String which =
        commands > 1 ? "ticks %d to %d".formatted(tick, tick + commands - 1) : "tick " + tick;
    return which + ": " + reason;
  }
}
