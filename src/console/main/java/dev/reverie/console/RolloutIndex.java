package dev.reverie.console;

import dev.reverie.rollout.EpisodeException;
import dev.reverie.rollout.EpisodeOutcome;
import dev.reverie.rollout.Rollouts;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.attribute.BasicFileAttributes;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Function;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/**
 * The rollouts of a folder. What was read of a bag is kept, on disk too, and read anew only where
 * its files changed. One request at a time looks at the folder. Thread-safe.
 */
final class RolloutIndex {
  private static final Logger LOG = System.getLogger(RolloutIndex.class.getName());

  /** So long what was seen is told again without another look. */
  private static final long FRESH_NANOS = 1_000_000_000L;

  /** What a page gets. */
  record Listing(String folder, List<RolloutRow> rows) {}

  private final Path folder;
  private final Path cache;
  private final Map<String, RolloutRow> known = new ConcurrentHashMap<>();
  private List<RolloutRow> rows = List.of();
  private long lookedNanos;
  private boolean looked;

  /**
   * Creates the index; nothing is read yet.
   *
   * @param caches folder for what was read, which may be deleted at any time
   */
  RolloutIndex(Path folder, Path caches) {
    this.folder = folder.toAbsolutePath().normalize();
    cache = caches.resolve("rollouts-%08x.json".formatted(this.folder.toString().hashCode()));
  }

  /** The folder of caches of a person who names none. */
  static Path usualCaches() {
    String configured = System.getenv().getOrDefault("XDG_CACHE_HOME", "");
    Path caches =
        configured.isEmpty()
            ? Path.of(System.getProperty("user.home"), ".cache")
            : Path.of(configured);
    return caches.resolve("reverie");
  }

  Path folder() {
    return folder;
  }

  /**
   * Lists the rollouts, the newest first.
   *
   * @throws Refusal where there is no such folder, or it cannot be read
   */
  synchronized Listing list() {
    if (!looked || System.nanoTime() - lookedNanos > FRESH_NANOS) {
      look();
    }
    return new Listing(folder.toString(), rows);
  }

  private void look() {
    if (!looked) {
      load();
    }
    try {
      Map<String, RolloutRow> now =
          Rollouts.bags(folder).parallelStream()
              .map(this::row)
              .collect(Collectors.toConcurrentMap(RolloutRow::name, Function.identity()));
      boolean changed = !now.equals(known);
      known.clear();
      known.putAll(now);
      rows =
          now.values().stream()
              .sorted(
                  (a, b) ->
                      b.id().equals(a.id())
                          ? b.name().compareTo(a.name())
                          : b.id().compareTo(a.id()))
              .toList();
      if (changed) {
        save();
      }
    } catch (EpisodeException e) {
      throw new Refusal(404, "%s", String.valueOf(e.getMessage()));
    }
    looked = true;
    lookedNanos = System.nanoTime();
  }

  private RolloutRow row(Path bag) {
    String name = folder.relativize(bag.toAbsolutePath().normalize()).toString();
    String stamp = stamp(bag);
    RolloutRow before = known.get(name);
    return before != null && before.stamp().equals(stamp)
        ? before
        : RolloutRow.of(name, stamp, Rollouts.summary(bag));
  }

  /** Sizes and times of a bag's files. */
  private static String stamp(Path bag) {
    if (Files.isRegularFile(bag)) {
      return stampOf(bag);
    }
    try (Stream<Path> files = Files.list(bag)) {
      return files.sorted().map(RolloutIndex::stampOf).collect(Collectors.joining(" "));
    } catch (IOException | UncheckedIOException e) {
      return "unreadable";
    }
  }

  private static String stampOf(Path file) {
    try {
      var attributes = Files.readAttributes(file, BasicFileAttributes.class);
      return attributes.size() + "@" + attributes.lastModifiedTime().toMillis();
    } catch (NoSuchFileException e) {
      return "gone";
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private void load() {
    try {
      if (Files.exists(cache)) {
        Listing kept = Json.read(Files.readString(cache), Listing.class);
        if (kept.folder().equals(folder.toString())) {
          kept.rows().forEach(row -> known.put(row.name(), row));
        }
      }
    } catch (IOException | IllegalArgumentException e) {
      LOG.log(Level.WARNING, "the list in {0} is made anew: {1}", cache, e);
    }
  }

  private void save() {
    try {
      Files.createDirectories(cache.getParent());
      Path beside = Files.createTempFile(cache.getParent(), "rollouts", ".json");
      Files.writeString(beside, Json.write(new Listing(folder.toString(), rows)));
      Files.move(beside, cache, StandardCopyOption.ATOMIC_MOVE);
    } catch (IOException e) {
      LOG.log(Level.WARNING, "the list is not kept in {0}: {1}", cache, e);
    }
  }

  /** A bag of the list. */
  record Bag(Path path, String name, String stamp) {}

  /**
   * The bag that a page names.
   *
   * @throws Refusal where the list has none of that name
   */
  Bag bag(String name) {
    RolloutRow row = known.get(name);
    if (row == null) {
      throw new Refusal(404, "there is no rollout '%s' in %s", name, folder);
    }
    Path path = folder.resolve(name);
    return new Bag(path, name, stamp(path));
  }

  /**
   * Says how a recorded episode went.
   *
   * @throws Refusal where it cannot be labelled
   */
  RobotClients.Answer label(String name, String outcome, String person, String note) {
    EpisodeOutcome.Kind kind =
        Arrays.stream(EpisodeOutcome.Kind.values())
            .filter(each -> each.name().toLowerCase(Locale.ROOT).equals(outcome))
            .findFirst()
            .orElseThrow(() -> new Refusal(400, "the outcome is '%s'", outcome));
    return change(
        name,
        bag -> {
          EpisodeOutcome.fault(person, note)
              .ifPresent(
                  why -> {
                    throw new Refusal(400, "%s", why);
                  });
          Rollouts.label(bag, kind, person, note);
          return outcome;
        });
  }

  /**
   * Recovers what is left of a damaged bag.
   *
   * @throws Refusal where nothing can be done
   */
  RobotClients.Answer recover(String name) {
    return change(name, bag -> String.join("; ", Rollouts.recover(bag)));
  }

  private synchronized RobotClients.Answer change(String name, Function<Path, String> work) {
    RolloutRow row = known.get(name);
    if (row == null) {
      throw new Refusal(404, "there is no rollout '%s' in %s", name, folder);
    }
    try {
      String done = work.apply(folder.resolve(name));
      looked = false;
      look();
      return new RobotClients.Answer(true, done, row.id());
    } catch (EpisodeException e) {
      throw new Refusal(409, "%s", String.valueOf(e.getMessage()));
    }
  }
}
