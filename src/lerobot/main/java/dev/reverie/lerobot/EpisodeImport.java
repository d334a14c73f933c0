package dev.reverie.lerobot;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.reverie.msgs.reverie.Command;
import dev.reverie.policy.Task;
import dev.reverie.rollout.CameraImage;
import dev.reverie.rollout.EpisodeHead;
import dev.reverie.rollout.EpisodeOutcome;
import dev.reverie.rollout.EpisodeWriter;
import dev.reverie.rollout.RolloutTopic;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * Carries one episode from the dataset into a bag, a frame at a time. The last frame is what was
 * seen after the last step: nothing shows what came of its own action.
 */
final class EpisodeImport {
  /** Stamp at which the first episode of a dataset without stamps begins. */
  private static final long BEGIN_NANOS = 1_000_000_000L;

  private final Import options;
  private final DatasetReader reader;
  private final ImportPlan plan;
  private final DatasetReader.Entry entry;
  private final long framesBefore;
  private final Optional<Task> task; // of a policy of this arm, where it is known
  private long lastStampNanos;
  private String instruction = "";

  /** A frame whose step is written when the result is there. */
  private record Pending(
      String where, long stampNanos, double[] measured, float[] action, double[] targets) {}

  /**
   * Prepares the import of one episode.
   *
   * @param framesBefore of the dataset's episodes before
   */
  EpisodeImport(
      Import options,
      DatasetReader reader,
      ImportPlan plan,
      DatasetReader.Entry entry,
      long framesBefore) {
    this.options = options;
    this.reader = reader;
    this.plan = plan;
    this.entry = entry;
    this.framesBefore = framesBefore;
    task = plan.task().or(() -> entry.lineage().flatMap(Lineage::task).filter(this::fits));
  }

  /** Returns whether a task that was exported tells of the episode as it is imported. */
  private boolean fits(Task exported) {
    return plan.mapping().isEmpty()
        && plan.joints().equals(exported.jointNames())
        && plan.cameras().values().containsAll(exported.cameraNames());
  }

  /** Writes the bag and says how many steps it has. */
  long run(Path rollouts, Path dataset, String id) {
    reader.begin(entry);
    reader.next();
    String told = reader.task();
    instruction = told.isBlank() ? options.instruction().orElse("") : told;
    try (EpisodeWriter bag =
        EpisodeWriter.begin(rollouts, head(id), stampNanos(), configuration(dataset))) {
      Pending pending = null;
      long steps = 0;
      boolean success = false;
      do {
        double[] measured = angles(Keys.STATE);
        if (reader.frame() % options.every() == 0) {
          if (pending != null) {
            step(bag, pending, measured);
            steps++;
          }
          pending = keep(bag, measured);
        }
        plan.mapping()
            .ifPresent(
                mapping ->
                    mapping.add(
                        measured, reader.numbers(Keys.ACTION), plan.units(), where(Keys.ACTION)));
        success |= reader.info().features().containsKey(Keys.SUCCESS) && reader.flag(Keys.SUCCESS);
      } while (reader.next());
      bag.end(outcome(success), lastStampNanos);
      return steps;
    }
  }

  /** Returns what the bag says was to be done; empty where nothing tells it. */
  String instruction() {
    return instruction;
  }

  private EpisodeHead head(String id) {
    Optional<Lineage> lineage = entry.lineage();
    return new EpisodeHead(
        id,
        instruction,
        lineage.map(Lineage::source).orElse(Command.TELEOP),
        lineage.map(Lineage::policyId).orElse(""),
        lineage.map(told -> (float) told.temperature()).orElse(0f),
        lineage.map(Lineage::seed).orElse(0L),
        plan.joints(),
        task.map(known -> known.actionSpace().frame()).orElse(""),
        plan.periodNanos());
  }

