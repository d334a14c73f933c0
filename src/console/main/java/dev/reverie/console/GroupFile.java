package dev.reverie.console;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.BufferedInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.StreamSupport;
import org.jspecify.annotations.Nullable;

/**
 * Reads a page of the groups of a practice from {@code groups.jsonl}, while a trainer writes it.
 * Two passes over the bytes, so that a page is all that is held in memory.
 */
final class GroupFile {
  /** Groups of a page. */
  static final int PAGE = 24;

  /** Larger ones are none that a trainer writes: its own have 16 MiB at most. */
  private static final long LARGEST = 64 << 20;

  /** Bytes of a line at most: some 5,000 rollouts. */
  private static final int LONGEST = 64 << 10;

  /** Number of letters that are shown of a bad line. */
  private static final int SHOWN = 80;

  /** Beginning of every line of a trainer. */
  private static final String BEGINS = "{\"step\":";

  private static final ObjectMapper JSON = new ObjectMapper();

  private GroupFile() {}

  /**
   * Groups in the order in which they were imagined.
   *
   * @param lines of the file, bad ones among them; 0 where there is none
   * @param from number of the page's first line, from 0
   * @param firstStep iteration of the file's first group; -1 where there is none
   * @param lastStep of its last group
   * @param bad lines of the page that tell no group
   */
  record Page(
      int lines, int from, int firstStep, int lastStep, List<Group> groups, List<BadLine> bad) {
    static final Page NONE = new Page(0, 0, -1, -1, List.of(), List.of());
  }

  /**
   * A group, as the trainer tells it.
   *
   * @param line of the file, from 0
   * @param draw of the iteration
   * @param episode the rollout that it starts from, at a frame of it
   * @param success of each rollout, 0 or 1
   * @param advantage of each
   * @param trusted weight of each, 0 to 1; null where each is trusted whole
   */
  record Group(
      int line,
      int step,
      int draw,
      String episode,
      int frame,
      String instruction,
      List<Integer> success,
      List<Double> advantage,
      @Nullable List<Double> trusted) {}

  /** A line that tells no group, and why. */
  record BadLine(int line, String why) {}

  /** Counts over the whole file, and where the page begins. */
  private static final class Count {
    private int lines;
    private int firstStep = -1;
    private int lastStep = -1;
    private int wanted = -1; // the first line of the iteration that is asked for, or of a later one
  }

  /**
   * Reads the page that begins with a line, or with an iteration.
   *
   * @param from number of the line; -1: the last page, or that of the iteration
   * @param step iteration; -1: none is asked for
   * @param running whether a trainer writes: a last line without an end is not there yet then, and
   *     is cut off otherwise
   * @throws Refusal where the file is too large to be a trainer's, or cannot be read
   */
  static Page read(Path file, int from, int step, boolean running) {
    try {
      if (!Files.exists(file)) {
        return Page.NONE;
      }
      long size = Files.size(file);
      if (size > LARGEST) {
        throw new Refusal(422, "%s has more than %d MiB", file, LARGEST >> 20);
      }
      Count count = new Count();
      lines(
          file,
          size,
          running,
          (line, text) -> {
            count.lines++;
            int at = stepOf(text);
            if (at >= 0) {
              count.firstStep = count.firstStep < 0 ? at : count.firstStep;
              count.lastStep = at;
              if (step >= 0 && at >= step && count.wanted < 0) {
                count.wanted = line;
              }
            }
            return true;
          });
      int wanted = from < 0 ? count.wanted : from;
      int last = Math.max(0, count.lines - PAGE);
      int first = wanted < 0 ? last : Math.min(wanted, last);
      List<Group> groups = new ArrayList<>();
      List<BadLine> bad = new ArrayList<>();
      lines(
          file,
          size,
          running,
          (line, text) -> {
            if (line >= first) {
              add(line, text, groups, bad);
            }
            return line + 1 < first + PAGE;
          });
      return new Page(count.lines, first, count.firstStep, count.lastStep, groups, bad);
    } catch (NoSuchFileException e) {
      return Page.NONE; // it went meanwhile
    } catch (IOException e) {
      throw new Refusal(422, "%s cannot be read: %s", file, String.valueOf(e.getMessage()));
    }
  }

