package dev.reverie.sim;

import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Optional;

/** The colour of a slot; the ordinal is the mocap body's number in the scene. */
enum Colour {
  RED,
  GREEN,
  BLUE;

  /** The instruction to put the peg into the slot of this colour. */
  String instruction() {
    return "insert the peg into the " + word() + " slot";
  }

  String word() {
    return name().toLowerCase(Locale.ROOT);
  }

  /**
   * The colour that an instruction names; empty for an empty instruction.
   *
   * @throws IllegalArgumentException if it names none, or more than one
   */
  static Optional<Colour> named(String instruction) {
    if (instruction.isBlank()) {
      return Optional.empty();
    }
    List<String> words = List.of(instruction.toLowerCase(Locale.ROOT).split("[^a-z]+"));
    List<Colour> named =
        Arrays.stream(values()).filter(colour -> words.contains(colour.word())).toList();
    if (named.size() != 1) {
      throw new IllegalArgumentException(
          "instruction '%s' names %s; say for example '%s', with one of red, green and blue"
              .formatted(
                  instruction,
                  named.isEmpty() ? "no slot" : "more than one slot",
                  GREEN.instruction()));
    }
    return Optional.of(named.getFirst());
  }
}
