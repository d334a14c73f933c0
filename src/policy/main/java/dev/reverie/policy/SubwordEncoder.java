package dev.reverie.policy;

import ai.djl.huggingface.tokenizers.HuggingFaceTokenizer;
import com.fasterxml.jackson.core.JacksonException;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.reverie.rollout.Sha256;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.stream.LongStream;

/**
 * Texts to the tokens of a {@code tokenizer.json}, by the library of Hugging Face itself. Its
 * native part comes with the jar and is unpacked once, into {@code ~/.djl.ai} or the folder that
 * the environment's {@code DJL_CACHE_DIR} names; nothing is downloaded.
 */
final class SubwordEncoder {
  private static final ObjectMapper JSON = new ObjectMapper();
  private static final String SAVE = "write it with save_pretrained of a fast tokenizer";

  /**
   * Tokenizers by the file's hash. They stay for the process, since policies of a family share
   * theirs.
   */
  private static final Map<String, HuggingFaceTokenizer> KNOWN = new ConcurrentHashMap<>();

  static {
    // The library looks for a GPU to download a native part for it, reports its use, and says that
    // it has nowhere to log to.
    Map.of(
            "RUST_FLAVOR", "cpu",
            "ai.djl.offline", "true",
            "OPT_OUT_TRACKING", "true",
            "slf4j.internal.verbosity", "ERROR")
        .forEach(
            (name, value) -> {
              if (System.getProperty(name) == null) {
                System.setProperty(name, value);
              }
            });
  }

  private final Language.Subwords language;
  private final HuggingFaceTokenizer library;

  private SubwordEncoder(Language.Subwords language, HuggingFaceTokenizer library) {
    this.language = language;
    this.library = library;
  }

  /**
   * Prepares a tokenizer.
   *
   * @param file content of the {@code tokenizer.json}
   * @throws BundleException where it is none
   */
  static SubwordEncoder of(Language.Subwords language, byte[] file) {
    return new SubwordEncoder(
        language, KNOWN.computeIfAbsent(Sha256.of(file), _ -> open(language.file(), file)));
  }

  private static HuggingFaceTokenizer open(String name, byte[] file) {
    requireJson(name, file);
    try {
      // Padding and length are the bundle's, whatever the file says.
      return HuggingFaceTokenizer.newInstance(
          new ByteArrayInputStream(file), Map.of("padding", "false", "truncation", "false"));
    } catch (IOException | RuntimeException e) {
      throw new BundleException(
          "%s is no tokenizer that can be read; %s (tokenizers: %s)"
              .formatted(name, SAVE, String.valueOf(e.getMessage()).lines().findFirst().orElse("")),
          e);
    }
  }

  private static void requireJson(String name, byte[] file) {
    try {
      if (!JSON.readTree(file).path("model").isObject()) {
        throw new BundleException(
            "%s is no tokenizer that can be read: it has no model; %s".formatted(name, SAVE));
      }
    } catch (JacksonException e) {
      throw new BundleException(
          "%s is no tokenizer that can be read%s: %s; %s"
              .formatted(name, JsonWords.line(e), JsonWords.reason(e), SAVE),
          e);
    } catch (IOException e) {
      throw new IllegalStateException("bytes in memory can be read", e);
    }
  }

  /** The tokens of an instruction in its prompt, without padding. */
  long[] encode(String instruction) {
    String told = language.lowerCase() ? instruction.toLowerCase(Locale.ROOT) : instruction;
    String text = language.prompt().replace(Language.Subwords.PLACE, told);
    long[] ids = library.encode(text, language.specialTokens(), false).getIds();
    return LongStream.concat(
            LongStream.concat(numbers(language.begin()), Arrays.stream(ids)),
            numbers(language.end()))
        .toArray();
  }

  private static LongStream numbers(List<Long> tokens) {
    return tokens.stream().mapToLong(Long::longValue);
  }
}
