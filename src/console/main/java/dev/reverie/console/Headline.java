package dev.reverie.console;

import java.util.Locale;
import org.jspecify.annotations.Nullable;

/** Says what the arm does, in a line for a terminal; the page has it in its own words. */
final class Headline {
  private Headline() {}

  /** Returns what the arm does, in words that stay while it goes on with it. */
  static String withoutTime(Snapshot state) {
    return of(state, "");
  }

  /** Returns what the arm does, and of an episode that runs for how long. */
  static String of(Snapshot state) {
    Snapshot.EpisodeState running = state.running();
    return of(
        state,
        running == null ? "" : " for %d s".formatted((state.timeMs() - running.beganMs()) / 1000));
  }

  private static String of(Snapshot state, String since) {
    Snapshot.Robot robot = state.robot();
    if (!robot.there()) {
      return robot.name() + " is silent";
    }
    if (robot.nodes() > 1) {
      return "%d nodes are called %s; end one of them".formatted(robot.nodes(), robot.name());
    }
    String shadow = robot.shadow() ? " in shadow" : "";
    if (state.running() == null || !robot.state().equals("active")) {
      return robot.state().equals("active") ? "ready" + shadow : robot.state();
    }
    String does =
        state.hold().kind().equals("NONE")
            ? state.tick().source().equals("teleop") ? "a person moves the arm" : "acting" + shadow
            : state.hold().kind().equals("NO_EPISODE") // told before it began
                ? "beginning"
                : "holding: " + state.hold().text();
    return "%s; '%s'%s".formatted(does, state.running().instruction(), since);
  }

  /** Returns how the last episode went; empty where none has ended. */
  static String last(Snapshot state) {
    if (state.ended().isEmpty()) {
      return "";
    }
    Snapshot.EpisodeState last = state.ended().getFirst();
    String who = last.labeller().isEmpty() ? "" : ", says " + last.labeller();
    String why = last.reason().isEmpty() ? "" : ": " + last.reason();
    return "%s '%s' %s%s%s".formatted(last.id(), last.instruction(), last.outcome(), who, why);
  }

  /** The lines of {@code reverie status}. */
  static String text(Snapshot state) {
    var lines = new StringBuilder();
    Snapshot.Robot robot = state.robot();
    line(lines, "robot", robot.name());
    line(lines, "does", of(state));
    line(lines, "arm", robot.arm());
    line(lines, "policy", robot.policyId());
    line(lines, "runs on", robot.provider());
    line(lines, "bundle", robot.bundle());
    line(lines, "rollouts", robot.rolloutsDir());
    line(lines, "last", last(state));
    for (Snapshot.Joint joint : state.joints()) {
      line(
          lines,
          "joint",
          "%s %s %s, from %s to %s"
              .formatted(
                  joint.name(),
                  number(joint.measured()),
                  joint.unit(),
                  number(joint.lower()),
                  number(joint.upper())));
    }
    for (Snapshot.Stream stream : state.streams()) {
      line(
          lines,
          "stream",
          stream.ageS() < 0
              ? stream.name() + ": none yet"
              : String.format(
                  Locale.ROOT,
                  "%s %.1f Hz, the last %.2f s ago",
                  stream.name(),
                  stream.hz(),
                  stream.ageS()));
    }
    state.tick().limits().forEach(limit -> line(lines, "limited", limit.text()));
    robot.notices().forEach(notice -> line(lines, "notice", notice));
    robot.remarks().forEach(remark -> line(lines, "notice", remark));
    line(lines, "recording", robot.recorderFault());
    return lines.toString();
  }

  private static String number(@Nullable Double value) {
    return value == null ? "?" : String.format(Locale.ROOT, "%.3f", value);
  }

  private static void line(StringBuilder lines, String what, String text) {
    if (!text.isEmpty()) {
      lines.append(String.format(Locale.ROOT, "%-10s%s%n", what, text));
    }
  }
}
