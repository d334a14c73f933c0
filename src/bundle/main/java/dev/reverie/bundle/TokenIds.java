package dev.reverie.bundle;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.LongNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.reverie.policy.BundleException;
import dev.reverie.rollout.NearestNames;
import java.io.IOException;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/** Tokens of a {@code tokenizer.json}, so that a spec can name them by their text. */
final class TokenIds {
  private static final ObjectMapper JSON = new ObjectMapper();

  private final Map<String, Long> ids;

  private TokenIds(Map<String, Long> ids) {
    this.ids = ids;
  }

  /** Reads the vocabulary and what was added to it. */
  static TokenIds of(String file, byte[] content) {
    Map<String, Long> ids = new HashMap<>();
    try {
      JsonNode root = JSON.readTree(content);
      JsonNode vocabulary = root.path("model").path("vocab");
      vocabulary.properties().forEach(each -> ids.put(each.getKey(), each.getValue().asLong()));
      for (int i = 0; vocabulary.isArray() && i < vocabulary.size(); i++) {
        ids.put(vocabulary.path(i).path(0).asText(), (long) i); // a token and its score
      }
      for (JsonNode added : root.path("added_tokens")) {
        ids.put(added.path("content").asText(), added.path("id").asLong());
      }
    } catch (JsonProcessingException e) {
      throw new BundleException(
          "%s is no JSON; give the tokenizer.json of the policy's tokenizer".formatted(file), e);
    } catch (IOException e) {
      throw new BundleException("%s cannot be read: %s".formatted(file, e.getMessage()), e);
    }
    if (ids.isEmpty()) {
      throw new BundleException(
          "%s has no vocabulary (model.vocab); give the tokenizer.json of the policy's tokenizer"
              .formatted(file));
    }
    return new TokenIds(ids);
  }

  /** Puts numbers in the place of texts, and refuses tokens that are not there. */
  void resolve(ObjectNode language) {
    if (language.has("pad_id")) {
      language.set("pad_id", id("language.pad_id", language.path("pad_id")));
    }
    for (String key : List.of("begin", "end")) {
      if (language.get(key) instanceof ArrayNode tokens) {
        for (int i = 0; i < tokens.size(); i++) {
          tokens.set(i, id("language." + key, tokens.path(i)));
        }
      }
    }
  }

  private JsonNode id(String key, JsonNode token) {
    if (token.isTextual()) {
      Long id = ids.get(token.asText());
      if (id == null) {
        throw new BundleException(
            "%s names the token '%s', which the tokenizer lacks; nearest: %s"
                .formatted(key, token.asText(), NearestNames.of(token.asText(), ids.keySet())));
      }
      return LongNode.valueOf(id);
    }
    if (token.canConvertToLong() && !ids.containsValue(token.asLong())) {
      throw new BundleException(
          "%s is %s, and the tokenizer has no such token; it has %d, from 0 on - give one of them, or its text"
              .formatted(key, token, ids.size()));
    }
    return token;
  }
}
