package dev.reverie.trainer;

import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.exc.MismatchedInputException;
import com.fasterxml.jackson.databind.exc.ValueInstantiationException;
import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.reverie.policy.BundleSpec;
import dev.reverie.policy.JsonWords;
import dev.reverie.rollout.FileErrors;
import dev.reverie.trainer.data.Canvas;
import dev.reverie.trainer.data.ChunkTiming;
import dev.reverie.trainer.data.Split;
import dev.reverie.trainer.data.Steps;
import dev.reverie.trainer.data.Tasks;
import dev.reverie.trainer.imagination.Grpo;
import dev.reverie.trainer.imagination.Imagination;
import dev.reverie.trainer.imagination.Keyframes;
import dev.reverie.trainer.model.Backbone;
import dev.reverie.trainer.model.BehaviourCloning;
import dev.reverie.trainer.model.Dpo;
import dev.reverie.trainer.model.FrameVae;
import dev.reverie.trainer.model.Graphs;
import dev.reverie.trainer.model.JointHead;
import dev.reverie.trainer.model.RewardClassifier;
import dev.reverie.trainer.model.RewardGate;
import dev.reverie.trainer.model.TrainedPart;
import dev.reverie.trainer.model.WorldModel;
import dev.reverie.trainer.nn.Check;
import dev.reverie.trainer.nn.Compute;
import dev.reverie.trainer.nn.TrainLoop;
import dev.reverie.trainer.nn.TrainerException;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.lang.reflect.Type;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Locale;
import java.util.Objects;

