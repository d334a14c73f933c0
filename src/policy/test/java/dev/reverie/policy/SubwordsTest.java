package dev.reverie.policy;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.reverie.testing.Refusal;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

/** Tokens of a tokenizer.json are those of Hugging Face's Python library (bench/tokenizer.py). */
class SubwordsTest {
  private static Tokenizer tokenizer(
      String prompt, boolean special, List<Long> begin, Language.Padding padding, int length) {
    var language =
        new Language.Subwords(
            "tokenizer.json", prompt, false, special, begin, List.of(), length, padding, 0);
    return Tokenizer.of(language, Map.of("tokenizer.json", BoundPolicy.resource("tokenizer.json")));
  }

  @Test
  void theTokensOfSomeHundredTextsAreThoseOfPython() throws IOException {
    JsonNode texts = new ObjectMapper().readTree(BoundPolicy.resource("tokenizer-texts.json"));
    assertTrue(texts.size() > 300);
    Tokenizer whole = tokenizer("{instruction}", true, List.of(), Language.Padding.RIGHT, 200);
    Tokenizer bare = tokenizer("{instruction}", false, List.of(), Language.Padding.LEFT, 200);
    for (JsonNode one : texts) {
      String text = one.get("text").asText();
      if (text.isBlank()) {
        continue;
      }
      long[] ids = ids(one.get("ids"));
      assertArrayEquals(Arrays.copyOf(ids, 200), whole.tokens(text).ids(), text);
      long[] few = ids(one.get("bare"));
      long[] row = bare.encode(text);
      assertArrayEquals(few, Arrays.copyOfRange(row, 200 - few.length, 200), text);
      assertEquals(few.length, Arrays.stream(row, 200, 400).sum(), text);
    }
  }

  private static long[] ids(JsonNode node) {
    return IntStream.range(0, node.size()).mapToLong(i -> node.get(i).asLong()).toArray();
  }

  @Test
  void aPromptStandsAroundTheInstructionAndTokensAroundThePrompt() {
    long[] text =
        tokenizer("do: {instruction}!", false, List.of(), Language.Padding.RIGHT, 32)
            .tokens("put it")
            .ids();
    long[] all =
        tokenizer("{instruction}", false, List.of(1L), Language.Padding.RIGHT, 33)
            .tokens("do: put it!")
            .ids();
    assertEquals(1, all[0]);
    assertArrayEquals(text, Arrays.copyOfRange(all, 1, 33));
  }

  @Test
  void whatIsTooLongOrNoTokenizerIsRefused() {
    Tokenizer few = tokenizer("{instruction}", true, List.of(), Language.Padding.RIGHT, 4);
    Refusal.of(
        IllegalArgumentException.class,
        () -> few.encode("put the red peg into the slot"),
        "tokens in its prompt",
        "4 tokens at most");
    var language =
        new Language.Subwords(
            "words.json",
            "{instruction}",
            false,
            true,
            List.of(),
            List.of(),
            8,
            Language.Padding.RIGHT,
            0);
    Refusal.of(BundleException.class, () -> Tokenizer.of(language, Map.of()), "no file words.json");
    Refusal.of(
        BundleException.class,
        () -> read(language, "{}"),
        "words.json is no tokenizer that can be read: it has no model; write it with"
            + " save_pretrained");
    Refusal.of(
        BundleException.class,
        () -> read(language, "{\"model\": "),
        "words.json is no tokenizer that can be read, line 1: it ends too early",
        "save_pretrained");
    Refusal.of(
        BundleException.class,
        () -> read(language, "{\"model\": {\"type\": \"Foo\"}}"),
        "words.json is no tokenizer that can be read; write it with save_pretrained",
        "(tokenizers: ");
  }

  private static Tokenizer read(Language.Subwords language, String file) {
    return Tokenizer.of(language, Map.of("words.json", file.getBytes(StandardCharsets.UTF_8)));
  }
}
