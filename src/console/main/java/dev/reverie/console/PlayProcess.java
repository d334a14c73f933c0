package dev.reverie.console;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.reverie.policy.ProcessMemory;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.io.Writer;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.List;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;

/**
 * {@code reverie train play} as a child process, which ends with its input and so with this
 * process. One thread asks at a time.
 */
final class PlayProcess implements AutoCloseable {
  /** More than a round of large pictures takes; whoever needs more has no room left here. */
  private static final long MOST_BYTES = 4L << 30;

  /** Heap of Java alone, beside which libtorch has its own. */
  private static final String HEAP = "-Xmx384m";

  /** A trainer that was never built here is built first. */
  private static final Duration BEGIN = Duration.ofMinutes(15);

  private static final Duration ANSWER = Duration.ofMinutes(2);
  private static final Duration LOOK = Duration.ofMillis(250);
  private static final Duration LEAVE = Duration.ofSeconds(5);
  private static final int LAST_LINES = 4;
  private static final ObjectMapper JSON = new ObjectMapper();

  private final Process process;
  private final Writer input;
  private final BlockingQueue<String> lines = new LinkedBlockingQueue<>();
  private final Deque<String> said = new ArrayDeque<>(); // on standard error, the last lines
  private final Thread reader;
  private final Thread listener;

  private PlayProcess(Process process) {
    this.process = process;
    input = process.outputWriter();
    reader = begin("play-answers", () -> read(process.inputReader()));
    listener = begin("play-words", () -> listen(process.errorReader()));
  }

  private static Thread begin(String name, Runnable work) {
    return Thread.ofPlatform().daemon().name(name).start(work);
  }

  /**
   * Starts it, without waiting for it to be ready.
   *
   * @param work folder of the round
   * @param cache of decoded episodes
   * @throws Refusal where it cannot be started
   */
  static PlayProcess start(Launcher launcher, Path work, Path cache) {
    ProcessBuilder builder =
        launcher.reverie(
            List.of(),
            List.of("train", "play", "--work", work.toString(), "--cache", cache.toString()));
    builder.environment().merge("REVERIE_JAVA_OPTIONS", HEAP, (own, heap) -> heap + " " + own);
    try {
      return new PlayProcess(builder.start());
    } catch (IOException e) {
      throw new Refusal(503, "the trainer cannot be started: %s", String.valueOf(e.getMessage()));
    }
  }

  private void read(BufferedReader from) {
    try (from) {
      from.lines().filter(line -> line.startsWith("{")).forEach(lines::add);
    } catch (IOException | UncheckedIOException e) {
      // It has ended.
    }
  }

  private void listen(BufferedReader from) {
    try (from) {
      from.lines().filter(line -> !line.isBlank()).forEach(this::heard);
    } catch (IOException | UncheckedIOException e) {
      // It has ended.
    }
  }

  private void heard(String line) {
    synchronized (said) {
      said.add(line.strip());
      if (said.size() > LAST_LINES) {
        said.remove();
      }
    }
  }

  /** The last line that it said of itself; empty where it said none. */
  String lastWords() {
    synchronized (said) {
      return said.isEmpty() ? "" : said.getLast();
    }
  }

  boolean isAlive() {
    return process.isAlive();
  }

  /**
   * Waits for the word that it is ready.
   *
   * @throws Refusal where it ends before, with what it said
   */
  JsonNode ready() {
    return await(BEGIN).path("ready");
  }

  /**
   * Asks it something, and waits for the answer.
   *
   * @throws Refusal with its own words where it refuses, or where it has ended
   */
  ObjectNode ask(JsonNode what) {
    try {
      input.write(what + "\n");
      input.flush();
    } catch (IOException e) {
      throw gone();
    }
    JsonNode answer = await(ANSWER);
    if (answer.has("refused")) {
      throw new Refusal(422, "%s", answer.path("refused").asText());
    }
    if (answer instanceof ObjectNode told) {
      return told;
    }
    close();
    throw new Refusal(502, "the trainer answers by no group of keys; start anew");
  }

  private JsonNode await(Duration patience) {
    long end = System.nanoTime() + patience.toNanos();
    try {
      while (System.nanoTime() < end) {
        String line = lines.poll(LOOK.toMillis(), TimeUnit.MILLISECONDS);
        if (line != null) {
          return JSON.readTree(line);
        }
        if (!process.isAlive()) {
          reader.join(LEAVE);
          line = lines.poll();
          if (line != null) {
            return JSON.readTree(line);
          }
          throw gone();
        }
        requireModest();
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new Refusal(503, "the console ends");
    } catch (JsonProcessingException e) {
      close();
      throw new Refusal(502, "the trainer's answer is cut off; start anew");
    }
    close();
    throw new Refusal(
        504, "the trainer did not answer within %d s, and was ended", patience.toSeconds());
  }

  private void requireModest() {
    long bytes = ProcessMemory.ownBytes(process.pid());
    if (bytes > MOST_BYTES) {
      close();
      throw new Refusal(
          507,
          "the trainer took %d MiB of memory, more than the %d that playing may, and was ended",
          bytes >> 20,
          MOST_BYTES >> 20);
    }
  }

  /** Says that it has ended, with what it said at last. */
  private Refusal gone() {
    try {
      if (!process.waitFor(LEAVE.toMillis(), TimeUnit.MILLISECONDS)) {
        process.destroyForcibly();
      }
      listener.join(LEAVE);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
    String words;
    synchronized (said) {
      words = String.join(" ", said);
    }
    int status = process.isAlive() ? -1 : process.exitValue();
    return status == 1 && !words.isEmpty()
        ? new Refusal(422, "%s", words)
        : new Refusal(
            502,
            "the trainer has ended (status %d)%s; open the run again",
            status,
            words.isEmpty() ? "" : ": " + words);
  }

  /** Ends it at once: it records nothing, and needs no time to leave. */
  @Override
  public void close() {
    var _ =
        process
            .destroyForcibly()
            .onExit()
            .completeOnTimeout(process, LEAVE.toMillis(), TimeUnit.MILLISECONDS)
            .join();
  }
}
