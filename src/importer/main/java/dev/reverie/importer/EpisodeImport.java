package dev.reverie.importer;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.reverie.arm.ActionMap;
import dev.reverie.arm.ArmFile;
import dev.reverie.arm.ArmModel;
import dev.reverie.msgs.Stamps;
import dev.reverie.msgs.reverie.Command;
import dev.reverie.rollout.BagMessages;
import dev.reverie.rollout.EpisodeHead;
import dev.reverie.rollout.EpisodeOutcome;
import dev.reverie.rollout.EpisodeWriter;
import dev.reverie.rollout.RolloutTopic;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * Writes one episode: at each tick the positions then, and the action that the command in force
 * means; between them the pictures as they are.
 */
final class EpisodeImport implements AutoCloseable {
  private final Recording recording;
  private final Mapping mapping;
  private final ArmModel model;
  private final Told told;
  private final List<Long> ticks;
  private final long periodNanos;
  private @Nullable EpisodeWriter bag;
  private double[] targets = {};
  private int next;
  private int steps;
  private long limited;
  private long newestNanos;

  /**
   * Facts that hold for the whole episode.
   *
   * @param outcome whose stamp is left open
   */
  record Told(String id, String instruction, EpisodeOutcome outcome, String urdf) {}

  /**
   * Prepares an episode; nothing is written yet.
   *
   * @param ticks at least two, the last of them an observation alone
   */
  EpisodeImport(Recording recording, Mapping mapping, ArmModel model, Told told, List<Long> ticks) {
    this.recording = recording;
    this.mapping = mapping;
    this.model = model;
    this.told = told;
    this.ticks = List.copyOf(ticks);
    periodNanos = Math.round(mapping.arm().action().periodS() * 1e9);
  }

  /** Takes a picture of the recording, where it belongs to the episode. */
  void image(BagMessages.Message message, long nanos, Path rollouts) {
    long margin = periodNanos / 2;
    if (nanos < ticks.getFirst() - margin || nanos > ticks.getLast() + margin) {
      return;
    }
    EpisodeWriter writer = writer(rollouts);
    ticksBefore(writer, nanos);
    mapping
        .cameras()
        .forEach(
            (name, camera) -> {
              if (camera.topic().equals(message.topic())) {
                write(writer, name, message, nanos);
              }
            });
    newestNanos = Math.max(newestNanos, nanos);
  }

  private void write(EpisodeWriter writer, String camera, BagMessages.Message message, long nanos) {
    byte[] cdr = message.data();
    Stamps.intoHeader(cdr, nanos);
    if (recording.compressed(message.topic())) {
      writer.write(RolloutTopic.compressedImages(camera), nanos, cdr);
    } else {
      writer.write(RolloutTopic.images(camera), nanos, cdr);
    }
  }

  /** Writes the rest, and how the episode went. */
  void finish(Path rollouts, Consumer<String> tell) {
    EpisodeWriter writer = writer(rollouts);
    ticksBefore(writer, Long.MAX_VALUE);
    long end = Math.max(ticks.getLast(), newestNanos);
    EpisodeOutcome outcome = told.outcome();
    writer.end(
        outcome.kind() == EpisodeOutcome.Kind.UNLABELLED
            ? EpisodeOutcome.UNLABELLED
            : new EpisodeOutcome(
                outcome.kind(), ticks.getLast(), outcome.labeller(), outcome.reason()),
        end);
    close();
    if (limited > 0) {
      tell.accept(
          "%s: %d numbers of %d actions are beyond the action space of %s and were brought within it; widen it there"
              .formatted(told.id(), limited, steps, mapping.arm().name()));
    }
  }

  int steps() {
    return steps;
  }

  long limited() {
    return limited;
  }

