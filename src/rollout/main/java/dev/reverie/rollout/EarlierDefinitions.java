package dev.reverie.rollout;

import dev.reverie.mcap.McapMessage;
import dev.reverie.mcap.McapSchema;
import dev.reverie.msgs.MessageType;
import dev.reverie.msgs.reverie.ActionChunk;
import dev.reverie.msgs.reverie.Command;
import dev.reverie.msgs.reverie.Episode;
import dev.reverie.msgs.reverie.PolicyEvent;
import dev.reverie.msgs.reverie.SafetyEvent;
import java.lang.foreign.MemorySegment;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Map;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/**
 * Compares the definition of a message type that a bag carries with ours. Fields are only ever
 * appended, so that a message of an earlier version reads with its missing fields empty.
 */
final class EarlierDefinitions {
  private static final Pattern COMMENT = Pattern.compile("#.*$");
  private static final Pattern CONSTANT = Pattern.compile("\\S+\\s+\\w+\\s*=.*");
  private static final Pattern SPACE = Pattern.compile("\\s+");

  /**
   * Zeros are an empty string, an empty sequence, or 0; more than what was appended so far takes.
   */
  private static final int APPENDED_BYTES = 64;

  private static final Map<String, List<String>> OURS =
      Stream.of(Episode.TYPE, Command.TYPE, ActionChunk.TYPE, SafetyEvent.TYPE, PolicyEvent.TYPE)
          .collect(
              Collectors.toUnmodifiableMap(MessageType::name, type -> fields(type.definition())));

  /** The fit of a definition to ours. */
  enum Fit {
    /** Both have the same fields, or the type is not one of ours. */
    SAME,
    /** Ours has more fields behind those. */
    EARLIER,
    OTHER
  }

  private EarlierDefinitions() {}

  static Fit fit(McapSchema schema) {
    List<String> ours = OURS.get(schema.name());
    if (ours == null) {
      return Fit.SAME;
    }
    List<String> theirs = fields(new String(schema.data(), StandardCharsets.UTF_8));
    if (theirs.equals(ours)) {
      return Fit.SAME;
    }
    boolean begins = !theirs.isEmpty() && theirs.size() < ours.size();
    return begins && theirs.equals(ours.subList(0, theirs.size())) ? Fit.EARLIER : Fit.OTHER;
  }

  /** A message of an earlier definition with what was appended since. */
  static McapMessage complete(McapMessage message) {
    MemorySegment data = message.data();
    MemorySegment longer =
        MemorySegment.ofArray(new byte[Math.toIntExact(data.byteSize()) + APPENDED_BYTES]);
    longer.copyFrom(data);
    return new McapMessage(
        message.channel(),
        message.sequence(),
        message.logNanos(),
        message.publishNanos(),
        longer.asReadOnly());
  }

  /** The fields of the type itself, without comments and constants. */
  private static List<String> fields(String definition) {
    return definition
        .split("\n====", 2)[0]
        .lines()
        .map(line -> COMMENT.matcher(line).replaceAll("").strip())
        .filter(line -> !line.isEmpty() && !CONSTANT.matcher(line).matches())
        .map(line -> SPACE.matcher(line).replaceAll(" "))
        .toList();
  }
}
