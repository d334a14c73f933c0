package dev.reverie.sim;

import dev.reverie.sim.PegArm.Tip;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.SplittableRandom;
import java.util.function.Supplier;
import java.util.random.RandomGenerator;
import java.util.stream.IntStream;

/**
 * Three levers, each above a coloured pod; the lever above the pod of the colour that the
 * instruction names shall be pressed down. A lever that goes down hides its pod, and springs back
 * when it is let go. The other two pods may be of one colour, so that who forgets what was hidden
 * cannot tell it from what is seen.
 */
final class PressScene extends PlanarScene {
  static final int TIME_LIMIT_TICKS = 64;

  /** Way down of a lever that counts as pressed, of 85 mm. */
  private static final double PRESSED_M = 0.08;

  /** Ticks for which a lever that counts as pressed is down. */
  private static final int HELD_TICKS = 2;

  private static final int HOLDERS = 3;

  /**
   * Beginning of an episode.
   *
   * @param x centres of the holders from left to right, metres
   * @param pods colours of their pods
   * @param wanted which of them is in one pod alone
   * @param tip of the peg
   */
  record PressLayout(List<Double> x, List<Colour> pods, Colour wanted, Tip tip) {
    PressLayout {
      x = List.copyOf(x);
      pods = List.copyOf(pods);
    }

    /** Draws one. */
    static PressLayout draw(Optional<Colour> named, RandomGenerator random) {
      PegLayout slots = PegLayout.draw(random);
      Colour wanted = named.orElse(slots.wanted());
      List<Colour> others = new ArrayList<>(List.of(Colour.values()));
      others.remove(wanted);
      int place = random.nextInt(HOLDERS);
      List<Colour> pods = new ArrayList<>();
      for (int holder = 0; holder < HOLDERS; holder++) {
        Colour other = others.get(random.nextInt(2));
        pods.add(holder == place ? wanted : other);
      }
      return new PressLayout(slots.slotX(), pods, wanted, slots.tip());
    }

    int place() {
      return pods.indexOf(wanted);
    }
  }

  private final Shift shift;
  private PressLayout layout;
  private int held;

  PressScene(Shift shift, int stepsPerTick) {
    super(PlanarMjcf.with("press-slots.xml", shift), stepsPerTick);
    this.shift = shift;
    layout = PressLayout.draw(Optional.empty(), new SplittableRandom(0));
    String _ = reset(0, "");
  }

  static String instruction(Colour colour) {
    return "press the lever above the " + colour.word() + " pod";
  }

  @Override
  public String reset(long seed, String instruction) {
    Optional<Colour> named = Colour.named(instruction);
    var random = new SplittableRandom(seed);
    layout = PressLayout.draw(named, random.split());
    held = 0;
    clear(random.split());
    double row = shift.rowM(seed);
    for (int holder = 0; holder < HOLDERS; holder++) {
      put(holder, layout.x().get(holder) + row);
      for (Colour colour : Colour.values()) {
        int pod = HOLDERS * (1 + colour.ordinal()) + holder;
        if (layout.pods().get(holder) == colour) {
          put(pod, layout.x().get(holder) + row);
        } else {
          take(pod);
        }
      }
    }
    begin(layout.tip());
    return named.isPresent() ? instruction : instruction(layout.wanted());
  }

  PressLayout layout() {
    return layout;
  }

  @Override
  public Optional<String> reached() {
    held = pushedDown(layout.place()) >= PRESSED_M ? held + 1 : 0;
    return held >= HELD_TICKS ? Optional.of("the wanted lever is down") : Optional.empty();
  }

  @Override
  public Supplier<double[]> expert(long seed) {
    var places =
        new PushExpert.Places(
            IntStream.range(0, HOLDERS).mapToObj(this::holderX).toList(), layout.place());
    return new PushExpert(this, () -> places, PushExpert.Skill.USUAL, Expert.random(seed))::command;
  }

  private double holderX(int holder) {
    return simulation().mocapPositions().get(3 * holder);
  }
}
