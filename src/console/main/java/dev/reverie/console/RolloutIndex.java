package dev.reverie.console;

import dev.reverie.mcap.Durable;
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
import java.nio.file.attribute.BasicFileAttributes;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.function.Function;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/**
 * The rollouts of a folder. What was read of a bag is kept, on disk too, and read anew only where
 * its files changed. A thread of its own looks at the folder, and whoever asks gets soon what is
 * known by then. Thread-safe.
 */
final class RolloutIndex {
  private static final Logger LOG = System.getLogger(RolloutIndex.class.getName());

  /** So long what was seen is told again without another look. */
  private static final long FRESH_NANOS = 1_000_000_000L;

  /** So long a request waits for a look at the folder to end. */
  private static final long PATIENCE_MILLIS = 300;

  /**
   * The rollouts that a page gets.
   *
   * @param looking whether there may be more or others, since not all bags were looked at yet
   */
  record Listing(String folder, boolean looking, List<RolloutRow> rows) {}

  /** The list as it is kept on disk. */
  private record Kept(String folder, List<RolloutRow> rows) {}

  private final Path folder;
  private final Path cache;
  private final Map<String, RolloutRow> known = new ConcurrentHashMap<>();
  private CompletableFuture<Boolean> look = CompletableFuture.completedFuture(true);
  private long lookedNanos;
  private boolean looked;
  private boolean loaded; // what was kept on disk

  /**
   * Creates the index; nothing is read yet.
   *
   * @param caches folder for what was read, which may be deleted at any time
   */
  RolloutIndex(Path folder, Path caches) {
    this.folder = folder.toAbsolutePath().normalize();
    cache = caches.resolve("rollouts-%08x.json".formatted(this.folder.toString().hashCode()));
  }

  Path folder() {
    return folder;
  }

  /**
   * Lists the rollouts that are known, the newest first. In a folder of many that nobody has read
   * yet they become more from call to call.
   *
   * @throws Refusal where there is no such folder, or it cannot be read
   */
  Listing list() {
    CompletableFuture<Boolean> now = looking();
    boolean ended = true;
    try {
      var _ = now.get(PATIENCE_MILLIS, TimeUnit.MILLISECONDS);
    } catch (TimeoutException e) {
      ended = false;
    } catch (ExecutionException e) {
      throw new Refusal(404, "%s", said(e));
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new Refusal(503, "the console ends");
    }
    return new Listing(folder.toString(), !ended, rows());
  }

  private static String said(ExecutionException e) {
    Throwable why = e.getCause() == null ? e : e.getCause();
    return String.valueOf(why.getMessage());
  }

  /** The look at the folder that goes on, or went on just now. */
  private synchronized CompletableFuture<Boolean> looking() {
    if (!loaded) {
      loaded = true;
      load();
    }
    boolean fresh = looked && System.nanoTime() - lookedNanos < FRESH_NANOS;
    if (look.isDone() && !fresh) {
      look = new CompletableFuture<>();
      CompletableFuture<Boolean> begun = look;
      Thread.ofPlatform().daemon().name("console-rollouts").start(() -> look(begun));
    }
    return look;
  }

  private void look(CompletableFuture<Boolean> begun) {
    try {
      look();
      begun.complete(true);
    } catch (RuntimeException e) {
      begun.completeExceptionally(e); // whoever asks is told
    }
  }

  private void look() {
    Set<RolloutRow> before = Set.copyOf(known.values());
    List<Path> bags = Rollouts.bags(folder);
    bags.parallelStream().map(this::row).forEach(row -> known.put(row.name(), row));
    known.keySet().retainAll(bags.stream().map(this::name).collect(Collectors.toSet()));
    synchronized (this) {
      looked = true;
      lookedNanos = System.nanoTime();
    }
    if (!before.equals(Set.copyOf(known.values()))) {
      save();
    }
  }

  private List<RolloutRow> rows() {
    return known.values().stream()
        .sorted(Comparator.comparing(RolloutRow::id).thenComparing(RolloutRow::name).reversed())
        .toList();
  }

  private String name(Path bag) {
    return folder.relativize(bag.toAbsolutePath().normalize()).toString();
  }

  private RolloutRow row(Path bag) {
    String name = name(bag);
    String stamp = stamp(bag);
    RolloutRow before = known.get(name);
    // What was being recorded may have broken off, which changes no file.
    return before != null && !before.recording() && before.stamp().equals(stamp)
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
        Kept kept = Json.read(Files.readString(cache), Kept.class);
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
      Durable.writeUnforced(cache, Json.write(new Kept(folder.toString(), rows())));
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

  /** The moment at which the outcome of a recorded episode was reached. */
  sealed interface Moment {
    /** The moment as it was told before. */
    record AsTold() implements Moment {}

    /** The moment in the time of the episode's {@link Film}. */
    record InFilm(double ms) implements Moment {}

    /** The moment in the clock of the episode's observations. */
    record Stamp(long nanos) implements Moment {}

    /**
     * Returns what a page says of it.
     *
     * @throws Refusal where that is no stamp
     */
    static Moment of(double filmMs, String stampNanos) {
      if (filmMs >= 0) {
        return new InFilm(filmMs);
      }
      try {
        return stampNanos.isEmpty() ? new AsTold() : new Stamp(Long.parseLong(stampNanos));
      } catch (NumberFormatException e) {
        throw new Refusal(400, "the stamp is '%s'", stampNanos);
      }
    }

    /** The stamp of an outcome; 0: as was told before. */
    private long stampNanos(Path bag) {
      return switch (this) {
        case AsTold() -> 0;
        case InFilm(double ms) -> FilmReader.seenNanos(bag, ms);
        case Stamp(long nanos) -> nanos;
      };
    }
  }

  /**
   * Says how a recorded episode went, and when where it is a success.
   *
   * @throws Refusal where it cannot be labelled
   */
  RobotClients.Answer label(
      String name, String outcome, String person, String note, Moment moment) {
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
          long stamp = kind == EpisodeOutcome.Kind.SUCCESS ? moment.stampNanos(bag) : 0;
          Rollouts.label(bag, new EpisodeOutcome(kind, stamp, person, note));
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
    Path bag = bag(name).path();
    try {
      String done = work.apply(bag);
      looked = false;
      RolloutRow row = row(bag);
      known.put(name, row);
      return new RobotClients.Answer(true, done, row.id());
    } catch (EpisodeException e) {
      throw new Refusal(409, "%s", String.valueOf(e.getMessage()));
    }
  }
}
