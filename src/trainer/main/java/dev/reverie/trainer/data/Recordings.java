package dev.reverie.trainer.data;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.reverie.mcap.McapException;
import dev.reverie.policy.BundleSpec;
import dev.reverie.policy.Tokenizer;
import dev.reverie.rollout.Alignment;
import dev.reverie.rollout.CameraCalibration;
import dev.reverie.rollout.EpisodeException;
import dev.reverie.rollout.EpisodeReader;
import dev.reverie.rollout.Rollouts;
import dev.reverie.trainer.nn.FreeMemory;
import dev.reverie.trainer.nn.Progress;
import dev.reverie.trainer.nn.Torch;
import dev.reverie.trainer.nn.TrainLoop;
import dev.reverie.trainer.nn.TrainerException;
import java.io.UncheckedIOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.SortedSet;
import java.util.TreeSet;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.function.BooleanSupplier;
import java.util.stream.Collectors;
import java.util.stream.IntStream;

/**
 * Recorded episodes, opened through a cache and made into data sets. What cannot be learned from is
 * skipped by name: damaged bags, episodes without an outcome, aborted ones, one episode twice.
 */
public final class Recordings {
  /** Bounds the memory too: each reader holds the messages of one bag. */
  private static final int MOST_READERS = 8;

  /** A camera that zooms tells another calibration in every bag. */
  private static final int MOST_CALIBRATIONS = 16;

  private final List<Path> sources; // folders, or a file that lists bags
  private final List<List<Opened>> opened; // a list a source
  private final List<Skipped> skipped;

  private Recordings(List<Path> sources, List<List<Opened>> opened, List<Skipped> skipped) {
    this.sources = sources;
    this.opened = opened;
    this.skipped = skipped;
  }

  /** A bag that is not used, and why. */
  record Skipped(Path bag, String reason) {}

  /**
   * The episodes of a folder.
   *
   * @param recordings in the order of the episodes
   */
  public record Folder(Dataset data, List<Recording> recordings) {
    public Folder {
      recordings = List.copyOf(recordings);
    }

    /** SHA-256 of each bag's recording, hexadecimal. */
    public List<String> hashes() {
      return recordings.stream().map(Recording::sha256).toList();
    }

    /** The same without observations of which only the action is known. */
    public Folder withSteps() {
      return new Folder(data.withSteps(), recordings);
    }

    /** Id of the recording that each episode of the data set lies in. */
    public List<String> recordingIds() {
      Set<String> known = recordings.stream().map(Recording::id).collect(Collectors.toSet());
      return data.ids().stream()
          .map(id -> known.contains(id) ? id : DecodedEpisode.recordingOf(id))
          .toList();
    }

    /** The recordings of which the data set has something. */
    List<Recording> present() {
      Set<String> ids = new HashSet<>(recordingIds());
      return recordings.stream().filter(one -> ids.contains(one.id())).toList();
    }

    /** Ids of the recordings that ended well. */
    Set<String> successes() {
      long[] success = Torch.longs(data.success());
      List<String> ids = recordingIds();
      return IntStream.range(0, success.length)
          .filter(n -> success[n] != 0)
          .mapToObj(ids::get)
          .collect(Collectors.toSet());
    }
  }

  private record Opened(Path bag, EpisodeCache.Entry entry) {
    DecodedEpisode episode() {
      return entry.episode();
    }
  }

  /**
   * Opens the episodes of these folders, several at a time.
   *
   * @param stop asked after every episode; what has been decoded by then stays in the cache
   */
  public static Recordings open(List<Path> folders, EpisodeCache cache, BooleanSupplier stop) {
    Recordings recordings =
        open(folders, folders.stream().map(Rollouts::bags).toList(), cache, stop);
    recordings.requireSome(recordings.opened);
    return recordings;
  }

  /**
   * Opens all of these bags, several at a time, and refuses one that cannot be used.
   *
   * @param list file that names them
   */
  public static Recordings openAll(
      Path list, List<Path> bags, EpisodeCache cache, BooleanSupplier stop) {
    Recordings recordings = open(List.of(list), List.of(bags), cache, stop);
    for (Skipped one : recordings.skipped) {
      throw new TrainerException("%s cannot be used: %s".formatted(one.bag, one.reason));
    }
    recordings.requireSome(recordings.opened);
    return recordings;
  }

