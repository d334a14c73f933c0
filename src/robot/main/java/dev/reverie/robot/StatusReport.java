package dev.reverie.robot;

import dev.reverie.msgs.Stamps;
import dev.reverie.msgs.diagnostic_msgs.DiagnosticArray;
import dev.reverie.msgs.diagnostic_msgs.DiagnosticStatus;
import dev.reverie.msgs.diagnostic_msgs.KeyValue;
import dev.reverie.msgs.reverie.Hold;
import dev.reverie.msgs.reverie.Status;
import dev.reverie.msgs.std_msgs.Header;
import dev.reverie.rcljava.Node;
import dev.reverie.rcljava.Publisher;
import dev.reverie.rcljava.Qos;
import dev.reverie.rcljava.lifecycle.LifecycleNode;
import dev.reverie.rcljava.lifecycle.LifecycleState;
import dev.reverie.robot.control.Admission;
import dev.reverie.robot.control.ChunkSource;
import dev.reverie.robot.control.ControlLoop;
import dev.reverie.robot.control.EpisodeRun;
import dev.reverie.robot.control.Episodes;
import dev.reverie.robot.control.Latencies;
import dev.reverie.robot.control.Outputs;
import dev.reverie.robot.control.Shadow;
import dev.reverie.robot.record.Recorder;
import dev.reverie.robot.sense.HoldReason;
import dev.reverie.robot.sense.HoldReason.Kind;
import dev.reverie.robot.swap.LivePolicy;
import dev.reverie.robot.swap.PolicySwap;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;

/** Tells how the node is: {@code ~/status} for programs, {@code /diagnostics} for people. */
final class StatusReport {
  private final LifecycleNode managed;
  private final Node node;
  private final ControlLoop loop;
  private final ChunkSource chunks;
  private final Episodes episodes;
  private final PolicySwap policies;
  private final Recorder recorder;
  private final Notices notices;
  private final String arm;
  private final Shadow shadow;
  private final Outputs outputs;
  private final List<String> joints;
  private final Publisher<Status> statuses;
  private final Publisher<DiagnosticArray> diagnostics;

  /**
   * Creates a report of a node that says nothing yet.
   *
   * @param arm name in the arm file; empty where there is none
   */
  StatusReport(
      LifecycleNode managed,
      String arm,
      ControlLoop loop,
      ChunkSource chunks,
      Episodes episodes,
      PolicySwap policies,
      Recorder recorder,
      Notices notices,
      Shadow shadow,
      Outputs outputs,
      List<String> joints) {
    this.managed = managed;
    this.arm = arm;
    this.node = managed.node();
    this.loop = loop;
    this.chunks = chunks;
    this.episodes = episodes;
    this.policies = policies;
    this.recorder = recorder;
    this.notices = notices;
    this.shadow = shadow;
    this.outputs = outputs;
    this.joints = joints;
    statuses = node.createPublisher(Status.TYPE, "~/status", Qos.transientLocal(Namesake.KEPT));
    diagnostics = node.createPublisher(DiagnosticArray.TYPE, "/diagnostics", Qos.reliable(10));
  }

  /** Publishes the status. */
  void status() {
    Optional<HoldReason> hold = hold();
    statuses.publish(
        new Status(
            header(),
            state(),
            hold.map(HoldReason::text).orElse(""),
            policies.live().map(LivePolicy::id).orElse(""),
            episodes.running().map(EpisodeRun::id).orElse(""),
            loop.queued(),
            loop.schedule().ticks(),
            loop.schedule().lateTicks(),
            loop.ranEmpty(),
            policies.swaps(),
            recorder.dropped(),
            recorder.queuedBytes(),
            recorder.fault(),
            hold.map(HoldReason::message).orElse(new Hold()),
            arm,
            isBeside(),
            loop.limitedTicks(),
            provider(),
            notices.texts()));
  }

  /** Publishes the status and the diagnostics; once a second. */
  void everything() {
    status();
    diagnostics.publish(
        new DiagnosticArray(
            header(), List.of(control(), policy(), recording(), noticed(), shadow())));
  }

  private Header header() {
    return new Header(Stamps.time(node.clock().nowNanos()), "");
  }

  private String state() {
    if (episodes.admission().isStopped()) {
      return Status.STOPPED;
    }
    return managed.state() == LifecycleState.ACTIVE ? Status.ACTIVE : Status.INACTIVE;
  }

