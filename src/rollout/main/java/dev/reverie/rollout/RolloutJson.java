package dev.reverie.rollout;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.SerializationFeature;
import java.math.BigInteger;
import java.time.Instant;
import java.util.LinkedHashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** Episodes as JSON. */
final class RolloutJson {
  private static final ObjectMapper MAPPER =
      new ObjectMapper().enable(SerializationFeature.INDENT_OUTPUT);

  private RolloutJson() {}

  static Map<String, @Nullable Object> fields(RolloutSummary rollout) {
    Map<String, @Nullable Object> fields = new LinkedHashMap<>();
    fields.put("episode_id", rollout.id());
    fields.put("bag", rollout.bag().toString());
    fields.put("outcome", RolloutTable.word(rollout.outcome().kind()));
    fields.put("labeller", rollout.outcome().labeller());
    fields.put("reason", rollout.outcome().reason());
    fields.put("outcome_stamp_nanos", rollout.outcome().stampNanos());
    fields.put("instruction", rollout.instruction());
    fields.put("source", rollout.source());
    fields.put("policy_id", rollout.policyId());
    fields.put("temperature", rollout.temperature());
    fields.put("seed", new BigInteger(Long.toUnsignedString(rollout.seed())));
    fields.put("begun_nanos", rollout.begunNanos());
    fields.put(
        "recorded",
        rollout.recordedNanos() == 0
            ? null
            : Instant.ofEpochSecond(0, rollout.recordedNanos()).toString());
    fields.put("seconds", rollout.seconds());
    fields.put("commands", rollout.commands());
    fields.put("bytes", rollout.bytes());
    fields.put("calibration_sha256", rollout.calibration());
    fields.put("recording", rollout.recording());
    fields.put("problem", rollout.problem());
    return fields;
  }

  static String text(Object value) {
    try {
      return MAPPER.writeValueAsString(value);
    } catch (JsonProcessingException e) {
      throw new IllegalStateException("cannot write JSON: " + e.getMessage(), e);
    }
  }
}
