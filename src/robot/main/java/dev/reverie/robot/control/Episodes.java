package dev.reverie.robot.control;

import dev.reverie.msgs.Stamps;
import dev.reverie.msgs.reverie.Outcome;
import dev.reverie.msgs.reverie.SafetyEvent;
import dev.reverie.msgs.std_msgs.Header;
import dev.reverie.robot.control.EpisodeLabels.Labelled;
import dev.reverie.robot.control.EpisodeRun.Client;
import dev.reverie.robot.control.EpisodeRun.Ended;
import dev.reverie.robot.control.EpisodeRun.Request;
import dev.reverie.robot.record.Recorder;
import dev.reverie.robot.sense.FirstMessages;
import dev.reverie.robot.sense.HoldReason;
import dev.reverie.robot.sense.ObservationSync;
import dev.reverie.robot.sense.SensorSnapshot;
import dev.reverie.robot.swap.LivePolicy;
import dev.reverie.robot.swap.PolicySwap;
import dev.reverie.rollout.EpisodeHead;
import java.time.Instant;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.util.Locale;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Executor;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/** Begins and ends episodes: one at a time, one bag each. For the control thread. */
public final class Episodes {
  /** A label may overtake the last observation of its episode by this much. */
  private static final long LAST_OBSERVATION_NANOS = 1_000_000_000L;

  /** Between two reports of progress, where no policy has chunks. */
  private static final int PROGRESS_TICKS = 10;

  private static final DateTimeFormatter ID =
      DateTimeFormatter.ofPattern("yyyyMMdd'T'HHmmssSSS", Locale.ROOT).withZone(ZoneOffset.UTC);

  /**
   * The bag of an episode.
   *
   * @param droppedBefore messages that earlier recordings lost
   */
  private record Recording(EpisodeHead head, long firstStampNanos, long droppedBefore) {}

  /** Outcome that waits for the observation at which it was reached. */
  private record Ending(Outcome outcome, long deadlineNanos) {}

  /** The episode that runs, and how far it is. */
  private static final class Running {
    final EpisodeRun run;
    @Nullable Recording recording; // from its first observation on
    @Nullable Ending ending;
    int commands;

    Running(EpisodeRun run) {
      this.run = run;
    }
  }

  private final Recorder recorder;
  private final FirstMessages first;
  private final Outputs outputs;
  private final PolicySwap policies;
  private final ObservationSync sync;
  private final Executor control;
  private final Admission admission;
  private final EpisodeLabels labels;
  private @Nullable Running running;
  private int closing; // episodes whose bag is not closed yet
  private CompletableFuture<Void> allClosed = CompletableFuture.completedFuture(null);
  private long newestStampNanos;
  private long count;

  /**
   * Prepares for episodes; none runs yet.
   *
   * @param control runs work on the control thread
   */
  public Episodes(
      Recorder recorder,
      FirstMessages first,
      Outputs outputs,
      PolicySwap policies,
      ObservationSync sync,
      Executor control) {
    this.recorder = recorder;
    this.first = first;
    this.outputs = outputs;
    this.policies = policies;
    this.sync = sync;
    this.control = control;
    admission = new Admission(policies::live);
    labels = new EpisodeLabels(recorder, outputs, policies::labelled);
  }

  public Optional<EpisodeRun> running() {
    return Optional.ofNullable(running).map(now -> now.run);
  }

  /** Decides whether episodes may begin. */
  public Admission admission() {
    return admission;
  }

  /** Future that completes when the bags of all episodes that have ended are closed. */
  public CompletableFuture<Void> closed() {
    return allClosed;
  }

  /** Begins an episode, or ends it at once as aborted and says why. */
  Optional<EpisodeRun> begin(Request request, Client client) {
    String id = "%s-%04d".formatted(ID.format(Instant.now()), count++);
    Optional<String> refusal = admission.refusal(request, running());
    if (refusal.isPresent()) {
      outputs.info("episode refused: " + refusal.get());
      var outcome = outcome(Outcome.ABORTED, Outcome.ROBOT, refusal.get());
      client.ended(new Ended(id, outcome, Optional.empty(), 0));
      return Optional.empty();
    }
    running = new Running(new EpisodeRun(id, request, client));
    return running();
  }

