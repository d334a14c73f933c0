package dev.reverie.robot;

import dev.reverie.msgs.Stamps;
import dev.reverie.msgs.reverie.Episode;
import dev.reverie.msgs.reverie.Outcome;
import dev.reverie.msgs.reverie.SafetyEvent;
import dev.reverie.msgs.std_msgs.Header;
import dev.reverie.robot.EpisodeRun.Client;
import dev.reverie.robot.EpisodeRun.Ended;
import dev.reverie.robot.EpisodeRun.Request;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.util.LinkedHashMap;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Executor;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/** Begins, ends and labels episodes: one at a time, one bag each. For the control thread. */
final class Episodes implements ControlLoop.Supervisor {

  /** A label may overtake the last observation of its episode by this much. */
  private static final long LAST_OBSERVATION_NANOS = 1_000_000_000L;

  /** So many ended episodes can still be labelled without naming their folder. */
  private static final int REMEMBERED = 1000;

  private static final DateTimeFormatter ID =
      DateTimeFormatter.ofPattern("yyyyMMdd'T'HHmmssSSS", Locale.ROOT).withZone(ZoneOffset.UTC);

  /** Answer to a label. */
  record Labelled(boolean success, String message, String episodeId) {}

  /** What the rest of the node does when an episode begins and ends. */
  interface Listener {
    void begun(EpisodeRun run);

    /** The bag is open: what is to stand at its beginning goes in now. */
    void opened(EpisodeRun run, Sensed first);

    /** No observation up to this stamp concerns a later episode. */
    void ended(EpisodeRun run, long stampNanos);
  }

  private record Past(EpisodeRun run, Path bag, String policyId) {}

  /** An outcome that waits for the observation at which it was reached. */
  private record Ending(Outcome outcome, long deadlineNanos) {}

  private final Recorder recorder;
  private final Outputs outputs;
  private final PolicySwap policies;
  private final Executor control;
  private final Consumer<String> info;
  private final String configuration;
  private final Listener listener;
  private final Map<String, Past> past =
      new LinkedHashMap<>() {
        private static final long serialVersionUID = 1L;

        @Override
        protected boolean removeEldestEntry(Map.Entry<String, Past> eldest) {
          return size() > REMEMBERED;
        }
      };
  private @Nullable EpisodeRun running;
  private @Nullable Ending ending;
  private String policyId = "";
  private String stopped = "";
  private String suspended = "";
  private int closing; // episodes whose bag is not closed yet
  private CompletableFuture<Void> allClosed = CompletableFuture.completedFuture(null);
  private long newestStampNanos;
  private long droppedBefore;
  private long count;

  /**
   * @param control runs work on the control thread
   * @param configuration JSON of the node's parameters
   */
  Episodes(
      Recorder recorder,
      Outputs outputs,
      PolicySwap policies,
      Executor control,
      Consumer<String> info,
      String configuration,
      Listener listener) {
    this.recorder = recorder;
    this.outputs = outputs;
    this.policies = policies;
    this.control = control;
    this.info = info;
    this.configuration = configuration;
    this.listener = listener;
  }

  Optional<EpisodeRun> running() {
    return Optional.ofNullable(running);
  }

  /** Why the arm was stopped; empty where it was not. */
  String stopped() {
    return stopped;
  }

  /** Why no episode may begin now although nobody stopped the arm; empty where one may. */
  String suspended() {
    return suspended;
  }

  /** Ends the episode that runs, and refuses others until {@link #admit}. */
  void suspend(String reason) {
    suspended = reason;
    if (running != null) {
      abort(running, "robot", reason);
    }
  }

  /** Lets episodes begin. */
  void admit() {
    suspended = "";
  }

  /** Completed when the bags of all episodes that have ended are closed. */
  CompletableFuture<Void> closed() {
    return allClosed;
  }

  /** Begins an episode, or ends it at once as aborted and says why. */
  Optional<EpisodeRun> run(Request request, Client client) {
    String id = "%s-%04d".formatted(ID.format(Instant.now()), count++);
    var run = new EpisodeRun(id, request, client, System.nanoTime());
    Optional<String> refusal = refusal(request);
    if (refusal.isPresent()) {
      info.accept("episode refused: " + refusal.get());
      var outcome = outcome(Outcome.ABORTED, "robot", refusal.get());
      client.ended(new Ended(id, outcome, Optional.empty(), 0));
      return Optional.empty();
    }
    running = run;
    ending = null;
    listener.begun(run);
    return Optional.of(run);
  }

