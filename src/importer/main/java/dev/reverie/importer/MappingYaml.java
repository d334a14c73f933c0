package dev.reverie.importer;

import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.dataformat.yaml.YAMLMapper;
import dev.reverie.arm.ArmException;
import dev.reverie.arm.ArmFile;
import dev.reverie.arm.Topics;
import dev.reverie.arm.YamlKeys;
import dev.reverie.rollout.EpisodeOutcome;
import dev.reverie.rollout.FileErrors;
import dev.reverie.rollout.NearestNames;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.SequencedMap;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** Reads mapping files, in which every key is known. */
final class MappingYaml {
  private static final double LONGEST_S = 3600;
  private static final ObjectMapper YAML =
      YAMLMapper.builder().enable(JsonParser.Feature.STRICT_DUPLICATE_DETECTION).build();

  private enum Stamps {
    HEADER,
    RECEIVED
  }

  private enum Unit {
    RAD,
    DEG
  }

  private final Path file;
  private final MappingNode root;

  private MappingYaml(Path file, JsonNode root) {
    this.file = file;
    this.root =
        new MappingNode("mapping " + file, root)
            .only(
                "arm",
                "cameras",
                "joints",
                "commands",
                "robot_description",
                "instruction",
                "outcome",
                "episodes",
                "stamps",
                "unit",
                "units");
  }

  static Mapping read(Path file) {
    try {
      return new MappingYaml(file, keys(file)).mapping();
    } catch (NoSuchFileException e) {
      throw new ImportException(
          "there is no mapping %s; docs/import.md has an example".formatted(file));
    } catch (JsonProcessingException e) {
      throw new ImportException(
          "mapping %s, line %d: %s"
              .formatted(file, e.getLocation().getLineNr(), e.getOriginalMessage()));
    } catch (IOException e) {
      throw new ImportException(
          Files.isDirectory(file)
              ? "mapping %s is a folder; give the mapping file in it".formatted(file)
              : "mapping %s cannot be read: %s".formatted(file, FileErrors.reason(e)));
    }
  }

  private static JsonNode keys(Path file) throws IOException {
    try {
      return YamlKeys.read(YAML, YamlKeys.text(file));
    } catch (IllegalArgumentException e) {
      throw new ImportException(
          "mapping %s %s; docs/import.md has an example".formatted(file, e.getMessage()), e);
    }
  }

  private Mapping mapping() {
    ArmFile arm = arm();
    List<JointUnit> units = units(root, arm, usual(arm));
    return new Mapping(
        file,
        arm,
        cameras(arm),
        joints(arm),
        commands(arm, units),
        description(arm),
        text(root.get("instruction"), "instruction"),
        outcome(root.get("outcome")),
        cut(root.find("episodes")),
        root.has("stamps") && root.get("stamps").oneOf(Stamps.class) == Stamps.RECEIVED,
        units);
  }

  /** The unit that all joints have of which nothing else is said. */
  private List<JointUnit> usual(ArmFile arm) {
    boolean degrees = root.has("unit") && root.get("unit").oneOf(Unit.class) == Unit.DEG;
    return Collections.nCopies(arm.joints().size(), degrees ? JointUnit.DEG : JointUnit.RAD);
  }

  /** The units of joints; those of which a node says nothing are as usual. */
  private static List<JointUnit> units(MappingNode node, ArmFile arm, List<JointUnit> usual) {
    if (!node.has("units")) {
      return usual;
    }
    Map<String, JointUnit> told =
        node.get("units")
            .map(
                (name, unit) -> {
                  requireJoint(name, unit, arm);
                  try {
                    return JointUnit.of(unit.text());
                  } catch (IllegalArgumentException e) {
                    throw unit.wrong(String.valueOf(e.getMessage()));
                  }
                });
    List<JointUnit> units = new ArrayList<>(usual);
    told.forEach((name, unit) -> units.set(arm.joints().indexOf(name), unit));
    return List.copyOf(units);
  }

