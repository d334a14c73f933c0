package dev.reverie.rollout;

import dev.reverie.msgs.reverie.Command;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.function.IntFunction;

/**
 * Cuts the commands of an episode into pieces that follow each other, where something between them
 * is not in the bag.
 *
 * @param pieces indexes of the commands that are steps, each row one piece
 * @param unseen indexes of those after a piece whose action is known, and what it did was not seen
 * @param alone indexes of those between two gaps, of which the same holds
 * @param gaps what is left out
 */
record Pieces(
    List<List<Integer>> pieces, Set<Integer> unseen, List<Integer> alone, List<Gap> gaps) {
  /** Two steps that lie further apart were not one tick after the other, even with a late one. */
  private static final double MOST_PERIODS = 2.5;

  private static final String UNSEEN = "what it did was not seen: ";

  /** Cuts by what was found for each command, [T], and for the one after the last. */
  static Pieces of(EpisodeMessages messages, List<StampMatcher.Match> matches) {
    List<Command> commands = messages.commands();
    List<List<Integer>> pieces = new ArrayList<>();
    List<Gap> gaps = new ArrayList<>();
    Set<Integer> unseen = new HashSet<>();
    List<Integer> alone = new ArrayList<>();
    boolean joined = false; // whether the next step continues the last piece
    for (int i = 0; i < commands.size(); i++) {
      String why = lost(messages, matches, i);
      if (!why.isEmpty()) {
        if (i < commands.size() - 1 || !why.equals(UNSEEN + matches.getLast().why())) {
          add(gaps, commands.get(i).tick(), why);
        } // else the episode ended before its result, as most do that nobody ends by hand
        if (i < commands.size() - 1 && acted(messages, matches, i)) {
          (joined ? unseen : alone).add(i);
        }
        joined = false;
        continue;
      }
      if (!joined) {
        pieces.add(new ArrayList<>());
      }
      pieces.getLast().add(i);
      joined = true;
    }
    return new Pieces(pieces, unseen, alone, gaps);
  }

  /** Returns whether what a command answered and its action are known. */
  private static boolean acted(
      EpisodeMessages messages, List<StampMatcher.Match> matches, int index) {
    return matches.get(index).why().isEmpty()
        && messages.actionProblem(messages.commands().get(index)).isEmpty();
  }

  private static void add(List<Gap> gaps, int tick, String why) {
    Gap last = gaps.isEmpty() ? new Gap(-1, 0, "") : gaps.getLast();
    if (last.tick() + last.commands() == tick) {
      gaps.set(gaps.size() - 1, new Gap(last.tick(), last.commands() + 1, last.reason()));
    } else {
      gaps.add(new Gap(tick, 1, why));
    }
  }

  /** Tells why a command is no step; empty where it is one. */
  private static String lost(
      EpisodeMessages messages, List<StampMatcher.Match> matches, int index) {
    Command command = messages.commands().get(index);
    StampMatcher.Match after = matches.get(index + 1);
    if (!acted(messages, matches, index)) {
      String unknown = matches.get(index).why();
      return unknown.isEmpty() ? messages.actionProblem(command) : unknown;
    }
    if (index + 1 < messages.commands().size()) {
      Command next = messages.commands().get(index + 1);
      if (next.tick() > command.tick() + 1) {
        return UNSEEN
            + "the commands of ticks %d to %d are not in the bag"
                .formatted(command.tick() + 1, next.tick() - 1);
      }
      long apart = EpisodeMessages.stampNanos(next) - EpisodeMessages.stampNanos(command);
      if (messages.periodNanos().isPresent()
          && apart > MOST_PERIODS * messages.periodNanos().getAsLong()) {
        return "the next command came %.3f s later".formatted(apart * 1e-9);
      }
    }
    return after.why().isEmpty() ? "" : UNSEEN + after.why();
  }

  /** Number of the commands that could be steps. */
  int commands() {
    return pieces.stream().mapToInt(List::size).sum() + gaps.stream().mapToInt(Gap::commands).sum();
  }

  /** Makes the pieces of their steps. */
  List<Piece> map(IntFunction<Step> step, IntFunction<RecordedObservation> seen) {
    return pieces.stream()
        .map(
            piece -> {
              int next = piece.getLast() + 1;
              return new Piece(
                  piece.stream().map(step::apply).toList(),
                  seen.apply(next),
                  Optional.of(next).filter(unseen::contains).map(step::apply));
            })
        .toList();
  }
}
