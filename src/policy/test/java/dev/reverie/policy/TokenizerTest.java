package dev.reverie.policy;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import dev.reverie.testing.Refusal;
import java.util.List;
import org.junit.jupiter.api.Test;

class TokenizerTest {
  private final Tokenizer tokenizer =
      new Tokenizer(Language.words(List.of("insert", "red", "slot"), 4));

  @Test
  void wordsBecomeTokensAndTheRestIsPadding() {
    assertArrayEquals(new long[] {1, 2, 3, 0}, tokenizer.encode("insert red slot"));
  }

  @Test
  void caseAndPunctuationDoNotCount() {
    assertArrayEquals(new long[] {1, 2, 3, 0}, tokenizer.encode("  Insert: RED slot! "));
  }

  @Test
  void anUnknownWordIsNamedWithTheKnownOnes() {
    Refusal.of(
        IllegalArgumentException.class,
        () -> tokenizer.encode("insert violet slot"),
        "instruction 'insert violet slot': this policy does not know the word 'violet'; it knows"
            + " [insert, red, slot]");
  }

  @Test
  void anEmptyOrTooLongInstructionIsRefused() {
    assertThrows(IllegalArgumentException.class, () -> tokenizer.encode(" ... "));
    assertThrows(IllegalArgumentException.class, () -> tokenizer.encode("red red red red red"));
  }
}
