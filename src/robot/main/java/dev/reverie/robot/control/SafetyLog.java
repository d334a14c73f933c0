package dev.reverie.robot.control;

import dev.reverie.arm.Limit;
import dev.reverie.msgs.Stamps;
import dev.reverie.msgs.reverie.Command;
import dev.reverie.msgs.reverie.Outcome;
import dev.reverie.msgs.reverie.SafetyEvent;
import dev.reverie.msgs.std_msgs.Header;
import dev.reverie.robot.record.Output;
import dev.reverie.robot.sense.HoldReason;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.stream.Collectors;

/**
 * Tells {@code ~/safety_event} why the arm was not moved as it was asked to, and who moves it: each
 * limit and refusal, and what changes of the rest. Thread-safe.
 */
final class SafetyLog {
  private final Output<SafetyEvent> events;
  private String episodeId = "";
  private boolean demonstration; // the episode is a person's from its beginning
  private int next; // number of the command that comes next
  private String person = ""; // who moves the arm instead of the policy
  private Optional<HoldReason> heldFor = Optional.empty();

  SafetyLog(Output<SafetyEvent> events) {
    this.events = events;
  }

  /** Begins with an episode whose bag is open. */
  synchronized void begin(EpisodeRun run) {
    episodeId = run.id();
    demonstration = run.request().teleop();
    next = 0;
    person = "";
    heldFor = Optional.empty();
  }

  /**
   * Tells of a tick.
   *
   * @param personActs whether a person moves the arm now
   * @param newestStampNanos of the observations, for a tick that answers none
   */
  synchronized void tell(Tick tick, boolean personActs, long newestStampNanos) {
    long stamp =
        tick instanceof Tick.Answer answer ? answer.measured().stampNanos() : newestStampNanos;
    if (!personActs && !person.isEmpty()) {
      tell(SafetyEvent.RETURNED, stamp, person, "no command any more");
      person = "";
    }
    switch (tick) {
      case Tick.Sent sent -> {
        sent.person().ifPresent(name -> takenBy(name, stamp));
        if (!sent.limits().isEmpty()) {
          limited(stamp, sent.person().orElse(Command.POLICY), sent.limits());
        }
        heldFor = Optional.empty();
      }
      case Tick.Refused refused -> {
        refused.person().ifPresent(name -> takenBy(name, stamp));
        String source = refused.person().orElse(Command.POLICY);
        unmoved(SafetyEvent.REFUSED, stamp, source, refused.reason());
      }
      case Tick.Held held -> held(stamp, held.reason());
      case Tick.Blind blind -> held(stamp, blind.reason());
      case Tick.Waiting _ -> {}
    }
    if (tick instanceof Tick.Answer answer) {
      next = answer.number() + 1;
    }
  }

  private void takenBy(String name, long stamp) {
    if (!name.equals(person)) {
      person = name;
      String reason = demonstration ? "a demonstration" : "takes over from the policy";
      tell(SafetyEvent.TAKEOVER, stamp, name, reason);
    }
  }

  private void limited(long stamp, String source, List<Limit> limits) {
    String text = limits.stream().map(Limit::text).collect(Collectors.joining("; "));
    events.send(event(SafetyEvent.CLAMPED, stamp, source, text).withLimits(kinds(limits)));
  }

  /** Returns the kinds of limits, as messages have them. */
  static byte[] kinds(List<Limit> limits) {
    byte[] kinds = new byte[limits.size()];
    for (int i = 0; i < kinds.length; i++) {
      kinds[i] = limits.get(i).kind().code();
    }
    return kinds;
  }

  private void held(long stamp, HoldReason reason) {
    boolean news = heldFor.filter(reason::sameAs).isEmpty();
    heldFor = Optional.of(reason);
    if (news) {
      unmoved(SafetyEvent.HELD, stamp, Outcome.ROBOT, reason);
    }
  }

  private void unmoved(byte kind, long stamp, String source, HoldReason reason) {
    events.send(event(kind, stamp, source, reason.text()).withWhy(reason.message()));
  }

  /**
   * Tells that the arm was braked beside the control thread; returns it in words.
   *
   * @param format of the seconds of the silence
   */
  synchronized String braked(String format, long silentNanos, long stampNanos) {
    String text =
        String.format(Locale.ROOT, format, silentNanos / 1e9)
            + "; look for what stops the node or keeps the machine busy";
    tell(SafetyEvent.BRAKED, stampNanos, Outcome.ROBOT, text);
    return text;
  }

  /**
   * Tells of something else.
   *
   * @param kind one of the constants of {@link SafetyEvent}
   * @param source who asked for it, or saw it
   */
  synchronized void tell(byte kind, long stampNanos, String source, String reason) {
    events.send(event(kind, stampNanos, source, reason));
  }

  private SafetyEvent event(byte kind, long stampNanos, String source, String reason) {
    return new SafetyEvent()
        .withHeader(new Header(Stamps.time(stampNanos), ""))
        .withEpisodeId(episodeId)
        .withTick(next)
        .withKind(kind)
        .withSource(source)
        .withReason(reason);
  }
}
