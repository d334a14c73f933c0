package dev.reverie.robot.control;

import dev.reverie.arm.ArmModel;
import dev.reverie.arm.Reference;
import dev.reverie.robot.control.ChunkSource.Arrival;
import dev.reverie.robot.control.EpisodeRun.Client;
import dev.reverie.robot.control.EpisodeRun.Request;
import dev.reverie.robot.sense.HoldReason;
import dev.reverie.robot.sense.HoldReason.Kind;
import dev.reverie.robot.sense.JointSample;
import dev.reverie.robot.sense.SensorSnapshot;
import dev.reverie.robot.setup.RobotParameters;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * Drives the arm through the control ticks of episodes: an observation comes, {@link
 * EpisodeControl} decides on its tick, the arm gets the command, and who has to know is told.
 * {@link Ticks} says when. For the control thread.
 */
public final class ControlLoop {
  /** After a person's last command it is told for so long why it began no episode. */
  private static final long UNBEGUN_NANOS = 2_000_000_000L;

  private final RobotParameters parameters;
  private final Senses senses;
  private final ChunkSource chunks;
  private final Episodes episodes;
  private final Outputs outputs;
  private final Holding holding;
  private final Shadow shadow;
  private final Ticks ticks;
  private final Takeover takeover;
  private String instruction;
  private @Nullable EpisodeControl control; // of the episode whose bag was opened last
  private @Nullable Reference reference; // of the arm, over all episodes
  private long ranEmpty;
  private long limitedTicks;
  private boolean unheard; // the arm may not be where it was asked to be
  private long inARow; // ticks that were limited
  private Optional<HoldReason> unbegun = Optional.empty(); // of a person's last command
  private long unbegunNanos;

  public ControlLoop(
      RobotParameters parameters,
      Senses senses,
      ChunkSource chunks,
      Episodes episodes,
      Outputs outputs,
      Holding holding,
      Shadow shadow) {
    this.parameters = parameters;
    this.senses = senses;
    this.chunks = chunks;
    this.episodes = episodes;
    this.outputs = outputs;
    this.holding = holding;
    this.shadow = shadow;
    ticks = new Ticks(parameters);
    takeover = new Takeover(parameters.lockStep());
    instruction = parameters.instruction();
  }

  public TickSchedule schedule() {
    return ticks.schedule();
  }

  /** Counts the ticks for which no action was there although the policy was to act. */
  public long ranEmpty() {
    return ranEmpty;
  }

  /** Counts the ticks whose target was limited. */
  public long limitedTicks() {
    return limitedTicks;
  }

  /** Returns why the arm holds still; empty where it does not. */
  public Optional<HoldReason> holding() {
    return holding.reason();
  }

  /** Returns why the commands of a person begin no episode; empty where none come. */
  public Optional<HoldReason> unbegun() {
    return unbegun.filter(_ -> System.nanoTime() - unbegunNanos < UNBEGUN_NANOS);
  }

  /** Returns what keeps the newest observation from being acted on; empty where nothing does. */
  public Optional<HoldReason> missing() {
    return senses.missing();
  }

  public int queued() {
    return control().map(EpisodeControl::queued).orElse(0);
  }

  /** Drops the chunk that plays, and the one that is being made. */
  public void dropChunk() {
    control().ifPresent(EpisodeControl::dropChunk);
  }

  /** Returns whether a chunk of the policy plays or is being made. */
  public boolean midChunk() {
    return queued() > 0 || chunks.busy();
  }

  /** Control of the episode that runs; empty before its first usable observation. */
  private Optional<EpisodeControl> control() {
    return Optional.ofNullable(control)
        .filter(now -> episodes.running().filter(now.run()::equals).isPresent());
  }

  /** Sets the instruction of episodes that are asked for without one. */
  public void instruct(String text) {
    instruction = text;
  }

  /** Begins an episode, or refuses it; its first tick is the next one. */
  public void begin(Request asked, Client client) {
    Request request = asked.instruction().isEmpty() ? asked.withInstruction(instruction) : asked;
    if (episodes.begin(request, client).isPresent()) {
      ticks.begin(System.nanoTime());
      senses.following().end();
      besideOrNot(request);
      takeover.begin(request.teleop());
      inARow = 0;
      chunks.begin(request);
      if (parameters.lockStep()) {
        step(); // the observation that time stands still at
      }
    }
  }

  /** Decides whether the episode goes beside the arm. */
  private void besideOrNot(Request request) {
    boolean on = shadow.covers(request);
    if (outputs.beside(on) || on) {
      reference = null; // the arm is elsewhere
    }
    if (!on && !request.teleop()) {
      shadow.moves();
    }
  }

  /** Ends the episode in which a policy went live that may not move the arm yet. */
  public void swapped() {
    Optional<EpisodeRun> run = episodes.running();
    if (run.isPresent() && shadow.covers(run.get().request()) && !outputs.isBeside()) {
      episodes.breakOff(HoldReason.of(Kind.STOPPED, shadow.notice().orElse("in shadow")));
    }
  }

