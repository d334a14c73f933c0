package dev.reverie.policy;

import static org.junit.jupiter.api.Assertions.assertEquals;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.util.List;
import org.junit.jupiter.api.Test;

class JsonChangeTest {
  private static JsonNode json(String text) throws JsonProcessingException {
    return new ObjectMapper().readTree(text);
  }

  @Test
  void eachValueThatDiffersIsNamedWithItsGroups() throws JsonProcessingException {
    JsonNode was = json("{\"grpo\": {\"iterations\": 20, \"groups\": 4}, \"taus\": [1, 0.5]}");
    JsonNode is = json("{\"grpo\": {\"iterations\": 30, \"groups\": 4}, \"vae\": {\"clip\": 1}}");
    assertEquals(
        List.of(
            "grpo.iterations was 20 and is 30",
            "taus was [1,0.5] and is not given",
            "vae.clip was not given and is 1"),
        JsonChange.between(was, is).stream().map(JsonChange::toString).toList());
    assertEquals(List.of(), JsonChange.between(was, was));
  }
}
