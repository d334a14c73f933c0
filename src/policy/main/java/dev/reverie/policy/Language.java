package dev.reverie.policy;

import com.fasterxml.jackson.annotation.JsonProperty;
import com.fasterxml.jackson.annotation.JsonSubTypes;
import com.fasterxml.jackson.annotation.JsonTypeInfo;
import java.util.List;
import java.util.Set;
import java.util.regex.Pattern;

/** The way in which an instruction becomes the tokens that a policy takes. */
@JsonTypeInfo(use = JsonTypeInfo.Id.NAME, property = "kind")
@JsonSubTypes({
  @JsonSubTypes.Type(value = Language.None.class, name = "none"),
  @JsonSubTypes.Type(value = Language.Words.class, name = "words"),
  @JsonSubTypes.Type(value = Language.Subwords.class, name = "tokenizer"),
})
public sealed interface Language {
  /** None: the policy takes no instruction, so that any will do. */
  static Language none() {
    return new None();
  }

  /** A vocabulary of words. */
  static Language words(List<String> words, int length) {
    return new Words(words, length);
  }

  /** L: tokens of an instruction, padding included; 0 where there are none. */
  int length();

  /** The words that it knows, where it knows words. */
  default List<String> words() {
    return List.of();
  }

  /** Returns an instruction that the policy understands. */
  default String example() {
    return words().isEmpty() ? "" : words().getFirst();
  }

  /** The policy takes no instruction. */
  record None() implements Language {
    @Override
    public int length() {
      return 0;
    }
  }

  /**
   * Lower-case words: token i + 1 is word i, 0 is padding.
   *
   * @param length L: tokens of an instruction, padding included
   */
  record Words(List<String> words, int length) implements Language {
    /** Checks that the words differ. */
    public Words {
      words = List.copyOf(words);
      if (Set.copyOf(words).size() != words.size() || words.contains("")) {
        throw new IllegalArgumentException(
            "word names %s; give each a name of its own".formatted(words));
      }
      if (words.isEmpty() || length < 1) {
        throw new IllegalArgumentException(
            "vocabulary of %d words, length %d; both must be at least 1"
                .formatted(words.size(), length));
      }
    }
  }

  /**
   * Tokens of a {@code tokenizer.json}, as the libraries of Hugging Face have them.
   *
   * @param file name of that file in the bundle
   * @param prompt text that is encoded, in which {@value #PLACE} stands for the instruction
   * @param lowerCase whether the instruction is lower-cased first
   * @param specialTokens whether those count that the file itself adds before and behind a text
   * @param begin tokens put before all others, such as that of the begin
   * @param end tokens put behind all others but padding
   * @param length L: tokens of an instruction, padding included; a longer one is refused
   * @param padding where padding stands
   * @param padId token that pads
   */
  record Subwords(
      String file,
      String prompt,
      boolean lowerCase,
      boolean specialTokens,
      List<Long> begin,
      List<Long> end,
      int length,
      Padding padding,
      long padId)
      implements Language {
    /** The text that stands for the instruction in a prompt. */
    static final String PLACE = "{instruction}";

    /** Checks the prompt and the length. */
    public Subwords {
      BundleSpec.requireFileName("language.file", file);
      begin = List.copyOf(begin);
      end = List.copyOf(end);
      if (prompt.split(Pattern.quote(PLACE), -1).length != 2) {
        throw new IllegalArgumentException(
            "prompt '%s'; write %s in it once, where the instruction goes"
                .formatted(prompt, PLACE));
      }
      if (length < 1 || length > 65_536 || begin.size() + end.size() >= length) {
        throw new IllegalArgumentException(
            "length %d with %d tokens at the begin and %d at the end; give room for an instruction, 65536 at most"
                .formatted(length, begin.size(), end.size()));
      }
      if (padId < 0 || begin.stream().anyMatch(id -> id < 0) || end.stream().anyMatch(i -> i < 0)) {
        throw new IllegalArgumentException(
            "pad_id %d, begin %s, end %s; tokens are numbers from 0 on"
                .formatted(padId, begin, end));
      }
    }

    @Override
    public String example() {
      return "pick it up";
    }
  }

  /** The side on which the padding of an instruction stands. */
  enum Padding {
    /** Before it. */
    @JsonProperty("left")
    LEFT,
    /** Behind it. */
    @JsonProperty("right")
    RIGHT
  }
}