  /** Takes the lines of a file one by one, until it says that it has enough. */
  private interface Taker {
    boolean takes(int line, String text);
  }

  /** Hands on the lines of a file as it was when its size was asked for. */
  private static void lines(Path file, long size, boolean running, Taker taker) throws IOException {
    try (InputStream in = new BufferedInputStream(Files.newInputStream(file), 1 << 16)) {
      byte[] held = new byte[LONGEST + 1];
      int length = 0;
      int line = 0;
      for (long at = 0; at < size; at++) {
        int next = in.read();
        if (next < 0) {
          break;
        }
        if (next == '\n') {
          if (!taker.takes(line++, new String(held, 0, length, StandardCharsets.UTF_8))) {
            return;
          }
          length = 0;
        } else if (length < held.length) {
          held[length++] = (byte) next;
        }
      }
      if (length > 0 && !running) {
        var _ = taker.takes(line, new String(held, 0, length, StandardCharsets.UTF_8));
      }
    }
  }

  /** The iteration that a line tells of, without reading the rest of it; -1 where it tells none. */
  private static int stepOf(String text) {
    int end = text.indexOf(',');
    if (end < 0 || !text.startsWith(BEGINS)) {
      return -1;
    }
    try {
      return Integer.parseUnsignedInt(text.substring(BEGINS.length(), end).strip());
    } catch (NumberFormatException e) {
      return -1;
    }
  }

  private static void add(int line, String text, List<Group> groups, List<BadLine> bad) {
    try {
      if (text.length() > LONGEST) {
        throw new IllegalArgumentException("it is longer than %d bytes".formatted(LONGEST));
      }
      groups.add(group(line, JSON.readTree(text)));
    } catch (JsonProcessingException e) {
      String begins = text.length() > SHOWN ? text.substring(0, SHOWN) + ".." : text;
      bad.add(new BadLine(line, "it is cut off, or no JSON: " + begins));
    } catch (IllegalArgumentException e) {
      bad.add(new BadLine(line, String.valueOf(e.getMessage())));
    }
  }

  private static Group group(int line, JsonNode told) {
    List<Double> success = numbers(told, "success", 0, 1);
    List<Double> advantage = numbers(told, "advantage", -1e9, 1e9);
    List<Double> trusted = told.has("trusted") ? numbers(told, "trusted", 0, 1) : null;
    if (!success.stream().allMatch(value -> value == 0 || value == 1)) {
      throw new IllegalArgumentException("its 'success' has another number than 0 or 1");
    }
    if (success.isEmpty()
        || success.size() != advantage.size()
        || (trusted != null && trusted.size() != success.size())) {
      throw new IllegalArgumentException(
          "it tells how %d rollouts ended, and the advantages of %d%s"
              .formatted(
                  success.size(),
                  advantage.size(),
                  trusted == null ? "" : ", with weights of " + trusted.size()));
    }
    return new Group(
        line,
        number(told, "step"),
        number(told, "draw"),
        text(told, "episode"),
        number(told, "frame"),
        text(told, "instruction"),
        success.stream().map(Double::intValue).toList(),
        advantage,
        trusted);
  }

  private static List<Double> numbers(JsonNode told, String key, double least, double most) {
    JsonNode all = told.path(key);
    if (!all.isArray()) {
      throw new IllegalArgumentException("its '%s' is no list of numbers".formatted(key));
    }
    return StreamSupport.stream(all.spliterator(), false)
        .map(
            one -> {
              double value = one.isNumber() ? one.asDouble() : Double.NaN;
              if (!(value >= least && value <= most)) {
                throw new IllegalArgumentException(
                    "its '%s' has %s, which is no number from %s to %s"
                        .formatted(key, one, least, most));
              }
              return value;
            })
        .toList();
  }

  private static int number(JsonNode told, String key) {
    JsonNode one = told.path(key);
    if (!one.isInt() || one.asInt() < 0) {
      throw new IllegalArgumentException("its '%s' is no number from 0".formatted(key));
    }
    return one.asInt();
  }

  private static String text(JsonNode told, String key) {
    JsonNode one = told.path(key);
    if (!one.isTextual()) {
      throw new IllegalArgumentException("its '%s' is no text".formatted(key));
    }
    return one.asText();
  }
}
