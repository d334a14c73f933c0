package dev.reverie.rollout;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;

/**
 * The configuration that a bag tells of its recorder, JSON. Other recorders write what they like:
 * what is no JSON, or stands elsewhere, is not there.
 */
public final class RecordedConfiguration {
  private static final ObjectMapper JSON = new ObjectMapper();

  private final JsonNode all;

  private RecordedConfiguration(JsonNode all) {
    this.all = all;
  }

  /** Reads it; nothing stands in what is no JSON. */
  public static RecordedConfiguration of(String json) {
    try {
      return new RecordedConfiguration(JSON.readTree(json));
    } catch (JsonProcessingException e) {
      return new RecordedConfiguration(JSON.missingNode());
    }
  }

  /**
   * Returns what stands at a place; a missing node where nothing does.
   *
   * @param pointer such as {@code /arm/name}
   */
  public JsonNode at(String pointer) {
    return all.at(pointer);
  }

  /** The folder of the bundle that the recorder began with, as it was called there; or empty. */
  public String bundle() {
    return at("/bundle").asText("");
  }

  /** The name of the arm in its file; empty where there was none. */
  public String arm() {
    return at("/arm/name").asText("");
  }

  /** Actions of a chunk that were carried out before the next went on; 0, all, where not told. */
  public int executed() {
    return Math.max(0, at("/motion/executed").asInt());
  }

  /** Topics by camera name. */
  public Map<String, String> cameras() {
    Map<String, String> topics = new TreeMap<>();
    at("/cameras").properties().forEach(e -> topics.put(e.getKey(), e.getValue().asText()));
    return topics;
  }

  /** Names of the cameras that a policy sees. */
  Set<String> seenCameras() {
    Set<String> seen = new TreeSet<>();
    at("/task/cameras").forEach(camera -> seen.add(camera.path("name").asText()));
    return seen;
  }

  /** The names that the joints have in messages; {@link JointNames#SAME} where it tells none. */
  public JointNames jointNames() {
    Map<String, String> own = new HashMap<>();
    at("/joints/names/own").properties().forEach(e -> own.put(e.getKey(), e.getValue().asText()));
    try {
      return new JointNames(own, at("/joints/names/prefix").asText(""));
    } catch (IllegalArgumentException e) {
      return JointNames.SAME; // of other software, which means something else
    }
  }

  /** Topics of joint states. */
  List<String> jointTopics() {
    List<String> topics = new ArrayList<>();
    at("/joints/topics").forEach(topic -> topics.add(topic.asText()));
    return topics;
  }

  /** Every text in it. */
  public Set<String> texts() {
    Set<String> texts = new TreeSet<>();
    collect(all, texts);
    return texts;
  }

  private static void collect(JsonNode node, Set<String> texts) {
    if (node.isTextual()) {
      texts.add(node.asText());
    }
    node.forEach(child -> collect(child, texts));
  }
}