  private ArmFile arm() {
    MappingNode node = root.get("arm");
    try {
      return ArmFile.read(resolve(node.text()));
    } catch (ArmException | IllegalArgumentException e) {
      throw node.wrong(String.valueOf(e.getMessage()));
    }
  }

  private Path resolve(String name) {
    return file.toAbsolutePath().resolveSibling(name).normalize();
  }

  private SequencedMap<String, Mapping.Camera> cameras(ArmFile arm) {
    SequencedMap<String, Mapping.Camera> cameras = new LinkedHashMap<>();
    if (root.has("cameras")) {
      MappingNode node = root.get("cameras");
      cameras.putAll(node.map(MappingYaml::camera));
      arm.cameras()
          .forEach(
              (name, camera) -> {
                if (camera.policy() && !cameras.containsKey(name)) {
                  throw node.wrong(
                      "has no '%s', which the policy of the arm sees; the nearest are %s"
                          .formatted(name, NearestNames.of(name, cameras.keySet())));
                }
              });
    } else {
      arm.cameras()
          .forEach(
              (name, camera) ->
                  cameras.put(name, new Mapping.Camera(absolute(camera.imageTopic(name)), "")));
    }
    SequencedMap<String, String> topics = new LinkedHashMap<>();
    cameras.forEach((name, camera) -> topics.put(Topics.camera(name), camera.topic()));
    try {
      Topics.requireApart(topics);
    } catch (IllegalArgumentException e) {
      throw root.wrong(String.valueOf(e.getMessage()));
    }
    if (cameras.isEmpty()) {
      throw root.wrong("neither it nor its arm file has a camera; give 'cameras'");
    }
    return cameras;
  }

  private static Mapping.Camera camera(String name, MappingNode node) {
    if (!name.matches("[A-Za-z][A-Za-z0-9_]*")) {
      throw node.wrong("cannot be called so; use letters, digits and _");
    }
    if (node.value().isTextual()) {
      return new Mapping.Camera(node.topic(), "");
    }
    node.only("topic", "info");
    return new Mapping.Camera(
        node.get("topic").topic(), node.has("info") ? node.get("info").topic() : "");
  }

  private Mapping.Joints joints(ArmFile arm) {
    @Nullable MappingNode node = root.find("joints");
    List<String> topics = arm.jointStates().topics().stream().map(MappingYaml::absolute).toList();
    if (node == null) {
      return new Mapping.Joints(topics, outside(arm));
    }
    node.only("topics", "names");
    return new Mapping.Joints(
        node.has("topics")
            ? node.get("topics").list().stream().map(MappingNode::topic).toList()
            : topics,
        names(node, arm));
  }

  private static String absolute(String topic) {
    return topic.startsWith("/") ? topic : "/" + topic;
  }

  /** The names of the arm's joints in messages, as its arm file has them. */
  private static Map<String, String> outside(ArmFile arm) {
    Map<String, String> names = new HashMap<>();
    arm.joints().forEach(joint -> names.put(arm.jointStates().outside(joint), joint));
    return names;
  }

  private static Map<String, String> names(MappingNode node, ArmFile arm) {
    Map<String, String> names = outside(arm);
    if (node.has("names")) {
      MappingNode given = node.get("names");
      Map<String, String> told = given.map((name, joint) -> joint(joint, arm));
      requireOnce(given, List.copyOf(told.values()));
      names.values().removeAll(told.values()); // what is called so is another arm's
      names.putAll(told);
    }
    return names;
  }

  private static String joint(MappingNode node, ArmFile arm) {
    requireJoint(node.text(), node, arm);
    return node.text();
  }

  private static void requireJoint(String name, MappingNode node, ArmFile arm) {
    if (!arm.joints().contains(name)) {
      throw node.wrong(
          "'%s' is no joint of the arm file; the nearest are %s"
              .formatted(name, NearestNames.of(name, arm.joints())));
    }
  }