  /** Opens the bag of the episode that runs at its first usable observation. */
  void open(SensorSnapshot snapshot) {
    if (running == null) {
      return;
    }
    EpisodeRun run = running.run;
    long stamp = snapshot.stampNanos();
    newestStampNanos = stamp;
    String policyId = policies.boundary().map(LivePolicy::id).orElse("");
    recorder.begin(run.id(), reason -> control.execute(() -> lost(run, reason)));
    EpisodeHead head = outputs.begin(run, policyId, stamp);
    running.recording = new Recording(head, stamp, recorder.dropped());
    first.record(snapshot);
  }

  /** Takes notice of a complete observation, which may end the episode. */
  void observed(long stampNanos) {
    newestStampNanos = stampNanos;
    if (running == null || running.recording == null) {
      return;
    }
    Ending ending = running.ending;
    if (ending != null && stampNanos >= Stamps.nanos(ending.outcome.header().stamp())) {
      end(running, ending.outcome);
      return;
    }
    long limit = running.run.request().limitNanos();
    if (limit > 0 && stampNanos - running.recording.firstStampNanos >= limit) {
      String reason = String.format(Locale.ROOT, "time limit of %.1f s", limit / 1e9);
      end(running, outcome(Outcome.FAILURE, Outcome.TIME_LIMIT, reason));
    }
  }

  /** Takes notice of what was decided in the episode that runs. */
  void after(Tick tick) {
    if (tick instanceof Tick.Sent sent && sent.person().isEmpty()) {
      policies.moved(sent.limits());
    }
    if (running == null || !(tick instanceof Tick.Answer answer)) {
      return;
    }
    running.commands = answer.number() + 1;
    int horizon = policies.live().map(live -> live.spec().chunk().horizon()).orElse(PROGRESS_TICKS);
    if (running.commands == 1 || running.commands % horizon == 0) {
      EpisodeRun run = running.run;
      run.client().progress(run.id(), running.commands, answer.measured().stampNanos());
    }
  }

  /** Ends the episode in which nothing could move the arm for too long. */
  void stalled(HoldReason reason) {
    if (running == null) {
      return;
    }
    if (running.run.request().teleop() && running.recording != null) {
      // A person need not say that they have ended.
      end(running, outcome(Outcome.UNLABELLED, Outcome.ROBOT, reason.text()));
    } else {
      abort(running, Outcome.ROBOT, reason.text());
    }
  }

  /** Ends the episode that runs, for it may not go on. */
  void breakOff(HoldReason reason) {
    if (running != null) {
      abort(running, Outcome.ROBOT, reason.text());
    }
  }

  /** Ends an episode whose last observation does not come; to be called some times a second. */
  public void watch() {
    if (running != null
        && running.ending != null
        && System.nanoTime() > running.ending.deadlineNanos) {
      end(running, running.ending.outcome);
    }
  }

  /** Ends the episode of a client, if it runs. */
  public void cancel(Client client) {
    if (running != null && running.run.client() == client) {
      abort(running, Outcome.CLIENT, "cancelled");
    }
  }

  /** Ends the episode that runs, and refuses others until the stop is reset. */
  public void stop(String reason) {
    admission.stop(reason);
    if (running != null) {
      abort(running, Outcome.ROBOT, "stopped: " + reason);
    }
  }

  /** Ends the episode that runs, and refuses others until they are admitted again. */
  public void suspend(String reason) {
    admission.suspend(reason);
    if (running != null) {
      abort(running, Outcome.ROBOT, reason);
    }
  }

  /** Ends the episode of whose recording something is lost: unrecorded it is of no use. */
  private void lost(EpisodeRun run, String reason) {
    if (running != null && running.run.equals(run)) {
      outputs.safety().tell(SafetyEvent.LOST, newestStampNanos, Outcome.RECORDER, reason);
      abort(running, Outcome.RECORDER, "recording ended: " + reason);
    }
  }