  /** Takes the observation that an input completes, and its tick where it is due. */
  public void observed() {
    Optional<SensorSnapshot> sensed = senses.sync().take();
    if (sensed.isPresent()) {
      episodes.observed(sensed.get().stampNanos());
      if (parameters.lockStep()) {
        control().ifPresent(EpisodeControl::forgo); // the arm's time goes on without its command
      }
      if (ticks.takes(System.nanoTime())) {
        step();
      }
    }
  }

  /** Ends the episode whose clock was set anew. */
  public void jumped(HoldReason reason) {
    if (episodes.running().isPresent()) {
      holding.because(reason);
      episodes.breakOff(reason);
    }
  }

  /** Answers an observation that comes again in lock-step with its command again. */
  public void repeated(long stampNanos) {
    if (episodes.running().isPresent() && ticks.answeredLast(stampNanos)) {
      outputs.repeatTrajectory();
    }
  }

  /** Lets what waited for the arm's URDF go on. */
  public void described() {
    step();
  }

  /** Makes one tick of the newest observation: observe, decide, apply, tell. */
  private void step() {
    Optional<EpisodeRun> run = episodes.running();
    Optional<SensorSnapshot> newest = unanswered();
    if (run.isEmpty() || newest.isEmpty()) {
      return;
    }
    SensorSnapshot sensed = newest.get();
    if (control().isEmpty() && takeover.awaits(sensed.stampNanos())) {
      return; // it may be from before the arm's reset, and then nobody answers it
    }
    heardAgain();
    Optional<HoldReason> fault = senses.fault(sensed);
    if (control().isEmpty() && fault.isPresent()) {
      holding.because(fault.get());
      return;
    }
    EpisodeControl control = control().orElseGet(() -> open(run.get(), sensed));
    Tick tick =
        fault.isPresent() ? control.hold(sensed.joints(), fault.get()) : control.tick(sensed);
    apply(tick);
  }

  /** Begins where the arm rests, where nobody heard for some time what it was asked to do. */
  private void heardAgain() {
    Reference moving = reference;
    Optional<JointSample> measured = newestJoints();
    if (unheard
        && moving != null
        && measured.isPresent()
        && senses.surroundings().fault().isEmpty()) {
      long now = System.nanoTime();
      if (moving.plan().rests(now)) { // somewhere else, perhaps, than what was heard last
        moving.standAt(measured.get().positions(), now);
      }
      outputs.follow(moving);
      unheard = false;
    }
  }

  /** Newest observation that was not answered and does not wait. */
  private Optional<SensorSnapshot> unanswered() {
    return control().filter(EpisodeControl::isWaiting).isPresent()
        ? Optional.empty()
        : senses.sync().newest().filter(ticks::unanswered);
  }

  /** Opens the episode at its first usable observation. */
  private EpisodeControl open(EpisodeRun run, SensorSnapshot first) {
    ticks.open(first, System.nanoTime());
    var arm = senses.arm().model().orElseThrow(); // else there would be a fault
    arm.actions().begin(first.joints().positions());
    var opened =
        new EpisodeControl(
            run,
            arm,
            reference(arm, first),
            parameters,
            senses,
            chunks,
            takeover,
            this::arrived,
            outputs::settle);
    control = opened;
    episodes.open(first);
    if (outputs.isBeside()) {
      shadow.notice().ifPresent(outputs::noticed);
    }
    return opened;
  }

  /** Returns what the arm is asked to do from now on; in lock-step each command is alone. */
  private Optional<Reference> reference(ArmModel arm, SensorSnapshot first) {
    if (parameters.lockStep()) {
      return Optional.empty();
    }
    double[] measured =
        senses.sync().newestJoints().filter(senses::usable).orElse(first.joints()).positions();
    long now = System.nanoTime();
    if (reference == null || !reference.goesOnFrom(arm.joints(), measured, now)) {
      reference = new Reference(arm.joints(), parameters.periodS(), measured, now);
    }
    outputs.follow(reference);
    if (!outputs.isBeside()) {
      senses.following().begin(arm.joints(), reference);
    }
    return Optional.of(reference);
  }

  /** Sends the arm what was decided, and tells who has to know. */
  private void apply(Tick tick) {
    long now = System.nanoTime();
    unheard |= tick.why().filter(why -> why.kind() == Kind.NO_CONTROLLER).isPresent();
    outputs.send(tick, newestJoints());
    if (tick instanceof Tick.Sent sent) {
      senses.following().told(sent.measured().positions(), sent.positions(), now);
    }
    ticks.after(tick, now, arrivalNanos(tick));
    outputs.safety().tell(tick, takeover.personActs(now), newestStampNanos());
    holding.after(tick);
    episodes.after(tick);
    if (tick instanceof Tick.Held held && held.reason().kind() == Kind.POLICY_LATE) {
      ranEmpty++;
    }
    limited(tick);
  }