  private static Recordings open(
      List<Path> sources, List<List<Path>> bags, EpisodeCache cache, BooleanSupplier stop) {
    List<Skipped> skipped = new ArrayList<>();
    List<List<Opened>> opened = new ArrayList<>();
    Map<String, Path> known = new HashMap<>(); // by the episode's id
    try {
      for (int i = 0; i < sources.size(); i++) {
        List<Opened> episodes = new ArrayList<>();
        int at = i;
        List<Opened> read =
            Progress.stage(
                "reading", () -> read(sources.get(at), bags.get(at), cache, stop, skipped));
        for (Opened one : read) {
          Path other = known.putIfAbsent(one.episode().id(), one.bag);
          if (other == null) {
            episodes.add(one);
          } else {
            skipped.add(
                new Skipped(one.bag, "it is the same episode as " + other + "; remove the copy"));
          }
        }
        opened.add(episodes);
      }
    } finally {
      cache.save();
    }
    FreeMemory.giveAllBack(); // the messages of the bags that were decoded
    return new Recordings(sources, opened, skipped);
  }

  /** A bag of the last folder that can be used. */
  public Path anyBag() {
    return opened.getLast().getFirst().bag();
  }

  /** The distinct instructions of the episodes. */
  public SortedSet<String> instructions() {
    return texts(opened);
  }

  /** The data sets of a policy whose chunks are carried out whole. */
  List<Folder> data(BundleSpec spec) {
    return data(new Tokenizer(spec.language()), Tasks.DEFAULT, spec.chunk().horizon());
  }

  /**
   * A data set a folder, all with one instruction table. May be called once.
   *
   * @param tokenizer of the policy; what it does not understand is skipped
   * @param tasks that the instructions ask for
   * @param stride that divides the length that the episodes are padded to
   */
  public List<Folder> data(Tokenizer tokenizer, Tasks tasks, int stride) {
    List<List<Opened>> usable =
        opened.stream().map(episodes -> understood(episodes, tokenizer)).toList();
    requireSome(usable);
    tell(usable);
    return data(usable, tokenizer, List.copyOf(texts(usable)), tasks, stride);
  }

  /**
   * A data set a folder, all with this instruction table. May be called once.
   *
   * @param texts the distinct instructions, those of the episodes among them
   * @param tasks that they ask for
   * @param stride that divides the length that the episodes are padded to
   */
  public List<Folder> data(Tokenizer tokenizer, List<String> texts, Tasks tasks, int stride) {
    return data(opened, tokenizer, texts, tasks, stride);
  }

  private static List<Folder> data(
      List<List<Opened>> usable, Tokenizer tokenizer, List<String> texts, Tasks tasks, int stride) {
    var builder = new DatasetBuilder(texts, tasks, tokenizer, stride);
    Iterator<Recording> recordings =
        recordings(usable.stream().flatMap(List::stream).toList()).iterator();
    return usable.stream()
        .map(
            episodes ->
                new Folder(
                    builder.build(episodes.stream().map(Opened::entry).toList()),
                    episodes.stream().map(_ -> recordings.next()).toList()))
        .toList();
  }

  private static List<Recording> recordings(List<Opened> all) {
    List<Long> seeds = all.parallelStream().map(one -> Rollouts.summary(one.bag).seed()).toList();
    List<Long> scenes =
        Recording.scenes(all.stream().map(one -> one.episode().policy()).toList(), seeds);
    return IntStream.range(0, all.size())
        .mapToObj(
            i -> new Recording(all.get(i).episode().id(), all.get(i).entry.sha256(), scenes.get(i)))
        .toList();
  }

  /**
   * The calibrations that cameras told in the episodes, by name: those that differ, in the order of
   * the bags, and of many the last ones.
   */
  public Map<String, List<CameraCalibration>> calibrations(List<BundleSpec.Camera> cameras) {
    Map<String, List<CameraCalibration>> known = new HashMap<>();
    for (Opened one : opened.stream().flatMap(List::stream).toList()) {
      EpisodeReader reader = EpisodeReader.open(one.bag, Alignment.DEFAULT);
      for (BundleSpec.Camera camera : cameras) {
        calibration(reader, camera.name())
            .ifPresent(
                lens -> {
                  List<CameraCalibration> had =
                      known.computeIfAbsent(camera.name(), _ -> new ArrayList<>());
                  had.removeIf(lens::sameAs);
                  had.add(lens);
                  if (had.size() > MOST_CALIBRATIONS) {
                    had.removeFirst();
                  }
                });
      }
    }
    return known;
  }

  /** The episodes of the last folder beside those of the first. */
  public OtherArms otherArms(List<BundleSpec.Camera> cameras) {
    return OtherArms.of(bags(opened.getFirst()), bags(opened.getLast()), cameras);
  }

  private static List<Path> bags(List<Opened> episodes) {
    return episodes.stream().map(Opened::bag).toList();
  }

  /** Empty where a camera told none, or numbers that are none. */
  static Optional<CameraCalibration> calibration(EpisodeReader reader, String camera) {
    try {
      return reader.calibration(camera);
    } catch (EpisodeException e) {
      return Optional.empty();
    }
  }

