package dev.reverie.robot.swap;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.reverie.mcap.Durable;
import dev.reverie.rollout.FileErrors;
import dev.reverie.rollout.Sha256;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.function.Consumer;

/**
 * Remembers over a restart which policy is live, and which were before: a file of two lines, the
 * SHA-256 of the second one and JSON. It appears whole or stays as it was. For one thread at a
 * time.
 */
public final class PolicyStore {
  public static final String FILE = "policies.json";
  private static final ObjectMapper JSON = new ObjectMapper();

  /**
   * A policy bundle.
   *
   * @param id that it had
   */
  public record Remembered(String folder, String id) {
    static Remembered of(KeptPolicy kept) {
      return new Remembered(kept.folder().toString(), kept.id());
    }
  }

  /**
   * The policies that were live at a time.
   *
   * @param bundle parameter {@code bundle} of the node by then: another one means another policy
   * @param earlier the last one first
   * @param watched whether the live one was swapped in, and is rolled back where it has to go
   */
  public record State(String bundle, Remembered live, List<Remembered> earlier, boolean watched) {}

  private final Path file;
  private final String bundle;
  private final Consumer<String> warn;

  /**
   * Begins with what is there.
   *
   * @param folder in which the file lies; made where it is not there
   * @param bundle parameter of the node
   * @param warn takes why something is not remembered
   */
  public PolicyStore(Path folder, String bundle, Consumer<String> warn) {
    file = folder.resolve(FILE);
    this.bundle = bundle;
    this.warn = warn;
  }

  /** Returns what was live before; empty where nobody knows, or the node is to begin anew. */
  public Optional<State> read() {
    if (!Files.exists(file)) {
      return Optional.empty();
    }
    try {
      String[] lines = Files.readString(file).split("\n", 2);
      String json = lines.length < 2 ? "" : lines[1].strip();
      if (!lines[0].equals(hash(json))) {
        throw new IOException("its lines do not go together, so it is damaged");
      }
      State state = JSON.readValue(json, State.class);
      if (!state.bundle.equals(bundle)) {
        warn.accept(
            "%s is of a node with the bundle '%s', not of this one: the parameter's own is live"
                .formatted(file, state.bundle));
        return Optional.empty();
      }
      return Optional.of(state);
    } catch (IOException | RuntimeException e) {
      warn.accept(
          "%s is not obeyed: %s; the parameter's bundle is live, swap in the one that is to be"
              .formatted(file, FileErrors.reason(e)));
      return Optional.empty();
    }
  }

  /** Writes down what is live now. */
  void write(Remembered live, List<Remembered> earlier, boolean watched) {
    try {
      Files.createDirectories(file.getParent());
      String json = json(new State(bundle, live, earlier, watched));
      Durable.write(file, hash(json) + "\n" + json + "\n");
    } catch (IOException e) {
      warn.accept(
          "cannot write %s: %s; after a restart another policy will be live"
              .formatted(file, FileErrors.reason(e)));
    }
  }

  private static String hash(String json) {
    return Sha256.of(json.getBytes(StandardCharsets.UTF_8));
  }

  private static String json(State state) throws JsonProcessingException {
    return JSON.writeValueAsString(state);
  }
}
