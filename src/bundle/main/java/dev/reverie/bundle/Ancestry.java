package dev.reverie.bundle;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.reverie.policy.BundleException;
import dev.reverie.policy.BundleSpec;
import dev.reverie.policy.PolicyBundle;
import dev.reverie.rollout.FileErrors;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/** Bundles of some folders by their ids, and what files beside them say of each. */
final class Ancestry {
  private static final int DEEP = 8; // folders below each other that are looked through
  private static final ObjectMapper JSON = new ObjectMapper();

  private final Map<String, Known> known = new LinkedHashMap<>();
  private final Map<String, List<String>> said = new HashMap<>();
  private final List<String> given = new ArrayList<>();

  private Ancestry() {}

  /** A bundle that was found. */
  record Known(String id, Path folder, BundleSpec.Lineage lineage) {}

  /**
   * Looks for bundles.
   *
   * @param bundles those that are wanted
   * @param folders where others are looked for; none: beside those
   */
  static Ancestry of(List<Path> bundles, List<Path> folders) {
    Ancestry ancestry = new Ancestry();
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
    once.forEach(ancestry::search);
    return ancestry;
  }

  private Known add(Path folder) {
    PolicyBundle bundle = PolicyBundle.load(folder);
    return known.computeIfAbsent(bundle.id(), id -> new Known(id, folder, bundle.spec().lineage()));
  }

  private void search(Path folder) {
    try (Stream<Path> files = Files.walk(folder, DEEP)) {
      for (Path file : files.filter(Files::isRegularFile).sorted().toList()) {
        switch (String.valueOf(file.getFileName())) {
          case "bundle.json" -> addWhereSound(Objects.requireNonNull(file.getParent()));
          case "round.json" -> round(file);
          case "comparison.json" -> comparison(file);
          case "policies.json" -> robot(file);
          default -> {}
        }
      }
    } catch (IOException e) {
      throw new BundleException(
          "%s cannot be looked through: %s".formatted(folder, FileErrors.reason(e, folder)), e);
    }
  }

  private void addWhereSound(Path folder) {
    try {
      Known _ = add(folder);
    } catch (BundleException e) {
      // A damaged bundle beside others has no id that anybody could name.
    }
  }

  /** What a round measured of the policy that it began with, and of the one that it made. */
  private void round(Path file) {
    JsonNode round = read(file);
    JsonNode policy = round.path("policy");
    say(policy.path("before").asText(), file, "was the base of a round", round.path("base"));
    JsonNode improved = round.path("improved");
    say(policy.path("after").asText(), file, "came of a round", improved.path("real"));
  }

  private void say(String id, Path file, String what, JsonNode success) {
    if (!success.isMissingNode() && !success.isNull()) {
      say(id, file, what, success.path("successes").asLong(), success.path("episodes").asLong());
    }
  }

  private void say(String id, Path file, String what, long successes, long episodes) {
    if (!id.isEmpty()) {
      said.computeIfAbsent(id, _ -> new ArrayList<>())
          .add(
              "%s, and %d of %d real episodes succeeded (%s)"
                  .formatted(what, successes, episodes, file));
    }
  }

  /** What {@code evaluate} found of two policies, so far. */
  private void comparison(Path file) {
    JsonNode state = read(file);
    for (String side : List.of("A", "B")) {
      String id = state.path("setting").path(side.toLowerCase(Locale.ROOT)).asText();
      long episodes = 0;
      long successes = 0;
      for (JsonNode trial : state.path("trials")) {
        if (trial.path("policy").asText().equals(side)) {
          episodes++;
          successes += trial.path("success").asBoolean() ? 1 : 0;
        }
      }
      if (episodes > 0) {
        say(id, file, "was compared with another", successes, episodes);
      }
    }
  }

  /** What a node remembers: a line with a hash, then JSON. */
  private void robot(Path file) {
    JsonNode state = read(file);
    remembered(state.path("live"), file, "is live on the robot");
    state.path("earlier").forEach(each -> remembered(each, file, "was live on the robot"));
  }

  private void remembered(JsonNode policy, Path file, String what) {
    if (policy.has("id")) {
      said.computeIfAbsent(policy.path("id").asText(), _ -> new ArrayList<>())
          .add("%s (%s)".formatted(what, file));
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

  /** Those that were asked for; without any, those that are no parent of another. */
  Collection<Known> wanted() {
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

  /** The bundle with an id, where it was found. */
  @Nullable Known find(String id) {
    return known.get(id);
  }

  /** What rounds and robots say of a policy. */
  List<String> said(String id) {
    return said.getOrDefault(id, List.of());
  }
}
