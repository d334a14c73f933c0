package dev.reverie.rollout;

import dev.reverie.mcap.Durable;
import dev.reverie.mcap.McapException;
import dev.reverie.mcap.McapVerifier;
import dev.reverie.mcap.rosbag2.Rosbag2;
import dev.reverie.mcap.rosbag2.Rosbag2Appender;
import dev.reverie.msgs.Stamps;
import dev.reverie.msgs.reverie.Episode;
import dev.reverie.msgs.std_msgs.Header;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.lang.foreign.MemorySegment;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Comparator;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/** Lists, labels, verifies and recovers recorded episodes. */
public final class Rollouts {
  private static final int MAX_DEPTH = 8;
  private static final String METADATA = "metadata.yaml";
  private static final Pattern PART = Pattern.compile("(_\\d+)?\\.(mcap|mcap\\.zstd?|db3)$");

  /** Before the names of the types that the robot node alone records. */
  private static final String PACKAGE =
      Episode.TYPE.name().substring(0, Episode.TYPE.name().indexOf('/') + 1);

  private static final String STALE_NOTE =
      "the note in its end says something else than its messages; recovery writes it anew";

  private Rollouts() {}

  /**
   * Finds the bags in a folder and in the folders below it, by path; the folder itself where it is
   * a bag. Without a metadata.yaml, .mcap files that are not parts of one recording are bags each.
   *
   * @param folder or a file of a bag, which stands for its folder where it is the only one there
   * @throws EpisodeException where there is no such folder, or no bag in it but a folder that has
   *     the name of a bag's file
   */
  public static List<Path> bags(Path folder) {
    if (Files.isRegularFile(folder)) {
      return List.of(bagOf(folder));
    }
    if (!Files.isDirectory(folder)) {
      throw new EpisodeException("there is no folder " + folder + "; give one with rollouts in it");
    }
    List<Path> bags = new ArrayList<>();
    find(folder, 0, bags);
    if (bags.isEmpty()) {
      refuseFolders(folder);
    }
    return bags;
  }

  /** Returns whether a folder has nothing but hidden files, which the robot node leaves there. */
  static boolean isEmpty(Path folder) {
    try (Stream<Path> entries = Files.list(folder)) {
      return entries.allMatch(entry -> entry.getFileName().toString().startsWith("."));
    } catch (IOException e) {
      throw new EpisodeException("cannot read the folder " + folder + ": " + e, e);
    }
  }

  private static void refuseFolders(Path folder) {
    try (Stream<Path> below = Files.walk(folder, MAX_DEPTH)) {
      below
          .filter(Files::isDirectory)
          .filter(path -> path.endsWith(METADATA) || path.toString().endsWith(".mcap"))
          .sorted()
          .findFirst()
          .ifPresent(
              found -> {
                throw new EpisodeException(
                    "there is no bag in %s: '%s' is a folder without a recording where a bag has a file of that name; copy the bag again, whole"
                        .formatted(folder, found));
              });
    } catch (IOException | UncheckedIOException e) {
      throw new EpisodeException("cannot read the folder " + folder + ": " + e, e);
    }
  }

  private static Path bagOf(Path file) {
    Path folder = Durable.folderOf(file);
    if (file.getFileName().toString().equals(METADATA)) {
      return folder;
    }
    if (!isRecording(file)) {
      throw new EpisodeException(
          file + " is no .mcap file; give one, or the folder of a rollout or of several");
    }
    try (Stream<Path> entries = Files.list(folder)) {
      return entries.filter(Rollouts::isRecording).count() == 1 ? folder : file;
    } catch (IOException e) {
      throw new EpisodeException("cannot read the folder " + folder + ": " + e, e);
    }
  }

  private static boolean isRecording(Path file) {
    String name = file.getFileName().toString();
    return !name.startsWith(".") && !Files.isDirectory(file) && PART.matcher(name).find();
  }

  /** The name of a recording, which its parts share. */
  private static String recording(Path file) {
    return PART.matcher(file.getFileName().toString()).replaceFirst("");
  }

  private static void find(Path folder, int depth, List<Path> bags) {
    List<Path> folders = new ArrayList<>();
    List<Path> recordings = new ArrayList<>();
    try (Stream<Path> entries = Files.list(folder)) {
      for (Path entry : (Iterable<Path>) entries.sorted(Comparator.naturalOrder())::iterator) {
        String name = entry.getFileName().toString();
        if (name.equals(METADATA) && !Files.isDirectory(entry)) {
          bags.add(folder);
          return;
        }
        if (isRecording(entry)) {
          recordings.add(entry);
        } else if (!name.startsWith(".") && Files.isDirectory(entry)) {
          folders.add(entry);
        }
      }
    } catch (IOException e) {
      throw new EpisodeException("cannot read the folder " + folder + ": " + e, e);
    }
    if (recordings.stream().map(Rollouts::recording).distinct().count() > 1) {
      bags.addAll(recordings);
    } else if (!recordings.isEmpty()) {
      bags.add(folder);
    } else if (depth < MAX_DEPTH) {
      folders.forEach(below -> find(below, depth + 1, bags));
    }
  }