  private String configuration(Path dataset) {
    Map<String, Object> from = new LinkedHashMap<>();
    from.put("format", "LeRobot " + reader.info().version());
    from.put("dataset", dataset.toAbsolutePath().normalize().getFileName().toString());
    from.put("episode", entry.index());
    from.put("fps", reader.info().fps());
    from.put("every", options.every());
    from.put("robot_type", reader.info().robotType());
    Map<String, Object> all = new LinkedHashMap<>();
    all.put("imported_from", from);
    try {
      ObjectMapper json = new ObjectMapper();
      if (task.isPresent()) {
        all.put("task", json.readTree(task.get().json()));
      }
      Map<String, String> topics = new LinkedHashMap<>();
      plan.cameras()
          .values()
          .forEach(name -> topics.put(name, "/" + RolloutTopic.images(name).name()));
      all.put("cameras", topics);
      return json.writeValueAsString(all);
    } catch (JsonProcessingException e) {
      throw new IllegalStateException("what is read from files can be written", e);
    }
  }

  private Pending keep(EpisodeWriter bag, double[] measured) {
    long stamp = stampNanos();
    if (reader.frame() > 0 && stamp <= lastStampNanos) {
      throw new LerobotException(
          "%s: %s is %d ns after %d ns; it must grow"
              .formatted(reader.where(), Keys.STAMP, stamp, lastStampNanos));
    }
    lastStampNanos = stamp;
    Map<String, CameraImage> images = new LinkedHashMap<>();
    plan.cameras().forEach((key, name) -> images.put(name, reader.image(key)));
    bag.observe(stamp, measured, images);
    plan.mapping().ifPresent(mapping -> mapping.begin(measured));
    boolean own = plan.mapping().isEmpty();
    return new Pending(
        reader.where(),
        stamp,
        measured,
        own ? ownAction() : new float[0],
        own ? angles(Keys.ACTION) : new double[0]);
  }

  /** The policy's own action, as it was exported; empty where the arm was held still. */
  private float[] ownAction() {
    if (reader.info().features().containsKey(Keys.HELD) && reader.flag(Keys.HELD)) {
      return new float[0];
    }
    double[] numbers = reader.numbers(Keys.POLICY_ACTION);
    float[] action = new float[numbers.length];
    for (int i = 0; i < action.length; i++) {
      action[i] = (float) numbers[i];
    }
    return action;
  }

  /**
   * Writes a pending step, whose result is there.
   *
   * @param after positions at the next kept frame: where the joints went, if nothing tells where
   *     they were sent
   */
  private void step(EpisodeWriter bag, Pending step, double[] after) {
    @Nullable ActionMapping mapping = plan.mapping().orElse(null);
    float[] action = mapping == null ? step.action : mapping.action(step.where);
    double[] sent = mapping == null ? step.targets : mapping.targets(after);
    if (action.length == 0) {
      bag.hold(step.stampNanos, step.measured, sent);
    } else {
      bag.chunk(step.stampNanos, 1, action);
      bag.step(step.stampNanos, step.measured, sent);
    }
  }

  /** Joints in rad, or m where one pushes. */
  private double[] angles(String key) {
    double[] angles = reader.numbers(key);
    for (int i = 0; i < angles.length; i++) {
      angles[i] = plan.units().position(i, angles[i], where(key));
    }
    return angles;
  }

  private String where(String key) {
    return reader.where() + ": " + key;
  }

  private long stampNanos() {
    return reader.info().features().containsKey(Keys.STAMP)
        ? reader.integer(Keys.STAMP)
        : BEGIN_NANOS + Math.round((framesBefore + reader.frame()) / reader.info().fps() * 1e9);
  }

  private EpisodeOutcome outcome(boolean success) {
    if (options.outcome().isPresent()) {
      return outcome(options.outcome().get(), "import", "said so at import");
    }
    return entry
        .lineage()
        .map(told -> outcome(told.outcome(), told.labeller(), told.reason()))
        .orElseGet(
            () ->
                outcome(
                    success ? EpisodeOutcome.Kind.SUCCESS : EpisodeOutcome.Kind.FAILURE,
                    "lerobot",
                    Keys.SUCCESS));
  }

  private EpisodeOutcome outcome(EpisodeOutcome.Kind kind, String labeller, String reason) {
    return kind == EpisodeOutcome.Kind.UNLABELLED
        ? EpisodeOutcome.UNLABELLED
        : new EpisodeOutcome(kind, lastStampNanos, labeller, reason);
  }
}