  private Optional<String> refusal(Request request) {
    if (!stopped.isEmpty()) {
      return Optional.of("the arm was stopped (" + stopped + "); call ~/reset_stop first");
    }
    if (!suspended.isEmpty()) {
      return Optional.of(suspended);
    }
    if (running != null) {
      return Optional.of("episode " + running.id + " runs; cancel it, or wait for its end");
    }
    if (!(request.temperature() >= 0) || Float.isInfinite(request.temperature())) {
      return Optional.of(
          "temperature is " + request.temperature() + "; give 0 (greedy) or a positive number");
    }
    if (request.limitNanos() < 0) {
      return Optional.of("time_limit is negative; give 0 for none");
    }
    if (!request.teleop()) {
      try {
        policies.live().tokenizer().encode(request.instruction());
      } catch (IllegalArgumentException e) {
        return Optional.of(String.valueOf(e.getMessage()));
      }
    }
    return Optional.empty();
  }

  @Override
  public void opened(EpisodeRun run, Sensed first) {
    policyId = policies.boundary().id();
    droppedBefore = recorder.dropped();
    newestStampNanos = first.stampNanos();
    recorder.begin(run.id, reason -> control.execute(() -> lost(run, reason)));
    var begun =
        new Outcome()
            .withHeader(new Header(Stamps.time(first.stampNanos()), ""))
            .withOutcome(Outcome.UNLABELLED);
    outputs.episode(Episode.BEGUN, run, policyId, begun, configuration);
    listener.opened(run, first);
  }

  @Override
  public void observed(long stampNanos) {
    newestStampNanos = stampNanos;
    if (running == null || !running.open) {
      return;
    }
    if (ending != null && stampNanos >= Stamps.nanos(ending.outcome.header().stamp())) {
      finish(ending.outcome);
      return;
    }
    long limit = running.request.limitNanos();
    if (limit > 0 && stampNanos - running.firstStampNanos >= limit) {
      String reason = String.format(Locale.ROOT, "time limit of %.1f s", limit / 1e9);
      finish(outcome(Outcome.FAILURE, "time_limit", reason));
    }
  }

  @Override
  public void commanded(EpisodeRun run, long stampNanos) {
    if (run.commands == 1 || run.commands % policies.live().spec().chunk().horizon() == 0) {
      run.client.progress(run.id, run.commands, stampNanos);
    }
  }

  @Override
  public void stalled(EpisodeRun run, HoldReason reason) {
    boolean letGo = run.request.teleop() && run.open; // a person need not say that they have ended
    if (letGo) {
      finish(outcome(Outcome.UNLABELLED, "robot", reason.text()));
    } else {
      abort(run, "robot", reason.text());
    }
  }

  /** To be called some times a second. */
  void watch() {
    if (ending != null && System.nanoTime() > ending.deadlineNanos) {
      finish(ending.outcome);
    }
  }

  /** Ends the episode of a client, if it runs. */
  void cancel(Client client) {
    if (running != null && running.client == client) {
      abort(running, "client", "cancelled");
    }
  }

  /** Ends the episode that runs, and refuses others until {@link #resetStop}. */
  void stop(String reason) {
    stopped = reason;
    if (running != null) {
      abort(running, "robot", "stopped: " + reason);
    }
  }

  void resetStop() {
    stopped = "";
  }

  /** Something of the recording is lost: what goes on unrecorded is of no use. */
  private void lost(EpisodeRun run, String reason) {
    if (run == running) {
      outputs.safety(run, newestStampNanos, SafetyEvent.LOST, "recorder", reason);
      abort(run, "recorder", "recording ended: " + reason);
    }
  }

  private void abort(EpisodeRun run, String who, String reason) {
    if (run == running) {
      if (run.open) {
        outputs.safety(run, newestStampNanos, SafetyEvent.STOPPED, who, reason);
      }
      finish(outcome(Outcome.ABORTED, who, reason));
    }
  }

