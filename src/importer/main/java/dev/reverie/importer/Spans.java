package dev.reverie.importer;

import dev.reverie.rollout.EpisodeOutcome;
import dev.reverie.rollout.FileErrors;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.NavigableMap;
import java.util.NavigableSet;
import java.util.Optional;
import java.util.TreeMap;
import java.util.TreeSet;

/** Cuts a recording into episodes. */
final class Spans {
  /** Seconds of a file that are larger than this count from 1970, as stamps do. */
  private static final double FROM_1970_S = 1e8;

  /** No stamp is later. */
  private static final double LATEST_S = 4e9;

  private Spans() {}

  /**
   * Part of a recording that is an episode.
   *
   * @param outcome as the file of times says; empty: as the mapping says
   */
  record Span(long beginNanos, long endNanos, Optional<EpisodeOutcome.Kind> outcome) {}

  /** The episodes, by time. */
  static List<Span> of(Recording recording, Mapping mapping) {
    NavigableMap<Long, Long> commands = new TreeMap<>(); // beginnings to ends
    for (CommandTrack track : recording.commands().values()) {
      track.times().forEach(t -> commands.merge(t, t + track.lastsNanos(t), Math::max));
    }
    NavigableSet<Long> images = new TreeSet<>();
    mapping.cameras().values().forEach(c -> images.addAll(recording.images(c.topic())));
    long first = Math.min(images.first(), commands.firstKey());
    long last = Math.max(images.last(), commands.lastKey());
    return switch (mapping.cut()) {
      case Mapping.Cut.Whole _ -> List.of(new Span(first, last, Optional.empty()));
      case Mapping.Cut.WhileTrue of -> whileTrue(recording, of.topic(), last);
      case Mapping.Cut.Gap gap -> between(commands, gap.nanos(), period(mapping));
      case Mapping.Cut.Times times -> told(times.file(), first);
    };
  }

  private static long period(Mapping mapping) {
    return Math.round(mapping.arm().action().periodS() * 1e9);
  }

  private static List<Span> whileTrue(Recording recording, String topic, long last) {
    List<Span> spans = new ArrayList<>();
    long begin = -1;
    for (Map.Entry<Long, String> value : recording.texts(topic).entrySet()) {
      boolean yes = Values.yes(value.getValue());
      if (yes && begin < 0) {
        begin = value.getKey();
      } else if (!yes && begin >= 0) {
        spans.add(new Span(begin, value.getKey(), Optional.empty()));
        begin = -1;
      }
    }
    if (begin >= 0) {
      spans.add(new Span(begin, last, Optional.empty()));
    }
    if (spans.isEmpty()) {
      throw new ImportException(
          "%s: %s never says true, so there is no episode".formatted(recording.bag(), topic));
    }
    return spans;
  }

  private static List<Span> between(NavigableMap<Long, Long> commands, long gap, long period) {
    List<Span> spans = new ArrayList<>();
    long begin = commands.firstKey();
    long end = begin;
    for (Map.Entry<Long, Long> command : commands.entrySet()) {
      if (command.getKey() - end > gap) {
        spans.add(new Span(begin, end, Optional.empty()));
        begin = command.getKey();
      }
      end = Math.max(command.getKey() + period, command.getValue());
    }
    spans.add(new Span(begin, end, Optional.empty()));
    return spans;
  }

  private static List<Span> told(Path file, long first) {
    List<String> lines;
    try {
      lines = Files.readAllLines(file);
    } catch (IOException e) {
      throw new ImportException(
          "%s, the times of episodes, cannot be read: %s; correct episodes: {file: NAME} of the mapping"
              .formatted(file, FileErrors.reason(e)));
    }
    List<Span> spans = new ArrayList<>();
    for (int i = 0; i < lines.size(); i++) {
      String line = lines.get(i).replaceFirst("#.*", "").strip();
      if (!line.isEmpty()) {
        spans.add(told(line, "%s, line %d".formatted(file, i + 1), first));
      }
    }
    if (spans.isEmpty()) {
      throw new ImportException(
          file + " names no episode; give 'BEGIN END' in seconds, a line each");
    }
    return spans;
  }

  private static Span told(String line, String where, long first) {
    String[] parts = line.split("[,;\\s]+", -1);
    try {
      if (parts.length == 2 || parts.length == 3) {
        double begin = Double.parseDouble(parts[0]);
        double end = Double.parseDouble(parts[1]);
        if (begin < end && Math.max(-begin, end) < LATEST_S) {
          long from = begin < FROM_1970_S ? first : 0;
          return new Span(
              from + Math.round(begin * 1e9),
              from + Math.round(end * 1e9),
              parts.length == 3
                  ? Optional.of(EpisodeOutcome.Kind.valueOf(parts[2].toUpperCase(Locale.ROOT)))
                  : Optional.empty());
        }
      }
    } catch (IllegalArgumentException e) {
      // said below
    }
    throw new ImportException(
        "%s is '%s'; give 'BEGIN END' in seconds, from the bag's beginning or from 1970, and perhaps success or failure after them"
            .formatted(where, line));
  }
}