  private EpisodeWriter writer(Path rollouts) {
    EpisodeWriter open = bag;
    if (open == null) {
      long begin = ticks.getFirst();
      var head =
          new EpisodeHead(
              told.id(),
              told.instruction(),
              Command.TELEOP,
              "",
              0,
              0,
              mapping.arm().joints(),
              mapping.arm().action().space().frame(),
              periodNanos);
      open = EpisodeWriter.begin(rollouts, head, begin, configuration());
      bag = open;
      open.write(
          RolloutTopic.ROBOT_DESCRIPTION, begin, new dev.reverie.msgs.std_msgs.String(told.urdf()));
      for (String camera : mapping.cameras().keySet()) {
        EpisodeWriter writer = open;
        recording
            .info(camera)
            .ifPresent(info -> writer.write(RolloutTopic.cameraInfo(camera), begin, info));
      }
      newestNanos = begin;
    }
    return open;
  }

  private String configuration() {
    Map<String, Object> from = new LinkedHashMap<>();
    from.put("format", "rosbag2");
    from.put("bag", recording.bag().toAbsolutePath().normalize().getFileName().toString());
    from.put("mapping", String.valueOf(mapping.file().getFileName()));
    from.put("arm", mapping.arm().name());
    from.put("begin_nanos", ticks.getFirst());
    from.put("end_nanos", ticks.getLast());
    ArmFile arm = mapping.arm();
    Map<String, Object> all = new LinkedHashMap<>();
    all.put("imported_from", from);
    try {
      ObjectMapper json = new ObjectMapper();
      all.put("task", json.readTree(arm.task().json()));
      all.put("cameras", topics());
      all.put("arm", json.readTree(arm.json()));
      return json.writeValueAsString(all);
    } catch (JsonProcessingException e) {
      throw new IllegalStateException("what is read from files can be written", e);
    }
  }

  /** Topics in the rollout by camera name, as the robot node tells them. */
  private Map<String, String> topics() {
    Map<String, String> topics = new LinkedHashMap<>();
    mapping
        .cameras()
        .forEach(
            (name, camera) -> {
              RolloutTopic<?> images =
                  recording.compressed(camera.topic())
                      ? RolloutTopic.compressedImages(name)
                      : RolloutTopic.images(name);
              topics.put(name, "/" + images.name());
            });
    return topics;
  }

  private void ticksBefore(EpisodeWriter writer, long nanos) {
    while (next < ticks.size() && ticks.get(next) < nanos) {
      tick(writer, next++);
    }
  }

  private void tick(EpisodeWriter writer, int index) {
    long stamp = ticks.get(index);
    double[] measured = recording.joints().at(stamp, model.joints());
    if (measured.length > 0) {
      writer.observe(stamp, measured, Map.of());
    }
    if (index == ticks.size() - 1) {
      return;
    }
    if (measured.length == 0) {
      writer.hold(stamp, targets, targets); // which has no observation: the tick does not count
      return;
    }
    ActionMap actions = model.actions();
    if (targets.length == 0) {
      actions.begin(measured);
      targets = measured.clone();
    }
    double[] from =
        mapping.arm().action().from() == ArmFile.From.COMMANDED ? targets.clone() : measured;
    double[] sent = targets.clone();
    recording
        .commands()
        .values()
        .forEach(
            track -> track.target(stamp, periodNanos, recording.joints(), model.joints(), sent));
    targets = sent;
    float[] action = actions.action(from, sent);
    for (float value : action) {
      limited += Math.abs(value) > 1 - 1e-6f && reachesBeyond(from, action, sent) ? 1 : 0;
    }
    writer.chunk(stamp, 1, action);
    writer.step(stamp, measured, sent);
    steps++;
  }

  /** Returns whether a target lies beyond where an action leads. */
  private boolean reachesBeyond(double[] from, float[] action, double[] sent) {
    double[] reached = model.actions().target(from, action, 0).positions();
    for (int j = 0; j < sent.length; j++) {
      if (Math.abs(model.joints().shortest(j, reached[j], sent[j])) > 1e-4) {
        return true;
      }
    }
    return false;
  }

  @Override
  public void close() {
    if (bag != null) {
      bag.close();
    }
  }
}
