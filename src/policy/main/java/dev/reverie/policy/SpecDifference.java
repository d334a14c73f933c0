package dev.reverie.policy;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.StreamSupport;

/**
 * A field of {@code bundle.json} in which two policies differ, other than in their history: in what
 * they see, are told, and give.
 *
 * @param field its path, such as {@code language.words} or {@code cameras.front.crop}
 * @param running what it is, as JSON; {@code null} where it is not there
 * @param next what it would be
 */
public record SpecDifference(String field, String running, String next) {
  /** Characters of a value that a message repeats. */
  private static final int TOLD = 200;

  /**
   * Keys of how a policy came to be, and what is learned of it, which changes nothing of what it is
   * for.
   */
  private static final Set<String> INSIDE =
      Set.of("format", "parameters", "probe", "lineage", "files");

  /** All differences of two specs, in the order of the format. */
  public static List<SpecDifference> between(BundleSpec running, BundleSpec next) {
    List<SpecDifference> found = new ArrayList<>();
    boolean bound = areBound(running, next);
    compare("", byName(running, bound), byName(next, bound), found);
    return found;
  }

  /** Returns whether both tell what their graph's inputs are bound to, which format 1 does not. */
  private static boolean areBound(BundleSpec running, BundleSpec next) {
    return running.format() == BundleSpec.FORMAT && next.format() == BundleSpec.FORMAT;
  }

  /** All differences of what two specs say, their history included, but for files and hashes. */
  public static List<SpecDifference> everywhere(BundleSpec one, BundleSpec other) {
    List<SpecDifference> found = new ArrayList<>();
    compare("", byName(one, Set.of("files")), byName(other, Set.of("files")), found);
    return found;
  }

  /** Every path at which the specs could differ, with those above it. */
  public static Set<String> fields(BundleSpec running, BundleSpec next) {
    Set<String> names = new TreeSet<>();
    boolean bound = areBound(running, next);
    collect("", byName(running, bound), names);
    collect("", byName(next, bound), names);
    return names;
  }

  /** Returns whether one of these names, of it or of a field that it is part of, allows it. */
  public boolean isAllowedBy(List<String> names) {
    return names.stream().anyMatch(name -> field.equals(name) || field.startsWith(name + "."));
  }

  @Override
  public String toString() {
    return "%s is %s instead of %s".formatted(field, told(next), told(running));
  }

  private static String told(String value) {
    return value.length() <= TOLD ? value : value.substring(0, TOLD) + "...";
  }

  /**
   * The spec as JSON without its history; cameras and inputs by name, since their order is free.
   * The tokenizer's file is a part of the language: in another one words may have changed places.
   *
   * @param bound whether what the graph's inputs are bound to is within
   */
  private static ObjectNode byName(BundleSpec spec, boolean bound) {
    ObjectNode all = byName(spec, INSIDE);
    if (bound && all.get("graph") instanceof ObjectNode graph) {
      graph.remove("files");
      graph.set("inputs", byName(graph.path("inputs")));
    } else {
      all.remove("graph");
    }
    String hash =
        spec.language() instanceof Language.Subwords words ? spec.files().get(words.file()) : null;
    if (hash != null && all.get("language") instanceof ObjectNode language) {
      language.put("sha256", hash);
    }
    return all;
  }

  private static ObjectNode byName(BundleSpec spec, Set<String> without) {
    ObjectNode all = BundleJson.tree(spec);
    all.remove(without);
    all.set("cameras", byName(all.path("cameras")));
    return all;
  }

  private static ObjectNode byName(JsonNode list) {
    ObjectNode named = JsonNodeFactory.instance.objectNode();
    for (JsonNode one : list) {
      ObjectNode rest = one.deepCopy();
      rest.remove("name");
      named.set(one.path("name").asText(), rest);
    }
    return named;
  }

  private static void compare(
      String path, JsonNode running, JsonNode next, List<SpecDifference> found) {
    if (running.equals(next)) {
      return;
    }
    boolean alike =
        running.isObject() && next.isObject() && running.path("kind").equals(next.path("kind"));
    if (!alike) {
      found.add(new SpecDifference(path, text(running), text(next)));
      return;
    }
    Set<String> keys = new TreeSet<>(keys(running));
    keys.addAll(keys(next));
    for (String key : keys) {
      compare(below(path, key), running.path(key), next.path(key), found);
    }
  }

  private static void collect(String path, JsonNode value, Set<String> names) {
    if (!path.isEmpty()) {
      names.add(path);
    }
    for (String key : keys(value)) {
      collect(below(path, key), value.path(key), names);
    }
  }

  private static List<String> keys(JsonNode value) {
    Iterable<String> names = value::fieldNames;
    return StreamSupport.stream(names.spliterator(), false).toList();
  }

  private static String below(String path, String key) {
    return path.isEmpty() ? key : path + "." + key;
  }

  private static String text(JsonNode value) {
    return value.isMissingNode() ? "null" : value.toString();
  }
}
