package dev.reverie.msgs;

import static org.junit.jupiter.api.Assertions.assertTrue;

import org.junit.jupiter.api.Test;

class FuzzTest {

  private static final int CASES = 200_000;

  @Test
  void brokenMessagesOfEveryTypeAreRefusedByCodecAndViewAlike() {
    var fuzzer = new CdrFuzzer(1);
    assertTrue(fuzzer.types() > 150, fuzzer.types() + " types");
    fuzzer.cutEverywhere();
    for (int i = 0; i < CASES; i++) {
      fuzzer.run(i);
    }
    // Both happen: neither nearly all nothing nor nearly all taken.
    assertTrue(fuzzer.accepted() > CASES / 10 && fuzzer.accepted() < CASES * 9 / 10);
  }
}