  private void abort(Running now, String who, String reason) {
    if (now.recording != null) {
      outputs.safety().tell(SafetyEvent.STOPPED, newestStampNanos, who, reason);
    }
    end(now, outcome(Outcome.ABORTED, who, reason));
  }

  private Outcome outcome(byte outcome, String labeller, String reason) {
    var header = new Header(Stamps.time(newestStampNanos), "");
    return new Outcome(header, outcome, labeller, reason);
  }

  /** Labels the episode that runs, which ends it, or one that has ended. */
  public void label(String episodeId, Outcome outcome, Consumer<Labelled> done) {
    Optional<String> fault = EpisodeLabels.fault(outcome);
    if (fault.isPresent()) {
      done.accept(new Labelled(false, fault.get(), episodeId));
    } else if (running != null && (episodeId.isEmpty() || episodeId.equals(running.run.id()))) {
      done.accept(labelRunning(running, outcome));
    } else {
      labels.label(episodeId, outcome, done);
    }
  }

  private Labelled labelRunning(Running now, Outcome outcome) {
    String id = now.run.id();
    if (now.recording == null) {
      return new Labelled(
          false, "episode " + id + " has no observation yet; cancel it instead", id);
    }
    long stamp = Stamps.nanos(outcome.header().stamp());
    if (stamp > newestStampNanos) { // its observation is still on the way
      now.ending = new Ending(outcome, System.nanoTime() + LAST_OBSERVATION_NANOS);
    } else {
      var newest = new Header(Stamps.time(newestStampNanos), "");
      end(now, stamp == 0 ? outcome.withHeader(newest) : outcome);
    }
    return new Labelled(true, "", id);
  }

  private void end(Running now, Outcome reached) {
    Outcome outcome = outputs.isBeside() && now.recording != null ? unmoved(reached) : reached;
    running = null;
    sync.endEpisode(Math.max(newestStampNanos, Stamps.nanos(outcome.header().stamp())));
    var _ = policies.boundary();
    EpisodeRun run = now.run;
    outputs.info(
        "episode %s: %s after %d ticks, says %s %s"
            .formatted(
                run.id(), name(outcome), now.commands, outcome.labeller(), outcome.reason()));
    Recording recording = now.recording;
    if (recording == null) {
      run.client().ended(new Ended(run.id(), outcome, Optional.empty(), 0));
      return;
    }
    outputs.end(outcome);
    policies.labelled(recording.head, outcome);
    if (!outputs.isBeside()) {
      labels.remember(recording.head, recorder.bag(run.id()), outcome);
    }
    if (closing++ == 0) {
      allClosed = new CompletableFuture<>();
    }
    recorder.end(
        closed -> control.execute(() -> closed(run, recording, now.commands, outcome, closed)));
  }

  /** Tells the client when the bag is on the disk, or what there was room for. */
  private void closed(
      EpisodeRun run, Recording recording, int commands, Outcome outcome, Recorder.Closed closed) {
    Outcome told = outcome;
    long dropped = recorder.dropped() - recording.droppedBefore;
    if (dropped > 0) {
      outputs.info("%d messages of episode %s are not recorded".formatted(dropped, run.id()));
    }
    if (closed.fault().isPresent() && outcome.outcome() != Outcome.ABORTED) {
      outputs.info("episode " + run.id() + " is not recorded: " + closed.fault().get());
      told = outcome(Outcome.ABORTED, Outcome.RECORDER, closed.fault().get());
    }
    run.client()
        .ended(
            new Ended(
                run.id(), told, Optional.of(closed.bag()).filter(bag -> closed.there()), commands));
    if (--closing == 0) {
      allClosed.complete(null);
    }
  }

  /**
   * Returns the outcome of an episode in shadow: nothing is to be learned from what did not move.
   */
  private static Outcome unmoved(Outcome reached) {
    return reached
        .withOutcome(Outcome.ABORTED)
        .withReason("in shadow, nothing was moved: " + reached.reason());
  }

  private static String name(Outcome outcome) {
    return switch (outcome.outcome()) {
      case Outcome.SUCCESS -> "success";
      case Outcome.FAILURE -> "failure";
      case Outcome.ABORTED -> "aborted";
      default -> "unlabelled";
    };
  }
}
