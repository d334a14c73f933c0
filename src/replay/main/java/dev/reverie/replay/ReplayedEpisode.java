package dev.reverie.replay;

import dev.reverie.msgs.MessageType;
import dev.reverie.msgs.Stamps;
import dev.reverie.msgs.reverie.ActionChunk;
import dev.reverie.msgs.reverie.Command;
import dev.reverie.msgs.reverie.Hold;
import dev.reverie.msgs.reverie.SafetyEvent;
import dev.reverie.rollout.BagMessages;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;

/**
 * The answers of a robot node in an episode, from the bag that it recorded.
 *
 * @param commands by the stamp of the observation that each answers
 * @param chunks by index
 * @param holdReason why the arm was held still first, as the node told; empty where it was not
 */
record ReplayedEpisode(
    Map<Long, Command> commands, Map<Integer, ActionChunk> chunks, String holdReason) {
  /** Reads a bag; a second command for one observation is an error. */
  static ReplayedEpisode read(Path bag) {
    BagMessages messages = BagMessages.open(bag);
    Map<Long, Command> commands = new LinkedHashMap<>();
    for (Command command : decode(messages, Command.TYPE)) {
      if (commands.put(Stamps.nanos(command.header().stamp()), command) != null) {
        throw new ReplayException(
            "%s has two commands for the observation of %d ns"
                .formatted(bag, Stamps.nanos(command.header().stamp())));
      }
    }
    Map<Integer, ActionChunk> chunks = new HashMap<>();
    decode(messages, ActionChunk.TYPE).forEach(chunk -> chunks.put(chunk.index(), chunk));
    String holdReason =
        decode(messages, SafetyEvent.TYPE).stream()
            .filter(event -> event.why().kind() != Hold.NONE)
            .map(SafetyEvent::reason)
            .findFirst()
            .orElse("");
    return new ReplayedEpisode(commands, chunks, holdReason);
  }

  /** The commands that were sent when an episode was recorded. */
  static ReplayedEpisode of(List<Command> commands) {
    Map<Long, Command> byStamp = new LinkedHashMap<>();
    commands.forEach(command -> byStamp.put(Stamps.nanos(command.header().stamp()), command));
    return new ReplayedEpisode(byStamp, Map.of(), "");
  }

  private static <T> List<T> decode(BagMessages messages, MessageType<T> type) {
    Set<String> topics =
        messages.types().keySet().stream()
            .filter(topic -> type.name().equals(messages.types().get(topic)))
            .collect(Collectors.toSet());
    List<T> decoded = new ArrayList<>();
    if (!topics.isEmpty()) {
      messages.forEach(topics, message -> decoded.add(type.decode(message.data())));
    }
    return decoded;
  }

  /** The action behind a command, [D] in [-1, 1]; empty where the arm was held still. */
  Optional<float[]> action(Command command) {
    ActionChunk chunk = chunks.get(command.chunk());
    if (command.source().equals(Command.HOLD) || chunk == null) {
      return Optional.empty();
    }
    int dimensions = chunk.actionDim();
    float[] action = new float[dimensions];
    System.arraycopy(chunk.actions(), command.action() * dimensions, action, 0, dimensions);
    return Optional.of(action);
  }
}
