package dev.reverie.importer;

import dev.reverie.arm.ArmException;
import dev.reverie.arm.ArmModel;
import dev.reverie.arm.JointBounds;
import dev.reverie.rollout.AtomicFolder;
import dev.reverie.rollout.EpisodeException;
import dev.reverie.rollout.FileErrors;
import dev.reverie.rollout.Rollouts;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.function.Consumer;

/**
 * Makes rollouts of bags that any recorder made.
 *
 * @param mapping what the bags' topics are
 */
public record BagImport(Mapping mapping) {
  /**
   * The result of an import.
   *
   * @param limited numbers of actions that were brought within the action space
   */
  public record Result(int episodes, long steps, long limited) {}

  /**
   * Writes a rollout for each episode.
   *
   * @param sources bags, or folders of them
   * @param rollouts must not exist yet; appears whole or not at all
   * @param tell takes a line for what is left out or taken otherwise than it stands
   * @throws ImportException where a bag does not fit the mapping
   */
  public Result run(List<Path> sources, Path rollouts, Consumer<String> tell) {
    List<Path> bags = sources.stream().flatMap(s -> Rollouts.bags(s).stream()).toList();
    if (bags.isEmpty()) {
      throw new ImportException("there is no bag in " + sources);
    }
    return AtomicFolder.write(
        rollouts,
        ImportException::new,
        draft -> {
          var total = new Total(draft, tell);
          for (Path bag : bags) {
            total.add(bag);
          }
          return total.result();
        });
  }

  /** Counts of what was written so far. */
  private final class Total {
    private final Path draft;
    private final Consumer<String> tell;
    private final Set<String> ids = new HashSet<>();
    private long steps;
    private long limited;

    Total(Path draft, Consumer<String> tell) {
      this.draft = draft;
      this.tell = tell;
    }

    void add(Path bag) {
      Consumer<String> ofBag = line -> tell.accept(bag + ": " + line);
      Recording recording = Recording.read(bag, mapping, ofBag);
      String urdf = text(recording, mapping.description(), Long.MAX_VALUE, "robot_description");
      List<EpisodeImport> episodes = new ArrayList<>();
      List<Spans.Span> spans = Spans.of(recording, mapping);
      for (int i = 0; i < spans.size(); i++) {
        List<Long> ticks = TickPlan.of(recording, mapping, spans.get(i));
        if (ticks.isEmpty()) {
          ofBag.accept(
              "left out: episode %d of %.3f s has no step with picture, positions, command and result"
                  .formatted(i, (spans.get(i).endNanos() - spans.get(i).beginNanos()) * 1e-9));
          continue;
        }
        long until = i + 1 < spans.size() ? spans.get(i + 1).beginNanos() : Long.MAX_VALUE;
        episodes.add(
            new EpisodeImport(
                recording,
                mapping,
                model(urdf, bag),
                new EpisodeImport.Told(
                    id(bag, i),
                    text(recording, mapping.instruction(), ticks.getLast(), "instruction"),
                    Outcomes.of(recording, mapping, spans.get(i), until, ofBag),
                    urdf),
                ticks));
      }
      if (!episodes.isEmpty()) {
        write(recording, episodes, ofBag);
      }
    }

    private void write(Recording recording, List<EpisodeImport> episodes, Consumer<String> ofBag) {
      try {
        Set<String> topics = new HashSet<>();
        mapping.cameras().values().forEach(camera -> topics.add(camera.topic()));
        recording
            .messages()
            .forEach(
                topics,
                message ->
                    episodes.forEach(
                        episode -> episode.image(message, recording.imageNanos(message), draft)));
        for (EpisodeImport episode : episodes) {
          episode.finish(draft, ofBag);
          steps += episode.steps();
          limited += episode.limited();
        }
      } finally {
        episodes.forEach(EpisodeImport::close);
      }
    }

    private ArmModel model(String urdf, Path bag) {
      try {
        // Nothing is sent to an arm: the age of measurements plays no role.
        ArmModel model =
            ArmModel.of(
                urdf, mapping.arm(), mapping.arm().action().periodS(), Double.POSITIVE_INFINITY);
        requireUnits(model, mapping.units(), "units");
        mapping
            .commands()
            .forEach(of -> requireUnits(model, of.units(), "commands: " + of.topic() + ": units"));
        return model;
      } catch (ArmException e) {
        throw new ImportException(
            "%s: its robot_description does not fit the arm file: %s"
                .formatted(bag, e.getMessage()),
            e);
      }
    }

    /** Refuses degrees of a joint that pushes, and metres of one that turns. */
    private void requireUnits(ArmModel model, List<JointUnit> units, String key) {
      for (JointBounds joint : model.joints().joints()) {
        JointUnit unit = units.get(mapping.arm().joints().indexOf(joint.joint()));
        boolean pushes = joint.unit().equals("m");
        if (unit.equals(pushes ? JointUnit.DEG : JointUnit.M)) {
          throw new ImportException(
              "%s: '%s' is in %s, and by the arm's URDF it %s; say: %s: {%s: %s}"
                  .formatted(
                      mapping.file(),
                      joint.joint(),
                      unit.word(),
                      pushes ? "pushes" : "turns",
                      key,
                      joint.joint(),
                      pushes ? "m" : "rad"));
        }
      }
    }

    /** A name of its own for each episode, also where two bags have one name. */
    private String id(Path bag, int episode) {
      String name =
          bag.toAbsolutePath()
              .normalize()
              .getFileName()
              .toString()
              .replaceFirst("\\.mcap$", "")
              .replaceAll("[^A-Za-z0-9._-]", "_")
              .replaceFirst("^[^A-Za-z0-9]+", "");
      String id = "%s-%06d".formatted(name, episode);
      for (int n = 2; !ids.add(id); n++) {
        id = "%s.%d-%06d".formatted(name, n, episode);
      }
      return id;
    }

    Result result() {
      if (steps == 0) {
        throw new ImportException(
            "no episode of these bags has a step with picture, positions, command and result");
      }
      return new Result(ids.size() - left(), steps, limited);
    }

    private int left() {
      return (int) ids.stream().filter(id -> !Files.isDirectory(draft.resolve(id))).count();
    }
  }

  /** A text of the mapping; of a topic the newest by then, or else the first. */
  private String text(Recording recording, Mapping.Text text, long nanos, String what) {
    return switch (text) {
      case Mapping.Text.Given given -> given.text();
      case Mapping.Text.OfFile of -> {
        try {
          yield Files.readString(of.file()).strip();
        } catch (IOException e) {
          throw new ImportException(
              "%s: %s: %s cannot be read: %s"
                  .formatted(mapping.file(), what, of.file(), FileErrors.reason(e)),
              e);
        }
      }
      case Mapping.Text.OfTopic of -> {
        var texts = recording.texts(of.topic());
        if (texts.isEmpty()) {
          throw new EpisodeException(
              "%s: %s, the %s, has no message; say {file: NAME} in %s"
                  .formatted(recording.bag(), of.topic(), what, mapping.file()));
        }
        var newest = texts.floorEntry(nanos);
        yield (newest == null ? texts.firstEntry() : newest).getValue();
      }
    };
  }
}
