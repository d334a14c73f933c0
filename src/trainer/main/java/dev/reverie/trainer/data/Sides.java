package dev.reverie.trainer.data;

import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.json.JsonMapper;
import dev.reverie.mcap.Durable;
import dev.reverie.trainer.nn.Ranks;
import dev.reverie.trainer.nn.TrainerException;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Objects;
import java.util.TreeMap;
import java.util.function.Predicate;

/**
 * The recordings that a world model has learned from, and those that judge it instead. Each keeps
 * its side for as long as the world model lives: a round leaves {@code split.json} beside it, and
 * the next one, which goes on from that world model, draws sides for what is new alone.
 *
 * <p>A recording is known by its episode's id, which a later label does not change, and by its
 * scene, so that what several policies did in one scene stands on one side.
 *
 * @param heldOutShare that the latest of them were drawn with
 * @param bySeed whether they were drawn by the run's seed, as runs did that an earlier version
 *     began
 * @param heldOut what judges
 * @param learned what was learned from
 */
public record Sides(double heldOutShare, boolean bySeed, List<Known> heldOut, List<Known> learned) {
  /** Name of the file in the folder of a run, and beside the world model that it leaves. */
  public static final String FILE = "split.json";

  /** The sides of a world model that has learned from demonstrations alone, which judge nothing. */
  public static final Sides NONE = new Sides(0, false, List.of(), List.of());

  private static final JsonMapper JSON =
      JsonMapper.builder()
          .enable(DeserializationFeature.FAIL_ON_NULL_CREATOR_PROPERTIES)
          .enable(DeserializationFeature.FAIL_ON_MISSING_CREATOR_PROPERTIES)
          .build();

  public Sides {
    heldOut = List.copyOf(heldOut);
    learned = List.copyOf(learned);
  }

  /**
   * A recording that has a side.
   *
   * @param id of the episode
   * @param scene as in {@link Recording}
   */
  public record Known(String id, long scene) {
    static Known of(Recording recording) {
      return new Known(recording.id(), recording.scene());
    }
  }

  /** The sides of some recordings. */
  static Sides of(
      List<Recording> all, Predicate<Recording> heldOut, Split.Config config, boolean bySeed) {
    return new Sides(
        config.heldOutShare(),
        bySeed,
        all.stream().filter(heldOut).map(Known::of).toList(),
        all.stream().filter(heldOut.negate()).map(Known::of).toList());
  }

  /**
   * Reads those that were left in a folder; {@link #NONE} where none were.
   *
   * @throws TrainerException where the file is damaged
   */
  public static Sides read(Path folder) {
    Path file = folder.resolve(FILE);
    if (!Files.exists(file)) {
      return NONE;
    }
    try {
      return Objects.requireNonNullElse(JSON.readValue(file.toFile(), Sides.class), NONE);
    } catch (IOException e) {
      throw new TrainerException(
          "%s, which says what was learned from, cannot be read as JSON; restore it, or begin anew in other folders"
              .formatted(file),
          e);
    }
  }

  /** Leaves them in a folder, on the first of several ranks. */
  public void write(Path folder) {
    Path file = folder.resolve(FILE);
    Ranks.world()
        .once(
            () -> {
              try {
                Durable.writeUnforced(
                    file, JSON.writerWithDefaultPrettyPrinter().writeValueAsString(this) + "\n");
              } catch (IOException e) {
                throw new UncheckedIOException("cannot write " + file, e);
              }
            });
  }

  /** These and later ones; what was learned from once stays learned. */
  Sides and(Sides later) {
    List<Known> learnt = union(learned, later.learned);
    var judging = new TreeMap<String, Known>();
    union(heldOut, later.heldOut).forEach(one -> judging.put(one.id, one));
    learnt.forEach(one -> judging.remove(one.id));
    return new Sides(later.heldOutShare, later.bySeed, List.copyOf(judging.values()), learnt);
  }

  /** Returns whether an episode judges. */
  public boolean judges(String id) {
    return heldOut.stream().anyMatch(one -> one.id.equals(id));
  }

  /** Returns whether an episode has a side. */
  public boolean knows(String id) {
    return judges(id) || learned.stream().anyMatch(one -> one.id.equals(id));
  }

  private static List<Known> union(List<Known> these, List<Known> others) {
    var all = new TreeMap<String, Known>();
    these.forEach(one -> all.put(one.id, one));
    others.forEach(one -> all.put(one.id, one));
    return List.copyOf(all.values());
  }

  /**
   * The sides that a run goes on with: those of the world model that it begins with, and its own
   * from when it was stopped, if they were drawn with the same share.
   *
   * @param models folder of that world model
   * @param work folder of the run
   */
  public static Sides before(Path models, Path work, Split.Config config) {
    Sides begun = read(work);
    return begun.heldOutShare == config.heldOutShare() ? read(models).and(begun) : read(models);
  }
}