  private List<Mapping.Commands> commands(ArmFile arm, List<JointUnit> units) {
    MappingNode node = root.get("commands");
    List<Mapping.Commands> all =
        node.list().stream().map(each -> commands(each, arm, units)).toList();
    requireOnce(node, all.stream().map(Mapping.Commands::topic).toList());
    return all;
  }

  private static void requireOnce(MappingNode node, List<String> names) {
    Set<String> seen = new HashSet<>();
    for (String name : names) {
      if (!seen.add(name)) {
        throw node.wrong("has '%s' twice; leave one".formatted(name));
      }
    }
  }

  private static List<String> entries(MappingNode node, ArmFile arm) {
    List<String> entries = node.list().stream().map(entry -> joint(entry, arm)).toList();
    requireOnce(node, entries);
    return entries;
  }

  private static Mapping.Commands commands(MappingNode node, ArmFile arm, List<JointUnit> units) {
    if (node.value().isTextual()) {
      return new Mapping.Commands(node.topic(), outside(arm), arm.joints(), 0, units);
    }
    node.only("topic", "names", "joints", "after_s", "units");
    return new Mapping.Commands(
        node.get("topic").topic(),
        names(node, arm),
        node.has("joints") ? entries(node.get("joints"), arm) : arm.joints(),
        node.has("after_s") ? Math.round(node.get("after_s").seconds(LONGEST_S) * 1e9) : 0,
        units(node, arm, units));
  }

  private Mapping.Text description(ArmFile arm) {
    if (root.has("robot_description")) {
      MappingNode node = root.get("robot_description");
      if (node.value().isTextual()) {
        throw node.wrong("is %s; give {topic: NAME} or {file: NAME}".formatted(node.value()));
      }
      return text(node, "robot_description");
    }
    return arm.description().urdf().isEmpty()
        ? new Mapping.Text.OfTopic(absolute(arm.description().topic()))
        : new Mapping.Text.OfFile(Path.of(arm.description().urdf()));
  }

  private Mapping.Text text(MappingNode node, String what) {
    if (node.value().isTextual()) {
      return new Mapping.Text.Given(node.text());
    }
    node.only("topic", "file");
    if (node.has("topic") == node.has("file")) {
      throw node.wrong("give the topic or the file of the %s, one of them".formatted(what));
    }
    return node.has("topic")
        ? new Mapping.Text.OfTopic(node.get("topic").topic())
        : new Mapping.Text.OfFile(resolve(node.get("file").text()));
  }

  private static Mapping.Outcome outcome(MappingNode node) {
    if (node.value().isTextual()) {
      return new Mapping.Outcome.Given(node.oneOf(EpisodeOutcome.Kind.class));
    }
    node.only("topic", "success");
    return new Mapping.Outcome.OfTopic(
        node.get("topic").topic(),
        node.has("success") ? Optional.of(node.get("success").scalar()) : Optional.empty());
  }

  private Mapping.Cut cut(@Nullable MappingNode node) {
    if (node == null) {
      return new Mapping.Cut.Whole();
    }
    if (node.value().isTextual()) {
      if (!node.text().equals("whole")) {
        throw node.wrong(
            "is '%s'; give whole, {topic: NAME}, {gap_s: SECONDS} or {file: NAME}"
                .formatted(node.text()));
      }
      return new Mapping.Cut.Whole();
    }
    node.only("topic", "gap_s", "file");
    if (node.value().size() != 1) {
      throw node.wrong("give one of topic, gap_s and file");
    }
    if (node.has("topic")) {
      return new Mapping.Cut.WhileTrue(node.get("topic").topic());
    }
    if (node.has("file")) {
      return new Mapping.Cut.Times(resolve(node.get("file").text()));
    }
    double gap = node.get("gap_s").seconds(LONGEST_S);
    if (gap == 0) {
      throw node.get("gap_s").wrong("is 0; give seconds above zero");
    }
    return new Mapping.Cut.Gap(Math.round(gap * 1e9));
  }
}
