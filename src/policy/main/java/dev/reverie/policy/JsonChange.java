package dev.reverie.policy;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;

/**
 * A value that two groups of keys have otherwise.
 *
 * @param path its key, behind those of the groups that it lies in
 * @param was of the first; missing where it has none
 * @param is of the second; missing where it has none
 */
public record JsonChange(List<String> path, JsonNode was, JsonNode is) {
  /** Returns what differs, in the order of the first and then of the second. */
  public static List<JsonChange> between(JsonNode was, JsonNode is) {
    List<JsonChange> changes = new ArrayList<>();
    collect(List.of(), was, is, changes);
    return changes;
  }

  private static void collect(
      List<String> path, JsonNode was, JsonNode is, List<JsonChange> changes) {
    if ((was.isObject() || was.isMissingNode()) && (is.isObject() || is.isMissingNode())) {
      Set<String> names = new LinkedHashSet<>();
      was.fieldNames().forEachRemaining(names::add);
      is.fieldNames().forEachRemaining(names::add);
      for (String name : names) {
        List<String> below = new ArrayList<>(path);
        below.add(name);
        collect(below, was.path(name), is.path(name), changes);
      }
    } else if (!was.equals(is)) {
      changes.add(new JsonChange(List.copyOf(path), was, is));
    }
  }

  /** Such as {@code grpo.iterations was 20 and is 30}. */
  @Override
  public String toString() {
    return "%s was %s and is %s".formatted(String.join(".", path), said(was), said(is));
  }

  private static String said(JsonNode value) {
    return value.isMissingNode() ? "not given" : value.toString();
  }
}
