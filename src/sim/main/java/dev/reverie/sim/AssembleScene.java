package dev.reverie.sim;

import java.util.List;
import java.util.Optional;
import java.util.SplittableRandom;
import java.util.function.Supplier;
import java.util.stream.IntStream;

/**
 * Three slots, each with a white plunger that the peg pushes down, one after the other: a yellow
 * bolt below a plunger holds it up until the one before it is down, so that the order, which is
 * drawn, is kept by what is in the way and can be seen.
 */
final class AssembleScene extends PlanarScene {
  static final int TIME_LIMIT_TICKS = 128;

  static final String INSTRUCTION = "push down every plunger in the order of the bolts";

  /** Way of a plunger that counts as down, of 70 mm. */
  private static final double DOWN_M = 0.06;

  private static final int SLOTS = 3;

  private final Shift shift;
  private List<Double> slotX = List.of(); // of the plungers in the order of the scene
  private List<Integer> order = List.of(); // plungers, as they are to go down
  private int done;

  AssembleScene(Shift shift, int stepsPerTick) {
    super(PlanarMjcf.with("assemble-slots.xml", shift), stepsPerTick);
    this.shift = shift;
    String _ = reset(0, "");
  }

  @Override
  public String reset(long seed, String instruction) {
    if (!instruction.isBlank() && !instruction.equals(INSTRUCTION)) {
      throw new IllegalArgumentException(
          "instruction '%s'; what can be done here is '%s'".formatted(instruction, INSTRUCTION));
    }
    var random = new SplittableRandom(seed);
    var drawn = random.split();
    PegLayout layout = PegLayout.draw(drawn).movedBy(shift.rowM(seed));
    order = PegLayout.draw(drawn).colours().stream().map(Colour::ordinal).toList();
    slotX =
        IntStream.range(0, SLOTS)
            .mapToObj(slot -> layout.slotX().get(layout.colours().indexOf(Colour.values()[slot])))
            .toList();
    done = 0;
    clear(random.split());
    for (int slot = 0; slot < SLOTS; slot++) {
      put(slot, slotX.get(slot));
    }
    bolt();
    begin(layout.tip());
    return INSTRUCTION;
  }

  /** Bolts the plungers whose turn has not come. */
  private void bolt() {
    for (int turn = 0; turn < SLOTS; turn++) {
      int slot = order.get(turn);
      if (turn > done) {
        put(SLOTS + slot, slotX.get(slot));
      } else {
        take(SLOTS + slot);
      }
    }
  }

  @Override
  public void tick(double[] command) {
    super.tick(command);
    while (done < SLOTS && pushedDown(order.get(done)) >= DOWN_M) {
      done++;
    }
    bolt();
  }

  /** [3] where the plungers stand, in the order in which they are to go down, metres. */
  List<Double> inOrder() {
    return order.stream().map(slotX::get).toList();
  }

  /** Plungers that are down. */
  int done() {
    return done;
  }

  @Override
  public Optional<String> reached() {
    return done == SLOTS ? Optional.of("all plungers are down") : Optional.empty();
  }

  @Override
  public Supplier<double[]> expert(long seed) {
    return new PushExpert(this, this::places, PushExpert.Skill.LONG, Expert.random(seed))::command;
  }

  private PushExpert.Places places() {
    return new PushExpert.Places(slotX, done < SLOTS ? order.get(done) : -1);
  }
}