  /** Sums up each bag in the folder, damaged ones included; the bags are read in parallel. */
  public static List<RolloutSummary> list(Path folder) {
    return bags(folder).parallelStream().map(Rollouts::summary).toList();
  }

  /** Sums up what the bag tells about its episode, or says why it does not. */
  public static RolloutSummary summary(Path bag) {
    boolean written = Rosbag2.isBeingWritten(bag);
    try {
      BagFiles files = new BagFiles(bag);
      BagIndex index = BagIndex.read(files);
      EpisodeSummaryRecord summary =
          index.summary().orElseGet(() -> EpisodeSummaryRecord.read(files, index.topics()));
      return RolloutSummary.of(bag, index, summary);
    } catch (EpisodeException e) {
      return written || Rosbag2.isBeingWritten(bag)
          ? RolloutSummary.beingRecorded(bag)
          : RolloutSummary.broken(bag, message(e));
    }
  }

  /**
   * Says how an episode went, and not when.
   *
   * @param labeller who says so
   * @param reason in words; may be empty
   * @throws EpisodeException where the bag is not a whole episode
   */
  public static void label(Path bag, EpisodeOutcome.Kind kind, String labeller, String reason) {
    label(bag, new EpisodeOutcome(kind, 0, labeller, reason));
  }

  /**
   * Says how an episode went; the last word holds. The word is appended to the bag.
   *
   * @param told of stamp 0 where nobody says when: then a success keeps the moment of one that was
   *     told before, and all else has the stamp of the episode's end
   * @throws EpisodeException where the bag is not a whole episode, or the stamp is none of it
   */
  public static void label(Path bag, EpisodeOutcome told) {
    if (told.labeller().isBlank()) {
      throw new IllegalArgumentException("a label needs the name of who gives it");
    }
    Path whole = Files.isRegularFile(bag) ? bagOf(bag) : bag;
    BagFiles files = new BagFiles(whole);
    EpisodeEvents events = EpisodeEvents.read(files, files.topics());
    if (told.stampNanos() != 0) {
      EpisodeSpan.of(files, events).require(told.stampNanos());
    }
    EpisodeOutcome outcome = events.next(told);
    long nowNanos = Stamps.nanos(Instant.now());
    Episode labelled =
        events
            .first()
            .withHeader(new Header(Stamps.time(nowNanos), ""))
            .withEvent(Episode.LABELLED)
            .withOutcome(outcome.message())
            .withConfiguration("");
    // At the bag's end: the time of day may be far from the recorder's clock, and players would
    // show the years between.
    RolloutWriter.append(
        whole,
        RolloutTopic.EPISODE.inBag(events.topic()),
        BagIndex.read(files).endNanos(),
        nowNanos,
        MemorySegment.ofArray(Episode.TYPE.encode(labelled)));
  }

  /** Names what is wrong with the bag, in clear words; empty where every byte of it is well. */
  public static List<String> verify(Path bag) {
    return check(bag, Alignment.DEFAULT).problems();
  }

  /** Names what is wrong with the bag, and what of it cannot be used. Reads every byte. */
  public static BagReport check(Path bag, Alignment alignment) {
    boolean written = Rosbag2.isBeingWritten(bag);
    BagReport report = read(bag, alignment);
    return !report.problems().isEmpty() && (written || Rosbag2.isBeingWritten(bag))
        ? new BagReport(true, List.of("it is " + BagFiles.BEING_RECORDED), List.of())
        : report;
  }

  private static BagReport read(Path bag, Alignment alignment) {
    try {
      var _ = new BagFiles(bag);
      McapVerifier.Report files = Rosbag2.check(bag);
      if (!files.problems().isEmpty()) {
        return new BagReport(false, files.problems(), files.notes());
      }
      List<String> notes = new ArrayList<>(usable(bag, alignment));
      notes.addAll(files.notes());
      long doubtful = BagIndex.read(new BagFiles(bag)).doubtful();
      if (doubtful > 0) {
        notes.add(
            "%d of its messages were recovered out of damaged chunks: any of them may be another than was recorded"
                .formatted(doubtful));
      }
      return new BagReport(
          false, staleNote(new BagFiles(bag)) ? List.of(STALE_NOTE) : List.of(), notes);
    } catch (EpisodeException | McapException e) {
      return new BagReport(false, List.of(message(e)), List.of());
    }
  }

  /** Notes how much of an episode cannot be used; empty where all of it can. */
  private static List<String> usable(Path bag, Alignment alignment) {
    try {
      dev.reverie.rollout.Episode episode = EpisodeCheck.of(bag, alignment).episode();
      return episode.gaps().isEmpty()
          ? List.of()
          : List.of(
              usable(episode.steps().size(), episode.commands(), episode.gaps().getFirst())
                  + (episode.gaps().size() > 1
                      ? "; and %d gaps more, which show names".formatted(episode.gaps().size() - 1)
                      : ""));
    } catch (UnusableEpisodeException e) {
      return List.of(usable(0, e.commands(), e.reason()));
    }
  }

