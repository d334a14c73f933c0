package dev.reverie.sim;

import dev.reverie.sim.PegArm.Tip;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.random.RandomGenerator;

/**
 * Beginning of an episode.
 *
 * @param slotX centres of the slots from left to right, metres
 * @param colours of these slots, each once
 * @param wanted colour of the slot that the peg shall go into
 * @param tip of the peg
 */
record PegLayout(List<Double> slotX, List<Colour> colours, Colour wanted, Tip tip) {
  private static final List<Double> CENTRES = List.of(0.19, 0.50, 0.81);
  private static final double JITTER_M = 0.03;

  PegLayout {
    slotX = List.copyOf(slotX);
    colours = List.copyOf(colours);
    if (slotX.size() != 3 || colours.size() != 3 || colours.stream().distinct().count() != 3) {
      throw new IllegalArgumentException(
          "slots at %s in %s; there must be three, each of its own colour"
              .formatted(slotX, colours));
    }
  }

  static PegLayout draw(RandomGenerator random) {
    List<Double> slotX =
        CENTRES.stream().map(x -> x + random.nextDouble(-JITTER_M, JITTER_M)).toList();
    List<Colour> colours = new ArrayList<>(List.of(Colour.values()));
    for (int last = colours.size() - 1; last > 0; last--) { // Fisher and Yates
      Collections.swap(colours, last, random.nextInt(last + 1));
    }
    Colour wanted = Colour.values()[random.nextInt(3)];
    return new PegLayout(
        slotX,
        colours,
        wanted,
        new Tip(random.nextDouble(0.15, 0.85), random.nextDouble(0.38, 0.48)));
  }

  PegLayout withWanted(Colour colour) {
    return new PegLayout(slotX, colours, colour, tip);
  }

  /** The same with all slots farther to the right, metres. */
  PegLayout movedBy(double x) {
    return new PegLayout(slotX.stream().map(at -> at + x).toList(), colours, wanted, tip);
  }

  double wantedX() {
    return slotX.get(colours.indexOf(wanted));
  }
}
