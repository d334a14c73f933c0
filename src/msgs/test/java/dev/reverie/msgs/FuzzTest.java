package dev.reverie.msgs;

import static org.junit.jupiter.api.Assertions.assertTrue;

import org.junit.jupiter.api.Test;

/**
 * More of it: {@code ./reverie test -pl src/msgs -am -Dtest=FuzzTest -Dfuzz.cases=10000000
 * -Dsurefire.failIfNoSpecifiedTests=false}.
 */
class FuzzTest {
  private static final long CASES = Long.getLong("fuzz.cases", 100_000);
  private static final long SEED = Long.getLong("fuzz.seed", 1);

  @Test
  void brokenMessagesOfEveryTypeAreRefusedByCodecAndViewAlike() {
    var fuzzer = new CdrFuzzer(SEED);
    assertTrue(fuzzer.types() > 150, fuzzer.types() + " types");
    fuzzer.cutEverywhere();
    for (long i = 0; i < CASES; i++) {
      fuzzer.run(i);
    }
    // Both happen: neither nearly all nothing nor nearly all taken.
    assertTrue(fuzzer.accepted() > CASES / 10 && fuzzer.accepted() < CASES * 9 / 10);
  }
}
