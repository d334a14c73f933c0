package dev.reverie.policy;

import dev.reverie.policy.BundleSpec.Camera;
import dev.reverie.policy.BundleSpec.Chunk;
import dev.reverie.policy.BundleSpec.Lineage;
import java.util.List;
import java.util.SortedMap;

/**
 * {@code bundle.json} of format 1, whose keys are these in this order.
 *
 * @param frozen float initializers that training leaves alone
 */
record Format1(
    int format,
    List<Camera> cameras,
    List<String> jointNames,
    ActionSpace actionSpace,
    Chunk chunk,
    HeadSpec head,
    Vocabulary vocabulary,
    List<String> frozen,
    Lineage lineage,
    SortedMap<String, String> files) {
  /**
   * The instruction's language.
   *
   * @param kind {@code words} or {@code none}
   */
  record Vocabulary(String kind, List<String> words, int length) {
    /** Checks that the kind is known, and that there are words where it needs them. */
    Vocabulary {
      Language _ = language(kind, words, length);
    }

    private static Language language(String kind, List<String> words, int length) {
      switch (kind) {
        case "words" -> {
          return Language.words(words, length);
        }
        case "none" -> {
          if (!words.isEmpty() || length != 0) {
            throw new IllegalArgumentException(
                "vocabulary of %d words, length %d; where there is none, give no words and length 0"
                    .formatted(words.size(), length));
          }
          return Language.none();
        }
        default ->
            throw new IllegalArgumentException(
                "vocabulary '%s' is unknown; format 1 knows words and none, format 2 a tokenizer.json too"
                    .formatted(kind));
      }
    }

    private static Vocabulary of(Language language) {
      return new Vocabulary(
          language.words().isEmpty() ? "none" : "words", language.words(), language.length());
    }
  }

  /** Returns what it says, as format 2 has it. */
  BundleSpec spec() {
    return new BundleSpec(
        format,
        cameras,
        jointNames,
        actionSpace,
        chunk,
        GraphSpec.FORMAT_1,
        head,
        Vocabulary.language(vocabulary.kind, vocabulary.words, vocabulary.length),
        ParameterSpec.allBut(frozen),
        BundleSpec.Execution.WHOLE,
        BundleSpec.Limits.NONE,
        BundleSpec.Probe.DEFAULT,
        lineage,
        files);
  }

  static Format1 of(BundleSpec spec) {
    return new Format1(
        spec.format(),
        spec.cameras(),
        spec.jointNames(),
        spec.actionSpace(),
        spec.chunk(),
        spec.head(),
        Vocabulary.of(spec.language()),
        spec.parameters().frozen(),
        spec.lineage(),
        spec.files());
  }
}
