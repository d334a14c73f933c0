package dev.reverie.rollout;

import java.nio.file.Path;

/** Thrown for a bag that is whole and has no single step that anything could be learnt from. */
public final class UnusableEpisodeException extends EpisodeException {
  /** Number of the commands that could be steps. */
  private final int commands;

  /** The reason why no command of the bag is a step. */
  private final String reason;

  UnusableEpisodeException(Path bag, Pieces none) {
    super(
        "%s: no step of it can be used: %s; nothing can be learnt from it, leave the bag out"
            .formatted(bag, reason(none)));
    commands = none.commands();
    reason = reason(none);
  }

  private static String reason(Pieces none) {
    return none.gaps().isEmpty()
        ? "it has one command and no observation after it"
        : none.gaps().getFirst().toString();
  }

  /** Number of the commands that could be steps. */
  int commands() {
    return commands;
  }

  /** Returns why the first command is no step. */
  String reason() {
    return reason;
  }
}
