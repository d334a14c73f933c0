package dev.reverie.sim;

import java.util.Optional;
import java.util.SplittableRandom;
import java.util.function.Supplier;
import java.util.random.RandomGenerator;

/**
 * Three coloured slots below the arm; the peg shall go into the slot of the colour that the
 * instruction names.
 */
final class PegScene extends PlanarScene {
  /** Room of the peg in a slot. */
  enum Clearance {
    /** 4 cm on each side. */
    WIDE(0.04),
    /** 5 mm on each side. */
    TIGHT(0.005);

    /** Half the slot less half the peg. */
    private final double sideM;

    Clearance(double sideM) {
      this.sideM = sideM;
    }
  }

  /** Ticks after which an episode has failed. */
  static final int TIME_LIMIT_TICKS = 32;

  /** Room for a peg that leans. */
  private static final double LEAN_M = 0.005;

  private static final double SUCCESS_Z_M = 0.155;

  private final Clearance clearance;
  private final Shift shift;
  private PegLayout layout = PegLayout.draw(new SplittableRandom(0));

  /** Creates the scene with wide slots. */
  PegScene() {
    this(Clearance.WIDE, Shift.NONE, STEPS_PER_TICK);
  }

  PegScene(Clearance clearance, Shift shift, int stepsPerTick) {
    super(
        clearance == Clearance.WIDE
            ? PlanarMjcf.of(shift)
            : PlanarMjcf.with("tight-slots.xml", shift),
        stepsPerTick);
    this.clearance = clearance;
    this.shift = shift;
    reset(layout, new SplittableRandom(0));
  }

  @Override
  public String reset(long seed, String instruction) {
    Optional<Colour> wanted = Colour.named(instruction);
    reset(seed, wanted);
    return wanted.isPresent() ? instruction : layout.wanted().instruction();
  }

  /**
   * Begins an episode.
   *
   * @param wanted where empty, the colour too is drawn from the seed
   */
  void reset(long seed, Optional<Colour> wanted) {
    var random = new SplittableRandom(seed);
    PegLayout drawn = PegLayout.draw(random.split()).movedBy(shift.rowM(seed));
    reset(wanted.map(drawn::withWanted).orElse(drawn), random.split());
  }

  /**
   * Loads the scene.
   *
   * @param noise of the actuators
   */
  void reset(PegLayout layout, RandomGenerator noise) {
    this.layout = layout;
    clear(noise);
    for (int slot = 0; slot < 3; slot++) {
      put(layout.colours().get(slot).ordinal(), layout.slotX().get(slot));
    }
    begin(layout.tip());
  }

  PegLayout layout() {
    return layout;
  }

  /** Tells whether the peg is down in the wanted slot. */
  boolean succeeded() {
    PegArm.Tip at = tip();
    return Math.abs(at.x() - layout.wantedX()) <= clearance.sideM + LEAN_M && at.z() < SUCCESS_Z_M;
  }

  @Override
  public Optional<String> reached() {
    return succeeded() ? Optional.of("the peg is in the wanted slot") : Optional.empty();
  }

  @Override
  public Supplier<double[]> expert(long seed) {
    return clearance == Clearance.WIDE
        ? new Expert(this, Expert.random(seed))::command
        : new PushExpert(this, this::places, PushExpert.Skill.PRECISE, Expert.random(seed))
            ::command;
  }

  private PushExpert.Places places() {
    return new PushExpert.Places(layout.slotX(), layout.colours().indexOf(layout.wanted()));
  }
}
