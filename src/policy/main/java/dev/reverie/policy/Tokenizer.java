package dev.reverie.policy;

import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.stream.Stream;

/** Instructions to tokens: one token a word; case and punctuation do not count. */
public final class Tokenizer {
  /** Characters of an instruction that a message repeats. */
  private static final int TOLD = 80;

  private final BundleSpec.Vocabulary vocabulary;
  private final Map<String, Long> tokens = new HashMap<>();

  /** Numbers the words of a vocabulary. */
  public Tokenizer(BundleSpec.Vocabulary vocabulary) {
    this.vocabulary = vocabulary;
    for (String word : vocabulary.words()) {
      tokens.put(word, tokens.size() + 1L); // 0 is padding
    }
  }

  /**
   * The tokens of an instruction, padded with 0 to the vocabulary's length; a padding alone where
   * the policy takes no instruction.
   *
   * @throws IllegalArgumentException if it is empty, too long or has a word that the policy lacks
   */
  public long[] encode(String instruction) {
    if (vocabulary.words().isEmpty()) {
      return new long[1];
    }
    List<String> words =
        Stream.of(instruction.toLowerCase(Locale.ROOT).split("[^\\p{L}\\p{N}]+"))
            .filter(word -> !word.isEmpty())
            .toList();
    if (words.isEmpty() || words.size() > vocabulary.length()) {
      throw new IllegalArgumentException(
          "instruction '%s' has %d words; this policy takes 1 to %d"
              .formatted(told(instruction), words.size(), vocabulary.length()));
    }
    long[] encoded = new long[vocabulary.length()];
    for (int i = 0; i < words.size(); i++) {
      Long token = tokens.get(words.get(i));
      if (token == null) {
        throw new IllegalArgumentException(
            "instruction '%s': this policy does not know the word '%s'; it knows %s"
                .formatted(told(instruction), told(words.get(i)), vocabulary.words()));
      }
      encoded[i] = token;
    }
    return encoded;
  }

  /** A text for a message, which long ones do not fill. */
  private static String told(String text) {
    return text.length() <= TOLD ? text : text.substring(0, TOLD) + "...";
  }
}
