package dev.reverie.rollout;

import static org.junit.jupiter.api.Assertions.assertEquals;

import dev.reverie.mcap.McapChannel;
import dev.reverie.mcap.McapMessage;
import dev.reverie.mcap.McapSchema;
import dev.reverie.msgs.reverie.PolicyEvent;
import dev.reverie.msgs.reverie.Replayed;
import java.lang.foreign.MemorySegment;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.Map;
import org.junit.jupiter.api.Test;

/** Messages that were recorded before fields were appended to their type. */
class EarlierDefinitionsTest {
  @Test
  void anEventOfBeforeReplaysReadsAsOneThatWasNotReplayed() {
    String now = PolicyEvent.TYPE.definition();
    String before = now.replaceAll("(?m)^reverie/Replayed replayed.*\n", "");
    assertEquals(EarlierDefinitions.Fit.SAME, EarlierDefinitions.fit(schema(now)));
    assertEquals(EarlierDefinitions.Fit.EARLIER, EarlierDefinitions.fit(schema(before)));
    assertEquals(
        EarlierDefinitions.Fit.OTHER,
        EarlierDefinitions.fit(schema(before.replace("string reason", "string why"))));

    String last = "it was the last field";
    PolicyEvent event = new PolicyEvent().withState(PolicyEvent.REFUSED).withReason(last);
    byte[] cdr = PolicyEvent.TYPE.encode(event);
    int end = new String(cdr, StandardCharsets.ISO_8859_1).indexOf(last) + last.length() + 1;
    var channel = new McapChannel(1, 1, "/robot/policy_event", "cdr", Map.of());
    MemorySegment recorded = MemorySegment.ofArray(Arrays.copyOf(cdr, end));
    PolicyEvent read =
        PolicyEvent.TYPE.decode(
            EarlierDefinitions.complete(new McapMessage(channel, 0, 1, 1, recorded)).data());
    assertEquals(last, read.reason());
    assertEquals(new Replayed(), read.replayed());
  }

  private static McapSchema schema(String definition) {
    return new McapSchema(
        1, PolicyEvent.TYPE.name(), "ros2msg", definition.getBytes(StandardCharsets.UTF_8));
  }
}
