package dev.reverie.console;

import java.util.List;

/**
 * A person who looks at the console.
 *
 * @param person as they call themselves; it stands in the bags beside what they asked for
 */
record Visitor(Role role, String person) {
  private static final int MOST_CHARACTERS = 64;

  /** Labellers that are no person: those of Outcome.msg, and the simulated arm. */
  private static final List<String> NO_PERSON =
      List.of("robot", "recorder", "client", "time_limit", "simulated_arm");

  /** Refuses a name that could be taken for something else. */
  Visitor {
    if (person.isBlank() || !person.equals(person.strip())) {
      throw new IllegalArgumentException("the name is '%s'; give your name".formatted(person));
    }
    if (person.length() > MOST_CHARACTERS || person.codePoints().anyMatch(Visitor::isOdd)) {
      throw new IllegalArgumentException(
          "the name has %d characters; give one line of at most %d"
              .formatted(person.length(), MOST_CHARACTERS));
    }
    if (NO_PERSON.contains(person)) {
      throw new IllegalArgumentException(
          "'%s' is what programs are called in labels; give another name".formatted(person));
    }
  }

  private static boolean isOdd(int character) {
    int type = Character.getType(character);
    return Character.isISOControl(character)
        || type == Character.FORMAT
        || type == Character.LINE_SEPARATOR
        || type == Character.PARAGRAPH_SEPARATOR
        || type == Character.SURROGATE;
  }
}