  private static String usable(int steps, int commands, Object why) {
    return "usable %d of %d steps: %s".formatted(steps, commands, why);
  }

  /**
   * Makes a bag whole again, as far as it can be read. Whether an episode is left in it, {@link
   * #lostEpisode} tells.
   *
   * @return what was done and what was lost; empty where the bag was whole
   * @throws EpisodeException where it cannot be made whole
   */
  public static List<String> recover(Path bag) {
    try {
      List<String> done = new ArrayList<>(readable(bag));
      BagFiles files = new BagFiles(bag);
      try {
        if (!done.isEmpty() || staleNote(files)) {
          EpisodeSummaryRecord summary = EpisodeSummaryRecord.read(files, files.topics());
          Rosbag2Appender.append(bag, appender -> appender.addMetadata(summary.metadata()));
          done.add("the note of its outcome was written anew");
        }
      } catch (EpisodeException e) {
        // No episode is left to note; lostEpisode says why.
      }
      return done;
    } catch (McapException e) {
      throw new EpisodeException("%s cannot be recovered: %s".formatted(bag, e.getMessage()), e);
    }
  }

  /** Recovers a bag; without its doubtful messages where it cannot be read with them. */
  private static List<String> readable(Path bag) {
    refusePointers(bag);
    Set<Path> before = kept(bag);
    List<String> done = Rosbag2.recover(bag, new DoubtfulMessages());
    try {
      if (BagIndex.read(new BagFiles(bag)).doubtful() == 0) {
        return done;
      }
      var _ = EpisodeCheck.of(bag, Alignment.DEFAULT);
      return done;
    } catch (UnusableEpisodeException e) {
      return done; // as it was recorded
    } catch (EpisodeException e) {
      Set<Path> added = kept(bag);
      added.removeAll(before);
      for (Path damaged : added) {
        String name = damaged.getFileName().toString();
        try {
          Files.move(
              damaged,
              damaged.resolveSibling(name.substring(0, name.lastIndexOf(Rosbag2.DAMAGED_SUFFIX))),
              StandardCopyOption.REPLACE_EXISTING);
        } catch (IOException failed) {
          throw new EpisodeException("cannot put back " + damaged + ": " + failed, failed);
        }
      }
      return Rosbag2.recover(bag, (type, message) -> false);
    }
  }

  /** The files of a bag as they were before recoveries. */
  private static Set<Path> kept(Path bag) {
    return filesBeside(bag)
        .filter(file -> file.getFileName().toString().contains(Rosbag2.DAMAGED_SUFFIX))
        .collect(Collectors.toCollection(TreeSet::new));
  }

  private static void refusePointers(Path bag) {
    filesBeside(bag)
        .filter(file -> Files.isDirectory(bag) ? isRecording(file) : file.equals(bag))
        .flatMap(file -> GitLfs.pointer(file).stream())
        .findFirst()
        .ifPresent(
            told -> {
              throw new EpisodeException(told);
            });
  }

  private static Stream<Path> filesBeside(Path bag) {
    Path folder = Files.isDirectory(bag) ? bag : Durable.folderOf(bag);
    try (Stream<Path> files = Files.list(folder)) {
      return files.toList().stream();
    } catch (IOException e) {
      throw new EpisodeException("cannot read the folder " + folder + ": " + e, e);
    }
  }

  /**
   * Says why there is no episode in a bag that can be read.
   *
   * @return empty where there is one, and where the bag is of another recorder, which {@code
   *     import} makes episodes of
   * @throws EpisodeException where the bag cannot be read
   */
  public static Optional<String> lostEpisode(Path bag) {
    BagFiles files = new BagFiles(bag);
    BagIndex index = BagIndex.read(files);
    Collection<String> types = index.topics().values();
    if (types.isEmpty()) {
      return Optional.of(bag + " is empty: nothing of an episode is left in it; remove it");
    }
    if (index.recordedNanos() == 0 && types.stream().noneMatch(type -> type.startsWith(PACKAGE))) {
      return Optional.empty();
    }
    try {
      var _ = EpisodeEvents.read(files, index.topics());
      return Optional.empty();
    } catch (EpisodeException e) {
      return Optional.of(message(e));
    }
  }

  /** Returns whether the note in a bag's end says something else than its messages. */
  private static boolean staleNote(BagFiles files) {
    BagIndex index = BagIndex.read(files);
    return index.summary().isPresent()
        && !index.summary().get().equals(EpisodeSummaryRecord.read(files, index.topics()));
  }

  private static String message(RuntimeException e) {
    return Objects.requireNonNullElse(e.getMessage(), e.toString());
  }
}
