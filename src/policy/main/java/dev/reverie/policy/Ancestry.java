package dev.reverie.policy;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.reverie.rollout.FileErrors;
import java.io.IOException;
import java.nio.file.FileVisitOption;
import java.nio.file.FileVisitResult;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.SimpleFileVisitor;
import java.nio.file.attribute.BasicFileAttributes;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Collections;
import java.util.EnumSet;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/** Bundles of some folders by their ids, and what files beside them say of each. */
public final class Ancestry {
  /** So many folders below each other are looked through where nobody says otherwise. */
  public static final int DEEP = 8;

  private static final ObjectMapper JSON = new ObjectMapper();
  private static final Set<String> TOLD =
      Set.of("bundle.json", "round.json", "comparison.json", "policies.json");

  private final Function<Path, Known> reader;
  private final Map<String, Known> known = new LinkedHashMap<>();
  private final SortedMap<Path, String> faults = new TreeMap<>();
  private final Map<String, List<Said>> said = new HashMap<>();
  private final List<String> given = new ArrayList<>();

  /** A bundle that was found. */
  public record Known(String id, Path folder, BundleSpec spec) {
    /** Reads a bundle and checks all of it. */
    public static Known whole(Path folder) {
      PolicyBundle bundle = PolicyBundle.load(folder);
      return new Known(bundle.id(), folder, bundle.spec());
    }

    /** Reads what a bundle says of itself. */
    public static Known head(Path folder) {
      BundleHead head = BundleHead.read(folder);
      return new Known(head.id(), folder, head.spec());
    }

    /** Its history, as it tells it. */
    public BundleSpec.Lineage lineage() {
      return spec.lineage();
    }
  }

  /**
   * A file's words about a policy.
   *
   * @param what in words
   * @param real success on the arm that it tells; empty where it tells none
   */
  public record Said(String what, Path file, Optional<BundleSpec.Measured> real) {
    @Override
    public String toString() {
      return real.map(
              of ->
                  "%s, and %d of %d real episodes succeeded (%s)"
                      .formatted(what, of.successes(), of.episodes(), file))
          .orElseGet(() -> "%s (%s)".formatted(what, file));
    }
  }

  /**
   * Begins with none.
   *
   * @param reader of a bundle's folder, {@link Known#whole} or {@link Known#head}
   */
  public Ancestry(Function<Path, Known> reader) {
    this.reader = reader;
  }

  /**
   * Looks for bundles, and checks all of each.
   *
   * @param bundles those that are wanted
   * @param folders where others are looked for; none: beside those
   * @throws BundleException where one that is wanted is damaged, or a folder cannot be read
   */
  public static Ancestry of(List<Path> bundles, List<Path> folders) {
    var ancestry = new Ancestry(Known::whole);
    for (Path bundle : bundles) {
      ancestry.given.add(ancestry.add(bundle).id());
    }
    List<Path> searched = new ArrayList<>(folders);
    if (folders.isEmpty()) {
      bundles.forEach(
          bundle ->
              searched.add(
                  Objects.requireNonNull(bundle.toAbsolutePath().normalize().getParent())));
    }
    Set<Path> once = new HashSet<>(searched);
    once.forEach(folder -> ancestry.search(folder, DEEP));
    return ancestry;
  }

  private Known add(Path folder) {
    Known read = reader.apply(folder);
    return known.computeIfAbsent(read.id(), _ -> read);
  }

  /**
   * Adds the bundle of a folder; one that is damaged is among the {@link #faults}, since it has no
   * id that anybody could name.
   */
  public void addWhereSound(Path folder) {
    try {
      Known _ = add(folder);
    } catch (BundleException e) {
      faults.put(folder, String.valueOf(e.getMessage()));
    }
  }

  /**
   * Adds what is in a folder. What comes and goes meanwhile, what may not be read, and hidden
   * folders, in which something is still being written, are passed over.
   *
   * @param deep so many folders below each other
   * @throws BundleException where the folder itself cannot be read
   */
  public void search(Path folder, int deep) {
    List<Path> files = new ArrayList<>();
    try {
      Files.walkFileTree(
          folder, EnumSet.noneOf(FileVisitOption.class), deep, visitor(folder, files));
    } catch (IOException e) {
      throw new BundleException(
          "%s cannot be looked through: %s".formatted(folder, FileErrors.reason(e, folder)), e);
    }
    Collections.sort(files);
    for (Path file : files) {
      switch (String.valueOf(file.getFileName())) {
        case "round.json" -> round(file);
        case "comparison.json" -> comparison(file);
        case "policies.json" -> robot(file);
        default -> addWhereSound(Objects.requireNonNull(file.getParent()));
      }
    }
  }

