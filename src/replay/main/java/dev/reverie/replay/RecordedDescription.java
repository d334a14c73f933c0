package dev.reverie.replay;

import dev.reverie.msgs.CdrException;
import dev.reverie.rollout.BagMessages;
import dev.reverie.rollout.RecordedConfiguration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;

/** Finds the topic of a bag that has the arm's URDF: by its type, whatever it is called. */
final class RecordedDescription {
  private RecordedDescription() {}

  /**
   * Returns the topic: the one that is asked for, or that the bag's configuration names, or whose
   * text is a robot.
   *
   * @param asked empty where nobody says
   * @param configuration JSON of what the bag was recorded with; may be empty
   */
  static String topic(BagMessages messages, String asked, String configuration) {
    String type = dev.reverie.msgs.std_msgs.String.TYPE.name();
    Map<String, String> types = messages.types();
    Set<String> texts = new TreeSet<>(types.keySet());
    texts.removeIf(topic -> !type.equals(types.get(topic)));
    if (!asked.isEmpty()) {
      if (!texts.contains(asked)) {
        throw new ReplayException(
            "it has no topic '%s' of type %s; those that it has are %s"
                .formatted(asked, type, texts));
      }
      return asked;
    }
    List<String> robots = texts.isEmpty() ? List.of() : robots(messages, texts);
    if (robots.size() > 1) {
      Set<String> named = RecordedConfiguration.of(configuration).texts();
      List<String> chosen = robots.stream().filter(named::contains).toList();
      robots = chosen.size() == 1 ? chosen : usual(robots);
    }
    if (robots.size() > 1) {
      throw new ReplayException(
          "%s have a URDF each; say which is the arm's: --topic %s=TOPIC"
              .formatted(robots, BagOptions.DESCRIPTION));
    }
    if (robots.isEmpty()) {
      throw new ReplayException(
          "it has no %s: no topic of type %s whose text is a URDF, without which nobody knows the arm's limits; its topics are %s. Record it too"
              .formatted(BagOptions.DESCRIPTION, type, types));
    }
    return robots.getFirst();
  }

  private static List<String> usual(List<String> robots) {
    List<String> usual =
        robots.stream().filter(topic -> topic.endsWith("/" + BagOptions.DESCRIPTION)).toList();
    return usual.isEmpty() ? robots : usual.size() == 1 ? usual : robots;
  }

  /** Topics of which some text is a URDF; one that is called as usual counts in any case. */
  private static List<String> robots(BagMessages messages, Set<String> texts) {
    Map<String, Boolean> robot = new HashMap<>();
    messages.forEach(
        texts,
        message -> {
          if (!robot.getOrDefault(message.topic(), false)) {
            robot.put(message.topic(), isRobot(message.data()));
          }
        });
    List<String> found = new ArrayList<>(texts);
    found.removeIf(topic -> !robot.getOrDefault(topic, false));
    return found.isEmpty()
        ? texts.stream().filter(topic -> topic.endsWith("/" + BagOptions.DESCRIPTION)).toList()
        : found;
  }

  private static boolean isRobot(byte[] cdr) {
    try {
      return dev.reverie.msgs.std_msgs.String.TYPE.decode(cdr).data().contains("<robot");
    } catch (CdrException e) {
      return false;
    }
  }
}
