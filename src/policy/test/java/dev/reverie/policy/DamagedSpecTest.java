package dev.reverie.policy;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.core.JsonPointer;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * Every field of a bundle of format 2, set to what it must not be by somebody who signs it anew: it
 * is opened, or refused in our words.
 */
class DamagedSpecTest {
  private static final ObjectMapper JSON = new ObjectMapper();

  private static final List<String> WRONG =
      List.of(
          "null",
          "-1",
          "0",
          "0.5",
          "1e308",
          "9223372036854775807",
          "\"\"",
          "\"other\"",
          "[]",
          "[[]]",
          "{}",
          "true");

  /** Words of libraries, which tell nobody what to do. */
  private static final List<String> RAW =
      List.of("fasterxml", "onnxruntime", "Exception", "java.", "[Source", "protobuf", "null)");

  @TempDir Path folder;

  private Path save() {
    Path bundle = folder.resolve("bundle");
    BoundPolicy.bundle(new HeadSpec.Regression(List.of(0.1, 0.1))).save(bundle);
    return bundle;
  }

  /** The places of all values of a document. */
  private static void places(JsonNode node, JsonPointer at, List<JsonPointer> found) {
    if (!at.matches()) {
      found.add(at);
    }
    switch (node) {
      case ObjectNode object ->
          object
              .properties()
              .forEach(each -> places(each.getValue(), at.appendProperty(each.getKey()), found));
      case ArrayNode array -> {
        for (int i = 0; i < array.size(); i++) {
          places(array.get(i), at.appendIndex(i), found);
        }
      }
      default -> {}
    }
  }

  private static JsonNode with(JsonNode whole, JsonPointer at, String value) throws IOException {
    JsonNode changed = whole.deepCopy();
    JsonNode wrong = JSON.readTree(value);
    switch (changed.at(at.head())) {
      case ObjectNode object -> object.set(at.last().getMatchingProperty(), wrong);
      case ArrayNode array -> array.set(at.last().getMatchingIndex(), wrong);
      default -> throw new IllegalStateException(at.toString());
    }
    return changed;
  }

  private static JsonNode without(JsonNode whole, JsonPointer at) {
    JsonNode changed = whole.deepCopy();
    switch (changed.at(at.head())) {
      case ObjectNode object -> object.remove(at.last().getMatchingProperty());
      case ArrayNode array -> array.remove(at.last().getMatchingIndex());
      default -> throw new IllegalStateException(at.toString());
    }
    return changed;
  }

  /** Opens a bundle with another file in it; what is wrong with the refusal, if it is refused. */
  private static Stream<String> fault(Path bundle, String file, JsonNode changed, String what)
      throws IOException {
    Files.write(bundle.resolve(file), JSON.writeValueAsBytes(changed));
    try {
      var _ = BundleSignature.renew(bundle);
      var _ = PolicyBundle.load(bundle);
      return Stream.empty();
    } catch (BundleException e) {
      String message = String.valueOf(e.getMessage());
      return RAW.stream().filter(message::contains).map(raw -> what + ": " + message);
    } catch (RuntimeException | StackOverflowError e) {
      return Stream.of(what + ": " + e);
    }
  }

  private static List<String> faults(Path bundle, String file, int every) throws IOException {
    JsonNode whole = JSON.readTree(Files.readAllBytes(bundle.resolve(file)));
    List<JsonPointer> all = new ArrayList<>();
    places(whole, JsonPointer.empty(), all);
    List<String> faults = new ArrayList<>();
    for (int i = 0; i < all.size(); i += every) {
      JsonPointer at = all.get(i);
      fault(bundle, file, without(whole, at), at + " left out").forEach(faults::add);
      for (String wrong : WRONG) {
        fault(bundle, file, with(whole, at, wrong), at + " " + wrong).forEach(faults::add);
      }
    }
    Files.write(bundle.resolve(file), JSON.writeValueAsBytes(whole));
    assertTrue(!all.isEmpty(), file);
    return faults;
  }

  @Test
  void eachFieldThatIsWrongIsRefusedInOurWords() throws IOException {
    assertEquals(List.of(), faults(save(), "bundle.json", 1));
  }

  @Test
  void eachKindOfFieldOfTheTokenizerIsRefusedInOurWords() throws IOException {
    assertEquals(List.of(), faults(save(), "tokenizer.json", 7));
  }

  @Test
  void aSignatureThatIsNoneIsRefusedInOurWords() throws IOException {
    Path bundle = save();
    Path file = bundle.resolve(BundleSignature.FILE);
    for (String wrong : WRONG) {
      for (String key : List.of("bundle", "ed25519")) {
        var changed = (ObjectNode) JSON.readTree(Files.readAllBytes(file));
        JsonNode before = changed.deepCopy();
        changed.set(key, JSON.readTree(wrong));
        Files.write(file, JSON.writeValueAsBytes(changed));
        try {
          var _ = PolicyBundle.load(bundle);
        } catch (BundleException e) {
          String message = String.valueOf(e.getMessage());
          assertTrue(RAW.stream().noneMatch(message::contains), key + " " + wrong + ": " + message);
        }
        Files.write(file, JSON.writeValueAsBytes(before));
      }
    }
  }
}
