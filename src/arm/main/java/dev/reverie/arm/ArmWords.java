package dev.reverie.arm;

import com.fasterxml.jackson.core.JacksonException;
import com.fasterxml.jackson.core.JsonLocation;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonMappingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.exc.InvalidFormatException;
import com.fasterxml.jackson.databind.exc.InvalidTypeIdException;
import com.fasterxml.jackson.databind.exc.MismatchedInputException;
import com.fasterxml.jackson.databind.exc.UnrecognizedPropertyException;
import dev.reverie.policy.ActionSpace;
import dev.reverie.policy.JsonWords;
import dev.reverie.rollout.NearestNames;
import java.util.Locale;
import java.util.Map;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/** Says what is wrong in an arm file: where, the value that stands there, and what to write. */
final class ArmWords {
  private static final int TOLD = 40;
  private static final String CAMERA = "front: {topic: /front/image_raw}";
  private static final String JOINT = "elbow: {velocity: 1, acceleration: 4}";
  private static final String BOX = "{frame: base, min: [-0.5, -0.5, 0], max: [0.5, 0.5, 0.8]}";
  private static final String SPACE =
      "space: {kind: joint_deltas, joints: [shoulder, elbow], scale_rad: [0.05, 0.05]}";

  /** The right form of what is no single value, by its key; {@code *} stands for any entry. */
  static final Map<String, String> EXAMPLES =
      Map.ofEntries(
          Map.entry("name", "name: my_arm"),
          Map.entry("joints", "joints: [shoulder, elbow]"),
          Map.entry("description", "description: {urdf: my_arm.urdf}"),
          Map.entry("joint_states", "joint_states: {topics: [joint_states]}"),
          Map.entry("joint_states.topics", "topics: [joint_states]"),
          Map.entry("joint_states.names", "names: {joint_2: elbow}"),
          Map.entry("cameras", "cameras: {" + CAMERA + "}"),
          Map.entry("cameras.*", CAMERA),
          Map.entry("cameras.*.crop", "crop: {x: 0, y: 0.1, width: 1, height: 0.9}"),
          Map.entry("action", "action: {" + SPACE + "}"),
          Map.entry("action.space", SPACE),
          Map.entry("limits", "limits: {joints: {" + JOINT + "}}"),
          Map.entry("limits.joints", "joints: {" + JOINT + "}"),
          Map.entry("limits.joints.*", JOINT),
          Map.entry("limits.workspace", "workspace: [" + BOX + "]"),
          Map.entry("limits.keep_out", "keep_out: [" + BOX + "]"),
          Map.entry("controller", "controller: {topic: arm/joint_trajectory}"),
          Map.entry("teleoperation", "teleoperation: {twist: teleop_twist, tip_link: tool0}"),
          Map.entry("teleoperation.leader_names", "leader_names: {leader_2: elbow}"));

  private ArmWords() {}

  /** Says where in a file something is wrong. */
  static String place(JsonProcessingException e) {
    String path = path(e);
    if (!path.isEmpty()) {
      return ", " + path;
    }
    JsonLocation location = e.getLocation();
    return location == null || location.getLineNr() < 1 ? "" : ", line " + location.getLineNr();
  }

  private static String path(JsonProcessingException e) {
    return e instanceof JsonMappingException mapping
        ? mapping.getPath().stream()
            .map(
                part ->
                    part.getFieldName() == null ? "[" + part.getIndex() + "]" : part.getFieldName())
            .collect(Collectors.joining("."))
        : "";
  }

  /**
   * Says what is wrong, to be read behind the file.
   *
   * @param read what was read
   */
  static String told(JsonProcessingException e, JsonNode read) {
    if (e instanceof UnrecognizedPropertyException unknown) {
      String path = path(e);
      String key = unknown.getPropertyName();
      return ": "
          + NearestNames.unknownKey(
              path.substring(0, path.length() - key.length()),
              key,
              unknown.getKnownPropertyIds().stream().map(String::valueOf).toList());
    }
    return place(e) + ": " + reason(e, value(e, read));
  }

  private static String reason(JsonProcessingException e, @Nullable JsonNode value) {
    return switch (e) {
      case InvalidTypeIdException kind when kind.getTypeId() == null ->
          "it has no 'kind'; give one of %s, such as '%s'".formatted(ActionSpace.kinds(), SPACE);
      case InvalidTypeIdException kind ->
          "kind '%s' is unknown; the nearest are %s, and all are %s"
              .formatted(
                  kind.getTypeId(),
                  NearestNames.of(kind.getTypeId(), ActionSpace.kinds()),
                  ActionSpace.kinds());
      case InvalidFormatException wrong when wrong.getTargetType().isEnum() ->
          JsonWords.reason(e).toLowerCase(Locale.ROOT); // as these files have them
      case InvalidFormatException text when text.getTargetType() == String.class ->
          JsonWords.reason(e);
      case MismatchedInputException wrong
          when value != null && wrong.getTargetType() != null && !isMissing(wrong) ->
          isNot(path(e), value, JsonWords.what(wrong.getTargetType()));
      default ->
          value == null
              ? JsonWords.reason(e)
              : JsonWords.reason(e)
                  .replaceFirst("^it is out of range", told(value) + " is out of range");
    };
  }

  private static boolean isMissing(JacksonException e) {
    return JsonWords.reason(e).equals(JsonWords.MISSING);
  }

  /**
   * Says that a value is of another kind.
   *
   * @param kind in words of people, as {@link JsonWords#what} has it
   */
  static String isNot(String path, JsonNode value, String kind) {
    String example = example(path);
    String give =
        switch (kind) {
          case "true or false" -> "write true or false";
          case "whole number" -> "write one, such as 64";
          case "number" -> "write one, such as 0.5";
          default -> example.isEmpty() ? "write one" : "write it so: '%s'".formatted(example);
        };
    return "%s is no %s; %s".formatted(told(value), kind, give);
  }

  /** Returns the right form of a key; empty where there is nothing to show. */
  static String example(String path) {
    String key = path.replaceFirst("^(cameras|limits\\.joints)\\.[^.]+", "$1.*");
    String example = EXAMPLES.getOrDefault(key, "");
    String name = path.substring(path.lastIndexOf('.') + 1);
    return key.endsWith("*") ? example.replace("front", name).replace("elbow", name) : example;
  }

  private static String told(JsonNode value) {
    String text = value.isTextual() ? "'" + value.asText() + "'" : value.toString();
    return text.length() > TOLD ? text.substring(0, TOLD) + "..." : text;
  }

  private static @Nullable JsonNode value(JsonProcessingException e, JsonNode read) {
    JsonNode at = read;
    if (e instanceof JsonMappingException mapping) {
      for (JsonMappingException.Reference part : mapping.getPath()) {
        at = part.getFieldName() == null ? at.path(part.getIndex()) : at.path(part.getFieldName());
      }
    }
    return at == read || at.isMissingNode() ? null : at;
  }
}