  /** Returns why the arm is not moved now. */
  private Optional<HoldReason> hold() {
    Admission admission = episodes.admission();
    if (admission.isStopped()) {
      return admission.stopped();
    }
    if (admission.suspended().isPresent()) {
      return loop.missing()
          .map(why -> HoldReason.of(Kind.INACTIVE, "inactive: " + why.text()))
          .or(admission::suspended);
    }
    return episodes.running().isEmpty()
        ? loop.unbegun()
            .or(admission::noPolicy)
            .or(outputs::unbraked)
            .or(() -> Optional.of(HoldReason.of(Kind.NO_EPISODE, "no episode runs")))
        : loop.holding();
  }

  private DiagnosticStatus control() {
    boolean stopped = episodes.admission().isStopped();
    boolean held = loop.holding().isPresent();
    byte level =
        stopped ? DiagnosticStatus.ERROR : held ? DiagnosticStatus.WARN : DiagnosticStatus.OK;
    return status(
        "control",
        level,
        hold().map(HoldReason::text).orElse("an episode runs"),
        value("state", state()),
        value("ticks", loop.schedule().ticks()),
        value("late_ticks", loop.schedule().lateTicks()),
        value("queue_ran_empty", loop.ranEmpty()),
        value("limited_ticks", loop.limitedTicks()),
        value("latency_p50_ms", ms(chunks.latencies(), 0.5)),
        value("latency_p99_ms", ms(chunks.latencies(), 0.99)));
  }

  private DiagnosticStatus policy() {
    Optional<LivePolicy> live = policies.live();
    return status(
        "policy",
        DiagnosticStatus.OK,
        live.map(LivePolicy::id).orElse("none"),
        value("provider", provider()),
        value("swaps", policies.swaps()),
        value("inference_p50_ms", ms(chunks.inferences(), 0.5)),
        value("inference_p99_ms", ms(chunks.inferences(), 0.99)));
  }

  /** Returns what runs the policy; empty without one. */
  private String provider() {
    return policies.live().map(policy -> policy.session().provider().name()).orElse("");
  }

  private DiagnosticStatus recording() {
    boolean faulty = !recorder.fault().isEmpty();
    boolean lost = recorder.dropped() > 0;
    return status(
        "recorder",
        faulty ? DiagnosticStatus.ERROR : lost ? DiagnosticStatus.WARN : DiagnosticStatus.OK,
        faulty ? recorder.fault() : lost ? "an earlier episode lost messages" : "complete",
        value("dropped", recorder.dropped()),
        value("queued_bytes", recorder.queuedBytes()));
  }

  private DiagnosticStatus noticed() {
    List<Notices.Notice> all = notices.all();
    return status(
        "notices",
        all.isEmpty() ? DiagnosticStatus.OK : DiagnosticStatus.WARN,
        all.isEmpty() ? "none" : all.getFirst().text(),
        all.stream()
            .map(notice -> value(notice.name(), notice.text() + notice.duration(System.nanoTime())))
            .toArray(KeyValue[]::new));
  }

  private boolean isBeside() {
    return episodes.running().isPresent() ? outputs.isBeside() : shadow.isOn();
  }

  /** Tells by joint what the policy would have asked for beside what the arm does. */
  private DiagnosticStatus shadow() {
    boolean on = isBeside();
    double[] difference = outputs.difference();
    List<KeyValue> values = new ArrayList<>();
    for (int j = 0; on && j < joints.size(); j++) {
      values.add(value(joints.get(j), String.format(Locale.ROOT, "%.4f", difference[j])));
    }
    return status(
        "shadow",
        on ? DiagnosticStatus.WARN : DiagnosticStatus.OK,
        shadow.notice().orElse("off"),
        values.toArray(KeyValue[]::new));
  }

  private DiagnosticStatus status(String part, byte level, String message, KeyValue... values) {
    return new DiagnosticStatus(
        level, node.name() + ": " + part, message, "reverie", List.of(values));
  }

  private static String ms(Latencies latencies, double quantile) {
    return String.format(Locale.ROOT, "%.3f", latencies.quantileMs(quantile));
  }

  private static KeyValue value(String key, Object value) {
    return new KeyValue(key, String.valueOf(value));
  }
}