/** All of the trainer's settings; a settings file gives only those that it changes. */
record Settings(
    Compute compute,
    TrainedPart policy,
    Graphs graphs,
    BehaviourCloning.Config cloning,
    FrameVae.Config vae,
    WorldModel.Config worldModel,
    JointHead.Config jointHead,
    Split.Config rollouts,
    Tasks instructions,
    RewardClassifier.Config classifier,
    RewardGate.Config gate,
    Imagination.Config imagination,
    Audit.Config audit,
    Grpo.Config grpo,
    BehaviourCloning.Config successCloning,
    BehaviourCloning.Config advantageCloning,
    Dpo.Config dpo,
    OnlineGrpo.Config onlineGrpo) {
  private static final ObjectMapper JSON =
      JsonMapper.builder()
          .enable(JsonParser.Feature.STRICT_DUPLICATE_DETECTION)
          .enable(DeserializationFeature.FAIL_ON_TRAILING_TOKENS)
          .build();

  Settings {
    Check.that(
        !grpo.has(Keyframes.DISAGREEMENT) || worldModel.ensemble() > 1,
        grpo.keyframeMix().isEmpty() ? "grpo.keyframes" : "grpo.keyframeMix",
        grpo.keyframeMix().isEmpty() ? grpo.keyframes() : grpo.keyframeMix(),
        "another rule where there is one world model, which cannot disagree; or set worldModel.ensemble, which is %d, to 2 or more"
            .formatted(worldModel.ensemble()));
    Check.that(
        !worldModel.joints() || jointHead.kind() == JointHead.Kind.DYNAMICS,
        "worldModel.joints",
        worldModel.joints(),
        "false where joints are read from the pictures that they are to tell of; or set jointHead.kind, which is %s, to %s"
            .formatted(jointHead.kind(), JointHead.Kind.DYNAMICS));
  }

  static final Settings DEFAULT =
      new Settings(
          Compute.DEFAULT,
          TrainedPart.DEFAULT,
          Graphs.DEFAULT,
          BehaviourCloning.Config.DEFAULT,
          FrameVae.Config.DEFAULT,
          WorldModel.Config.DEFAULT,
          JointHead.Config.DEFAULT,
          Split.Config.DEFAULT,
          Tasks.DEFAULT,
          RewardClassifier.Config.DEFAULT,
          RewardGate.Config.DEFAULT,
          Imagination.Config.DEFAULT,
          Audit.Config.DEFAULT,
          Grpo.Config.DEFAULT,
          BehaviourCloning.Config.OF_SUCCESSES,
          BehaviourCloning.Config.OF_SUCCESSES,
          Dpo.Config.DEFAULT,
          OnlineGrpo.Config.DEFAULT);

  /** Names of settings that belong together. */
  enum Preset {
    /** The simulated arm's: the defaults. */
    DEMO,
    /** An arm of one's own: more memory, and labels that a person gives. */
    LAB,
    /** WMPO's, of its code where its paper differs. */
    WMPO,
    /** WoVR's, of its code where its paper differs. */
    WOVR;

    Settings settings() {
      String name = name().toLowerCase(Locale.ROOT) + ".json";
      try (InputStream in =
          Objects.requireNonNull(Settings.class.getResourceAsStream("presets/" + name))) {
        return DEFAULT.changed(JSON.readTree(in), "preset " + name);
      } catch (IOException e) {
        throw new UncheckedIOException(e);
      }
    }
  }

  /** These, changed by a JSON file such as {@code {"grpo": {"iterations": 20}}}. */
  Settings read(Path file) {
    try {
      JsonNode changes = JSON.readTree(Files.readAllBytes(file));
      if (changes.isMissingNode()) {
        throw new TrainerException(
            "the settings file %s is empty; {} changes nothing".formatted(file.toAbsolutePath()));
      }
      return changed(changes, "settings file " + file);
    } catch (MismatchedInputException e) {
      throw new TrainerException(
          "settings file %s%s: more stands behind the end of the settings; leave one group"
              .formatted(file, JsonWords.line(e)),
          e);
    } catch (JsonProcessingException e) {
      throw new TrainerException(
          "settings file %s%s: it is no JSON: %s"
              .formatted(file, JsonWords.line(e), JsonWords.reason(e)),
          e);
    } catch (IOException e) {
      throw new TrainerException(
          "the settings file %s cannot be read: %s; give a JSON file"
              .formatted(file.toAbsolutePath(), FileErrors.reason(e)),
          e);
    }
  }

  /**
   * These, changed by some settings.
   *
   * @param where they stand, for messages
   */
  Settings changed(JsonNode changes, String where) {
    try {
      JsonNode all = JSON.valueToTree(this);
      merge("", Settings.class, (ObjectNode) all, changes, where);
      return JSON.treeToValue(all, Settings.class);
    } catch (ValueInstantiationException e) {
      Throwable why = e.getCause();
      throw new TrainerException(where + ": " + (why == null ? e : why).getMessage(), e);
    } catch (JsonProcessingException e) {
      throw new TrainerException(where + ": " + JsonWords.reason(e), e);
    }
  }

  /** A loop for stages that train the policy from a base. */
  TrainLoop ofPolicy(TrainLoop loop) {
    return policy.equals(TrainedPart.DEFAULT) ? loop : loop.of(policy); // as in files from before
  }

  /**
   * Steps that go together for a policy.
   *
   * @throws TrainerException where the world model's patches do not fit its pictures
   */
  Steps steps(BundleSpec spec) {
    if (worldModel.backbone() == Backbone.Kind.TRANSFORMER && graphs.worldModel().isEmpty()) {
      requirePatches(Canvas.of(spec.cameras()));
    }
    return imagination.steps(spec.chunk().horizon(), spec.execution().actions());
  }

  private void requirePatches(Canvas canvas) {
    int rows = canvas.height() / FrameVae.CELL;
    int columns = canvas.width() / FrameVae.CELL;
    if (rows % worldModel.patch() != 0 || columns % worldModel.patch() != 0) {
      throw new TrainerException(
          "worldModel.patch is %d, and the latents of pictures of %d x %d are %d x %d; give a divisor of both"
              .formatted(worldModel.patch(), canvas.width(), canvas.height(), columns, rows));
    }
  }

  /** These with a policy's chunks carried out as in its rollouts, where they leave that open. */
  Settings asIn(ChunkTiming timing, BundleSpec spec) {
    return new Settings(
        compute,
        policy,
        graphs,
        cloning,
        vae,
        worldModel,
        jointHead,
        rollouts,
        instructions,
        classifier,
        gate,
        imagination.asIn(timing, spec.chunk().horizon(), spec.execution().actions()),
        audit,
        grpo,
        successCloning,
        advantageCloning,
        dpo,
        onlineGrpo);
  }

  String toJson() {
    try {
      return JSON.writeValueAsString(this);
    } catch (JsonProcessingException e) {
      throw new IllegalStateException(e);
    }
  }

  private static void merge(
      String path, Class<?> type, ObjectNode into, JsonNode changes, String where) {
    if (!changes.isObject()) {
      throw new TrainerException(
          "%s: %s is %s, and must be an object with some of %s"
              .formatted(
                  where,
                  path.isEmpty() ? "all of it" : path.substring(0, path.length() - 1),
                  changes,
                  names(into)));
    }
    changes
        .properties()
        .forEach(
            change -> {
              String name = change.getKey();
              JsonNode old = into.get(name);
              if (old == null) {
                throw new TrainerException(
                    "%s: there is no setting '%s%s'; there are %s"
                        .formatted(where, path, name, names(into)));
              }
              Type kind = SettingKind.of(type, name);
              if (old instanceof ObjectNode group && kind instanceof Class<?> part) {
                merge(path + name + ".", part, group, change.getValue(), where);
              } else {
                SettingKind.require(path + name, kind, change.getValue(), where);
                into.set(name, change.getValue());
              }
            });
  }

  private static String names(ObjectNode node) {
    return String.join(", ", (Iterable<String>) node::fieldNames);
  }
}
