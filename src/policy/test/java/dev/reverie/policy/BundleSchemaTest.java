package dev.reverie.policy;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import com.networknt.schema.Error;
import com.networknt.schema.Schema;
import com.networknt.schema.SchemaRegistry;
import com.networknt.schema.SpecificationVersion;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** The JSON schema of bundles and the records say the same, as a validator of others finds. */
class BundleSchemaTest {
  private static final ObjectMapper JSON = new ObjectMapper();
  private static final Schema SCHEMA =
      SchemaRegistry.withDefaultDialect(SpecificationVersion.DRAFT_2020_12)
          .getSchema(
              new String(
                  BoundPolicy.resource("dev/reverie/policy/bundle-2.schema.json"),
                  StandardCharsets.UTF_8));

  static List<HeadSpec> heads() {
    return BoundPolicyTest.heads();
  }

  private static JsonNode json(BundleSpec spec) throws IOException {
    return JSON.readTree(BundleJson.write(spec));
  }

  @ParameterizedTest
  @MethodSource("heads")
  void whatIsWrittenIsWhatTheSchemaAsksFor(HeadSpec head) throws IOException {
    assertEquals(List.of(), SCHEMA.validate(json(BoundPolicy.bundle(head).spec())));
  }

  @Test
  void theExampleOfThePageIsReadAndIsWhatTheSchemaAsksFor() throws IOException {
    Path page = Path.of(System.getProperty("reverie.root"), "docs/format-bundle.md");
    String text = Files.readString(page);
    String example = text.split("```json\n", 2)[1].split("```", 2)[0];
    BundleSpec spec = BundleJson.parse(example.getBytes(StandardCharsets.UTF_8));
    assertEquals(new FlowSpec(10, FlowSpec.Sampler.ODE, 0.7), spec.head());
    assertEquals(List.of(), SCHEMA.validate(JSON.readTree(example)));
    assertEquals(JSON.readTree(example), json(spec));
    for (String word : words(json(spec), new ArrayList<>())) {
      assertTrue(text.contains("`" + word) || text.contains("\"" + word + "\""), word);
    }
  }

  /**
   * Each key taken away, and one more in each group: neither the schema nor the records take it.
   */
  @ParameterizedTest
  @MethodSource("heads")
  void aKeyTooFewOrTooManyIsRefusedByBoth(HeadSpec head) throws IOException {
    JsonNode whole = json(BoundPolicy.spec(head));
    List<List<String>> groups = new ArrayList<>();
    groups(whole, List.of(), groups);
    assertTrue(groups.size() > 20, groups.toString());
    for (List<String> path : groups) {
      if (path.equals(List.of("files")) || path.equals(List.of("lineage", "settings"))) {
        continue; // names of files and settings are free
      }
      JsonNode more = whole.deepCopy();
      ((ObjectNode) at(more, path)).put("zoom", 2);
      refused(more, path + " with zoom");
      List<String> keys = new ArrayList<>();
      at(whole, path).fieldNames().forEachRemaining(keys::add);
      keys.remove("prediction"); // of a diffusion's head, which may be left out
      for (String key : keys) {
        JsonNode less = whole.deepCopy();
        ((ObjectNode) at(less, path)).remove(key);
        refused(less, path + " without " + key);
      }
    }
  }

  private static void refused(JsonNode json, String what) throws IOException {
    List<Error> errors = SCHEMA.validate(json);
    boolean outputs = what.startsWith("[graph, outputs]"); // which depend on the head
    assertTrue(outputs || !errors.isEmpty(), "the schema takes " + what);
    byte[] bytes = JSON.writeValueAsBytes(json);
    BundleException told = assertThrows(BundleException.class, () -> BundleJson.parse(bytes), what);
    assertFalse(String.valueOf(told.getMessage()).contains("com.fasterxml"), told.getMessage());
  }

  private static void groups(JsonNode node, List<String> path, List<List<String>> found) {
    if (node instanceof ObjectNode object) {
      found.add(path);
      object.properties().forEach(e -> groups(e.getValue(), with(path, e.getKey()), found));
    } else if (node instanceof ArrayNode array) {
      for (int i = 0; i < array.size(); i++) {
        groups(array.get(i), with(path, Integer.toString(i)), found);
      }
    }
  }

  private static List<String> words(JsonNode node, List<String> found) {
    List<List<String>> groups = new ArrayList<>();
    groups(node, List.of(), groups);
    for (List<String> path : groups) {
      if (!path.equals(List.of("files"))) {
        at(node, path).fieldNames().forEachRemaining(found::add);
      }
    }
    return found;
  }

  private static List<String> with(List<String> path, String step) {
    List<String> longer = new ArrayList<>(path);
    longer.add(step);
    return longer;
  }

  private static JsonNode at(JsonNode node, List<String> path) {
    JsonNode here = node;
    for (String step : path) {
      here = here.isArray() ? here.get(Integer.parseInt(step)) : here.get(step);
    }
    return here;
  }
}