  private Outcome outcome(byte outcome, String labeller, String reason) {
    var header = new Header(Stamps.time(newestStampNanos), "");
    return new Outcome(header, outcome, labeller, reason);
  }

  /** Labels the episode that runs, which ends it, or one that has ended. */
  void label(String episodeId, Outcome outcome, Consumer<Labelled> done) {
    if (outcome.outcome() < Outcome.UNLABELLED || outcome.outcome() > Outcome.ABORTED) {
      String message =
          "outcome %d is unknown; give 0 unlabelled, 1 success, 2 failure or 3 aborted"
              .formatted(outcome.outcome());
      done.accept(new Labelled(false, message, episodeId));
      return;
    }
    if (running != null && (episodeId.isEmpty() || episodeId.equals(running.id))) {
      labelRunning(running, outcome, done);
      return;
    }
    Past episode = past.get(episodeId);
    if (episodeId.isEmpty() || episode == null) {
      String message =
          episodeId.isEmpty()
              ? "no episode runs; name the one to label"
              : "episode '%s' is not known to this node; label its bag with: reverie rollouts label"
                  .formatted(episodeId);
      done.accept(new Labelled(false, message, episodeId));
    } else if (!Files.isDirectory(episode.bag)) {
      done.accept(
          new Labelled(
              false,
              "the bag %s was moved; label it with: reverie rollouts label".formatted(episode.bag),
              episodeId));
    } else {
      byte[] bytes = outputs.episode(Episode.LABELLED, episode.run, episode.policyId, outcome, "");
      recorder.amend(
          episode.bag,
          outputs.episodeTopic(),
          bytes,
          closed ->
              done.accept(
                  new Labelled(closed.fault().isEmpty(), closed.fault().orElse(""), episodeId)));
    }
  }

  private void labelRunning(EpisodeRun run, Outcome outcome, Consumer<Labelled> done) {
    if (!run.open) {
      done.accept(
          new Labelled(
              false, "episode " + run.id + " has no observation yet; cancel it instead", run.id));
      return;
    }
    long stamp = Stamps.nanos(outcome.header().stamp());
    if (stamp > newestStampNanos) { // its observation is still on the way
      ending = new Ending(outcome, System.nanoTime() + LAST_OBSERVATION_NANOS);
    } else {
      finish(
          stamp == 0 ? outcome.withHeader(new Header(Stamps.time(newestStampNanos), "")) : outcome);
    }
    done.accept(new Labelled(true, "", run.id));
  }

  private void finish(Outcome outcome) {
    EpisodeRun run = running;
    if (run == null) {
      return;
    }
    running = null;
    ending = null;
    listener.ended(run, Math.max(newestStampNanos, Stamps.nanos(outcome.header().stamp())));
    policies.boundary();
    info.accept(
        "episode %s: %s after %d ticks, says %s %s"
            .formatted(run.id, name(outcome), run.commands, outcome.labeller(), outcome.reason()));
    if (!run.open) {
      run.client.ended(new Ended(run.id, outcome, Optional.empty(), 0));
      return;
    }
    outputs.episode(Episode.ENDED, run, policyId, outcome, "");
    past.put(run.id, new Past(run, recorder.bag(run.id), policyId));
    if (closing++ == 0) {
      allClosed = new CompletableFuture<>();
    }
    recorder.end(closed -> control.execute(() -> closed(run, outcome, closed)));
  }

  /** The bag is on the disk, or what there was room for. */
  private void closed(EpisodeRun run, Outcome outcome, Recorder.Closed closed) {
    Outcome told = outcome;
    if (recorder.dropped() > droppedBefore) {
      info.accept(
          "%d messages of episode %s are not recorded"
              .formatted(recorder.dropped() - droppedBefore, run.id));
    }
    if (closed.fault().isPresent() && outcome.outcome() != Outcome.ABORTED) {
      info.accept("episode " + run.id + " is not recorded: " + closed.fault().get());
      told = outcome(Outcome.ABORTED, "recorder", closed.fault().get());
    }
    run.client.ended(new Ended(run.id, told, Optional.of(closed.bag()), run.commands));
    if (--closing == 0) {
      allClosed.complete(null);
    }
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