  private static SimpleFileVisitor<Path> visitor(Path root, List<Path> files) {
    return new SimpleFileVisitor<>() {
      @Override
      public FileVisitResult preVisitDirectory(Path folder, BasicFileAttributes attributes) {
        boolean hidden = !folder.equals(root) && folder.getFileName().toString().startsWith(".");
        return hidden ? FileVisitResult.SKIP_SUBTREE : FileVisitResult.CONTINUE;
      }

      @Override
      public FileVisitResult visitFile(Path file, BasicFileAttributes attributes) {
        if (attributes.isRegularFile() && TOLD.contains(file.getFileName().toString())) {
          files.add(file);
        }
        return FileVisitResult.CONTINUE;
      }

      @Override
      public FileVisitResult visitFileFailed(Path file, IOException e) throws IOException {
        if (file.equals(root)) {
          throw e;
        }
        return FileVisitResult.CONTINUE;
      }

      @Override
      public FileVisitResult postVisitDirectory(Path folder, @Nullable IOException e) {
        return FileVisitResult.CONTINUE;
      }
    };
  }

  /** Adds what a round measured of the policy that it began with, and of the one that it made. */
  private void round(Path file) {
    JsonNode round = read(file);
    JsonNode policy = round.path("policy");
    measured(policy.path("before").asText(), file, "was the base of a round", round.path("base"));
    JsonNode improved = round.path("improved");
    measured(policy.path("after").asText(), file, "came of a round", improved.path("real"));
  }

  private void measured(String id, Path file, String what, JsonNode success) {
    int successes = success.path("successes").asInt(-1);
    int episodes = success.path("episodes").asInt(-1);
    if (!id.isEmpty() && successes >= 0 && successes <= episodes) {
      say(id, new Said(what, file, Optional.of(new BundleSpec.Measured(successes, episodes))));
    }
  }

  /** Adds what {@code evaluate} found of two policies, so far. */
  private void comparison(Path file) {
    JsonNode state = read(file);
    for (String side : List.of("A", "B")) {
      String id = state.path("setting").path(side.toLowerCase(Locale.ROOT)).asText();
      int episodes = 0;
      int successes = 0;
      for (JsonNode trial : state.path("trials")) {
        if (trial.path("policy").asText().equals(side)) {
          episodes++;
          successes += trial.path("success").asBoolean() ? 1 : 0;
        }
      }
      if (!id.isEmpty() && episodes > 0) {
        var real = new BundleSpec.Measured(successes, episodes);
        say(id, new Said("was compared with another", file, Optional.of(real)));
      }
    }
  }

  private void say(String id, Said what) {
    said.computeIfAbsent(id, _ -> new ArrayList<>()).add(what);
  }

  /** Adds what a node remembers: a line with a hash, then JSON. */
  private void robot(Path file) {
    JsonNode state = read(file);
    remembered(state.path("live"), file, "is live on the robot");
    state.path("earlier").forEach(each -> remembered(each, file, "was live on the robot"));
  }

  private void remembered(JsonNode policy, Path file, String what) {
    if (policy.has("id")) {
      say(policy.path("id").asText(), new Said(what, file, Optional.empty()));
    }
  }

  private static JsonNode read(Path file) {
    try {
      String text = Files.readString(file);
      return JSON.readTree(text.substring(Math.max(0, text.indexOf('{'))));
    } catch (IOException e) {
      return JSON.missingNode(); // of somebody else, with the same name
    }
  }

  /**
   * Returns those that were asked for; without any, those that are no parent of another.
   *
   * @throws BundleException where there is none
   */
  public Collection<Known> wanted() {
    if (!given.isEmpty()) {
      return given.stream().map(id -> Objects.requireNonNull(known.get(id))).toList();
    }
    if (known.isEmpty()) {
      throw new BundleException("there is no sound bundle in these folders; name others by --in");
    }
    Set<String> parents = new HashSet<>();
    known.values().forEach(each -> parents.add(each.lineage().parent()));
    return known.values().stream().filter(each -> !parents.contains(each.id())).toList();
  }

  /** All that were found. */
  public Collection<Known> all() {
    return Collections.unmodifiableCollection(known.values());
  }

  /** Folders that look like bundles, and why they are none. */
  public SortedMap<Path, String> faults() {
    return Collections.unmodifiableSortedMap(faults);
  }

  /** The bundle with an id, where it was found. */
  public @Nullable Known find(String id) {
    return known.get(id);
  }

  /** Returns what rounds and robots say of a policy. */
  public List<Said> said(String id) {
    return said.getOrDefault(id, List.of());
  }
}