  /** Returns when and how far the policy's chunks were carried out in the last folder. */
  public ChunkTiming timing() {
    return new ChunkTiming(
        opened.getLast().stream().map(one -> one.episode().carriedOut()).toList(),
        opened.getLast().stream().map(one -> one.episode().delays()).toList());
  }

  /** Real success of a policy in those episodes of the last folder in which it alone acted. */
  public BundleSpec.Measured measured(String policy) {
    int episodes = 0;
    int successes = 0;
    for (Opened one : opened.getLast()) {
      if (one.episode().policy().equals(policy)) {
        episodes++;
        successes += EpisodeReader.open(one.bag, Alignment.DEFAULT).outcome().success() ? 1 : 0;
      }
    }
    return new BundleSpec.Measured(successes, episodes);
  }

  /** The bags that were skipped so far. */
  List<Skipped> skipped() {
    return skipped;
  }

  /** Number of the episodes that had been decoded before. */
  public long cached() {
    return cached(opened);
  }

  /** Says in a report where the episodes came from, and names the bags that were not used. */
  public void put(ObjectNode report) {
    report
        .putObject("read")
        .put("from_cache", cached())
        .put("decoded", opened.stream().mapToInt(List::size).sum() - cached());
    ArrayNode list = report.putArray("skipped");
    skipped.forEach(
        one -> list.addObject().put("bag", one.bag.toString()).put("reason", one.reason));
  }

  private static List<Opened> read(
      Path source,
      List<Path> bags,
      EpisodeCache cache,
      BooleanSupplier stop,
      List<Skipped> skipped) {
    List<Opened> episodes = new ArrayList<>();
    int readers = Math.min(MOST_READERS, Runtime.getRuntime().availableProcessors());
    ExecutorService pool = Executors.newFixedThreadPool(readers);
    try (Progress progress = new Progress("reading", bags.size())) {
      List<Future<EpisodeCache.Entry>> entries =
          bags.stream().map(bag -> pool.submit(() -> cache.open(bag))).toList();
      for (int i = 0; i < bags.size(); i++) {
        try {
          episodes.add(new Opened(bags.get(i), entries.get(i).get()));
        } catch (ExecutionException e) {
          skipped.add(new Skipped(bags.get(i), reason(e)));
        }
        progress.at(i + 1, source.toString());
        if (stop.getAsBoolean()) {
          throw TrainLoop.stopped();
        }
      }
    } catch (InterruptedException e) {
      throw new TrainerException("reading " + source + " was interrupted", e);
    } finally {
      pool.shutdownNow();
      pool.close();
    }
    return episodes;
  }

  /** The reason why a bag cannot be used; what no bag may cause is thrown on. */
  private static String reason(ExecutionException e) {
    Throwable why = e.getCause();
    if (why instanceof EpisodeException
        || why instanceof McapException
        || why instanceof IllegalArgumentException
        || why instanceof UncheckedIOException) {
      return String.valueOf(why.getMessage());
    }
    if (why instanceof Error error) {
      throw error;
    }
    if (why instanceof TrainerException refused) {
      throw refused;
    }
    throw new IllegalStateException(why);
  }

  private List<Opened> understood(List<Opened> episodes, Tokenizer tokenizer) {
    List<Opened> understood = new ArrayList<>();
    for (Opened one : episodes) {
      try {
        tokenizer.encode(one.episode().instruction());
        understood.add(one);
      } catch (IllegalArgumentException e) {
        skipped.add(new Skipped(one.bag, String.valueOf(e.getMessage())));
      }
    }
    return understood;
  }

  private static SortedSet<String> texts(List<List<Opened>> episodes) {
    SortedSet<String> texts = new TreeSet<>();
    episodes.forEach(list -> list.forEach(one -> texts.add(one.episode().instruction())));
    return texts;
  }

  private void requireSome(List<List<Opened>> episodes) {
    for (int i = 0; i < episodes.size(); i++) {
      if (episodes.get(i).isEmpty()) {
        tell(episodes);
        throw new TrainerException(
            "no episode in %s can be used%s"
                .formatted(
                    sources.get(i),
                    skipped.isEmpty()
                        ? "; record and label some first"
                        : ", for example: " + skipped.getLast().reason()));
      }
    }
  }

  /** Tells how many episodes there are, and which bags were skipped. */
  private void tell(List<List<Opened>> episodes) {
    int all = episodes.stream().mapToInt(List::size).sum();
    long cached = cached(episodes);
    Progress.say(
        "%d episodes: %d from the cache, %d decoded; %d skipped"
            .formatted(all, cached, all - cached, skipped.size()));
    skipped.forEach(one -> Progress.say("skipped %s: %s".formatted(one.bag, one.reason)));
  }

  private static long cached(List<List<Opened>> episodes) {
    return episodes.stream().flatMap(List::stream).filter(one -> one.entry.cached()).count();
  }
}
