package dev.reverie.trainer;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.reverie.trainer.imagination.Grpo;
import dev.reverie.trainer.model.BehaviourCloning;
import dev.reverie.trainer.model.FrameVae;
import dev.reverie.trainer.model.JointHead;
import dev.reverie.trainer.model.RewardClassifier;
import dev.reverie.trainer.model.RewardGate;
import dev.reverie.trainer.model.WorldModel;
import dev.reverie.trainer.nn.TrainerException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;

/** All of the trainer's settings; a settings file gives only those that it changes. */
record Settings(
    BehaviourCloning.Config cloning,
    FrameVae.Config vae,
    WorldModel.Config worldModel,
    JointHead.Config jointHead,
    RewardClassifier.Config classifier,
    RewardGate.Config gate,
    Grpo.Config grpo) {
  private static final ObjectMapper JSON = new ObjectMapper();

  static final Settings DEFAULT =
      new Settings(
          BehaviourCloning.Config.DEFAULT,
          FrameVae.Config.DEFAULT,
          WorldModel.Config.DEFAULT,
          JointHead.Config.DEFAULT,
          RewardClassifier.Config.DEFAULT,
          RewardGate.Config.DEFAULT,
          Grpo.Config.DEFAULT);

  /** The defaults, changed by a JSON file such as {@code {"grpo": {"iterations": 20}}}. */
  static Settings read(Path file) {
    try {
      JsonNode all = JSON.valueToTree(DEFAULT);
      merge("", (ObjectNode) all, JSON.readTree(Files.readAllBytes(file)), file);
      return JSON.treeToValue(all, Settings.class);
    } catch (JsonProcessingException e) {
      throw new TrainerException("settings file " + file + ": " + e.getOriginalMessage(), e);
    } catch (IOException e) {
      throw new TrainerException("cannot read the settings file " + file.toAbsolutePath(), e);
    }
  }

  String toJson() {
    try {
      return JSON.writeValueAsString(this);
    } catch (JsonProcessingException e) {
      throw new IllegalStateException(e);
    }
  }

  private static void merge(String path, ObjectNode into, JsonNode changes, Path file) {
    changes
        .properties()
        .forEach(
            change -> {
              String name = change.getKey();
              JsonNode old = into.get(name);
              if (old == null) {
                throw new TrainerException(
                    "settings file %s: there is no setting '%s%s'; there are %s"
                        .formatted(file, path, name, names(into)));
              }
              if (old instanceof ObjectNode group) {
                merge(path + name + ".", group, change.getValue(), file);
              } else {
                into.set(name, change.getValue());
              }
            });
  }

  private static String names(ObjectNode node) {
    return String.join(", ", (Iterable<String>) node::fieldNames);
  }
}