  /** Counts the ticks that were limited, and ends the episode in which too many are. */
  private void limited(Tick tick) {
    if (!(tick instanceof Tick.Sent sent) || sent.limits().isEmpty()) {
      inARow = tick instanceof Tick.Waiting ? inARow : 0;
      return;
    }
    limitedTicks++;
    inARow++;
    long most = parameters.motion().limitedTicks();
    if (most > 0 && inARow > most) {
      String text =
          "%d ticks in a row were limited, at most %d are allowed: %s; look at the policy's scale and at the limits, or set limited_ticks"
              .formatted(inARow, most, sent.limits().getFirst().text());
      var reason = HoldReason.of(Kind.OVERLIMITED, text);
      holding.because(reason);
      episodes.breakOff(reason);
    }
  }

  private Optional<JointSample> newestJoints() {
    return senses.sync().newestJoints().filter(joints -> joints.fault().isEmpty());
  }

  /** Returns when the last input of what a tick answers came. */
  private long arrivalNanos(Tick tick) {
    return switch (tick) {
      case Tick.Answer answer ->
          senses
              .sync()
              .newest()
              .filter(sensed -> sensed.joints() == answer.measured())
              .map(SensorSnapshot::arrivalNanos)
              .orElse(answer.measured().arrivalNanos());
      case Tick.Blind _, Tick.Waiting _ -> 0;
    };
  }

  private long newestStampNanos() {
    return senses.sync().newest().map(SensorSnapshot::stampNanos).orElse(0L);
  }

  private void arrived(Arrival arrival) {
    control().flatMap(now -> now.arrived(arrival)).ifPresent(this::apply);
  }

  /** Takes the command of a person, which may begin an episode. */
  public void teleop(TeleopCommand command) {
    if (episodes.running().isEmpty()) {
      Optional<HoldReason> reason = beginDemonstration();
      if (reason.isPresent()) {
        unbegun = reason;
        unbegunNanos = System.nanoTime();
        holding.because(reason.get());
        return;
      }
    }
    takeover.add(command);
    Optional<EpisodeControl> running = control();
    if (running.isPresent()) {
      running.get().commanded().ifPresent(this::apply);
    } else if (episodes.running().isPresent()) {
      takeover.takes();
      if (parameters.lockStep()) {
        step();
      }
    }
  }

  /** Begins an episode for the person who commands, where it may begin; else says why not. */
  private Optional<HoldReason> beginDemonstration() {
    Admission admission = episodes.admission();
    if (admission.suspended().isPresent()) {
      return admission.suspended();
    }
    if (parameters.lockStep() || admission.isStopped()) {
      return Optional.empty();
    }
    if (instruction.isBlank()) {
      return Optional.of(
          HoldReason.of(
              Kind.NO_INSTRUCTION,
              "teleop commands come but no episode runs; send a goal to ~/run_policy with teleop,"
                  + " or an instruction on ~/instruction"));
    }
    Optional<String> tooLong = RobotParameters.tooLong(instruction);
    if (tooLong.isEmpty()) {
      begin(new Request(instruction, true, 0, 0, 0), ended -> {});
    }
    return tooLong.map(
        text ->
            HoldReason.of(
                Kind.NO_INSTRUCTION, "teleop commands come but no episode runs: " + text));
  }

  /** Looks after ticks that are overdue; to be called some times a period. */
  public void watch() {
    chunks.watch();
    if (control().isEmpty()) {
      senses.following().end();
    } else {
      senses.following().look(newestJoints(), System.nanoTime());
    }
    if (episodes.running().isEmpty()) {
      return;
    }
    switch (ticks.due(unanswered().isPresent(), System.nanoTime())) {
      case NOTHING -> {
        if (moves() && blind()) {
          overdue(); // rather than to go on until the tick is due
        }
      }
      case TICK -> step();
      case OVERDUE -> overdue();
      case FIRST_OBSERVATION -> holding.because(senses.blind());
      case END -> episodes.stalled(holding.reason().orElseGet(this::stalls));
    }
  }

  /** Returns whether the arm moves in real time by itself: by the policy, for the time being. */
  private boolean moves() {
    return !parameters.lockStep() && control().isPresent() && holding.reason().isEmpty();
  }

  /** Returns whether what is known by now keeps the arm from going on without another tick. */
  private boolean blind() {
    return !parameters.lockStep()
        && senses
            .sync()
            .newest()
            .flatMap(senses.check()::fault)
            .or(senses.following()::fault)
            .or(senses.surroundings()::fault)
            .isPresent();
  }

  /** Returns what the tick in lock-step waits for that does not come. */
  private HoldReason stalls() {
    boolean silent =
        takeover.personActs(System.nanoTime())
            && senses.sync().newest().filter(ticks::unanswered).isPresent();
    return silent ? EpisodeControl.NO_PERSON : senses.blind();
  }

  /** Makes a tick that goes without its observation, its inference or the person. */
  private void overdue() {
    heardAgain();
    Optional<JointSample> newer =
        senses
            .sync()
            .newestJoints()
            .filter(ticks::unanswered)
            .filter(senses::usable)
            .filter(_ -> !blind());
    control().ifPresent(now -> apply(now.overdue(newer, senses::blind)));
  }
}
