package dev.reverie.policy;

import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.function.Function;
import java.util.stream.LongStream;
import java.util.stream.Stream;

/** Instructions to tokens. */
public final class Tokenizer {
  /** Characters of an instruction that a message repeats. */
  private static final int TOLD = 80;

  private final Language language;
  private final Function<String, Tokens> encoder;

  private Tokenizer(Language language, Function<String, Tokens> encoder) {
    this.language = language;
    this.encoder = encoder;
  }

  /** Numbers the words of a vocabulary: one token a word; case and punctuation do not count. */
  public Tokenizer(Language language) {
    this(language, encoder(language, Map.of()));
  }

  /**
   * Prepares the tokens of a language.
   *
   * @param files content of the tokenizer's file by its name
   */
  static Tokenizer of(Language language, Map<String, byte[]> files) {
    return new Tokenizer(language, encoder(language, files));
  }

  private static Function<String, Tokens> encoder(Language language, Map<String, byte[]> files) {
    return switch (language) {
      case Language.None _ -> _ -> new Tokens(new long[1], new long[1]);
      case Language.Words words -> {
        Map<String, Long> numbers = new HashMap<>();
        words.words().forEach(word -> numbers.put(word, numbers.size() + 1L)); // 0 is padding
        yield instruction -> words(words, numbers, instruction);
      }
      case Language.Subwords subwords -> {
        byte[] file = files.get(subwords.file());
        if (file == null) {
          throw new BundleException(
              "there is no file %s, which language names; copy the whole bundle again"
                  .formatted(subwords.file()));
        }
        SubwordEncoder library = SubwordEncoder.of(subwords, file);
        yield instruction -> padded(subwords, library.encode(instruction), instruction);
      }
    };
  }

  /**
   * Tokens of an instruction, padded.
   *
   * @param ids [L]
   * @param mask 1 where a token is no padding, else 0, [L]
   */
  record Tokens(long[] ids, long[] mask) {}

  /**
   * The tokens of an instruction, padded to the language's length; a padding alone where the policy
   * takes no instruction.
   *
   * @throws IllegalArgumentException if it is empty, too long or has a word that the policy lacks
   */
  Tokens tokens(String instruction) {
    return encoder.apply(instruction);
  }

  /**
   * The tokens of an instruction in one row, [L], those of a tokenizer.json with the mask behind
   * them, [2 L]: which of them are padding their numbers do not tell.
   *
   * @throws IllegalArgumentException if it is empty, too long or has a word that the policy lacks
   */
  public long[] encode(String instruction) {
    Tokens tokens = tokens(instruction);
    return language instanceof Language.Subwords
        ? LongStream.concat(Arrays.stream(tokens.ids), Arrays.stream(tokens.mask)).toArray()
        : tokens.ids;
  }

  private static Tokens words(
      Language.Words vocabulary, Map<String, Long> numbers, String instruction) {
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
    long[] mask = new long[vocabulary.length()];
    for (int i = 0; i < words.size(); i++) {
      Long token = numbers.get(words.get(i));
      if (token == null) {
        throw new IllegalArgumentException(
            "instruction '%s': this policy does not know the word '%s'; it knows %s"
                .formatted(told(instruction), told(words.get(i)), vocabulary.words()));
      }
      encoded[i] = token;
      mask[i] = 1;
    }
    return new Tokens(encoded, mask);
  }

  private static Tokens padded(Language.Subwords language, long[] found, String instruction) {
    if (instruction.isBlank() || found.length > language.length()) {
      throw new IllegalArgumentException(
          "instruction '%s' has %d tokens in its prompt; this policy takes some words, and %d tokens at most"
              .formatted(told(instruction), found.length, language.length()));
    }
    long[] ids = new long[language.length()];
    long[] mask = new long[language.length()];
    int first = language.padding() == Language.Padding.LEFT ? ids.length - found.length : 0;
    Arrays.fill(ids, language.padId());
    System.arraycopy(found, 0, ids, first, found.length);
    Arrays.fill(mask, first, first + found.length, 1);
    return new Tokens(ids, mask);
  }

  /** A text for a message, which long ones do not fill. */
  private static String told(String text) {
    return text.length() <= TOLD ? text : text.substring(0, TOLD) + "...";
  }
}
