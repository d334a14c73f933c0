package dev.reverie.console;

import java.util.ArrayDeque;
import java.util.Deque;
import java.util.List;
import java.util.Locale;
import java.util.Optional;

/** Keys and what each asks for: of the episode that runs, else of the last one. */
final class LabelKeys {
  static final String HELP = "s success, f failure, d discard, u undo, x stop, r release, q ends";

  private final RobotLink link;
  private final String person;
  private final Deque<Ask.Label> undo = new ArrayDeque<>();

  LabelKeys(RobotLink link, String person) {
    this.link = link;
    this.person = person;
  }

  /** The episode that is meant; empty where none was heard of. */
  Optional<String> meant() {
    Snapshot now = link.watch().snapshot();
    return Optional.ofNullable(now.running())
        .map(Snapshot.EpisodeState::id)
        .or(() -> Optional.of(now.robot().episodeId()).filter(running -> !running.isEmpty()))
        .or(() -> now.ended().stream().findFirst().map(Snapshot.EpisodeState::id));
  }

  /** Does what a key asks for, and says how that went; empty for any other key. */
  Optional<String> press(char key) {
    return switch (Character.toLowerCase(key)) {
      case 's' -> Optional.of(label("success"));
      case 'f' -> Optional.of(label("failure"));
      case 'd' -> Optional.of(label("aborted"));
      case 'u' -> Optional.of(undo.isEmpty() ? "nothing to undo" : takeBack());
      case 'x' -> Optional.of(ask(new Ask.Stop(), "stopped"));
      case 'r' -> Optional.of(ask(new Ask.ResetStop(), "episodes may begin again"));
      default -> Optional.empty();
    };
  }

  private String label(String outcome) {
    Snapshot now = link.watch().snapshot();
    String episode = meant().orElse("");
    List<Snapshot.EpisodeState> ended = now.ended();
    Ask.Label before =
        ended.isEmpty() || !episode.equals(ended.getFirst().id())
            ? new Ask.Label(episode, "unlabelled", "")
            : new Ask.Label(episode, ended.getFirst().outcome(), ended.getFirst().reason());
    String told = ask(new Ask.Label(episode, outcome, ""), episode + " " + outcome);
    if (told.endsWith(outcome)) {
      undo.push(before);
    }
    return told;
  }

  private String takeBack() {
    Ask.Label before = undo.pop();
    return ask(before, before.episodeId() + " again " + before.outcome().toLowerCase(Locale.ROOT));
  }

  private String ask(Ask what, String done) {
    try {
      RobotClients.Answer answer = link.clients().ask(what, person);
      return answer.ok() ? done : "not done: " + answer.message();
    } catch (Refusal e) {
      return "not done: " + e.getMessage();
    }
  }
}
