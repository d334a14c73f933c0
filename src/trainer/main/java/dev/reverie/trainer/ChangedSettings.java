package dev.reverie.trainer;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.reverie.policy.JsonChange;
import dev.reverie.rollout.AtomicFolder;
import dev.reverie.trainer.nn.Ranks;
import dev.reverie.trainer.nn.TrainLoop;
import dev.reverie.trainer.nn.TrainerException;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;

/**
 * Settings that a run's folder was made with and that are others now. Where a stage with a result,
 * or one under way, is made of them, it would have to be made anew; those of stages that have not
 * begun may change.
 *
 * @param stages what these are made of, by the settings
 */
record ChangedSettings(Path folder, Settings was, Settings is, Stages stages) {
  /** Says which stages work in a folder, each after those that it learns from. */
  @FunctionalInterface
  interface Stages {
    List<StageInputs> of(Settings settings);
  }

  /**
   * Refuses to go on where results would have to be made anew, or deletes these.
   *
   * @param remake whether they are to be deleted
   * @throws TrainerException with each setting that is another, and the stages that it concerns
   */
  void settle(boolean remake) {
    List<String> changed = changed();
    List<String> stale = withThoseAfter(changed);
    if (stale.isEmpty()) {
      return;
    }
    if (!remake) {
      throw new TrainerException(
          "%s was made with other settings:%n%s%nSo these of its stages would be made anew: %s. Give the settings as they were, choose another folder, or add --remake, which deletes what these stages left."
              .formatted(folder, concerning(changed), String.join(", ", stale)));
    }
    Ranks.world().requireSame("list of stages that are made anew", stale.toString());
    Ranks.world().once(() -> stale.forEach(this::delete));
  }

  /** Stages that are there, or under way, and made of what is another now. */
  private List<String> changed() {
    Map<String, String> now = said(is);
    List<String> changed = new ArrayList<>();
    said(was)
        .forEach(
            (stage, then) -> {
              if (isThere(stage) && !now.getOrDefault(stage, then).equals(then)) {
                changed.add(stage);
              }
            });
    return changed;
  }

  private List<String> withThoseAfter(List<String> changed) {
    List<String> stale = new ArrayList<>();
    for (StageInputs each : stages.of(is)) {
      boolean after = each.after().stream().anyMatch(stale::contains);
      if (changed.contains(each.stage()) || (after && isThere(each.stage()))) {
        stale.add(each.stage());
      }
    }
    return stale;
  }

  private Map<String, String> said(Settings settings) {
    Map<String, String> said = new HashMap<>();
    stages.of(settings).forEach(each -> said.put(each.stage(), each.settings().toString()));
    return said;
  }

  /** Lines with the settings that these stages are made of. */
  private String concerning(List<String> changed) {
    return JsonChange.between(json(was), json(is)).stream()
        .filter(change -> concerns(change, changed))
        .map(change -> "  " + change)
        .collect(Collectors.joining(System.lineSeparator()));
  }

  /** Tells by changing it alone, whichever of the two sides allows that. */
  private boolean concerns(JsonChange change, List<String> changed) {
    try {
      return differ(was, with(was, change.path(), change.is()), changed);
    } catch (TrainerException e) {
      return differ(with(is, change.path(), change.was()), is, changed);
    }
  }

  private boolean differ(Settings one, Settings other, List<String> changed) {
    Map<String, String> said = said(one);
    Map<String, String> others = said(other);
    return changed.stream()
        .anyMatch(stage -> !said.getOrDefault(stage, "").equals(others.getOrDefault(stage, "")));
  }

  private static Settings with(Settings settings, List<String> path, JsonNode value) {
    ObjectNode all = RunReport.JSON.createObjectNode();
    ObjectNode group = all;
    for (String name : path.subList(0, path.size() - 1)) {
      group = group.putObject(name);
    }
    group.set(path.getLast(), value);
    return settings.changed(all, String.join(".", path));
  }

  private static JsonNode json(Settings settings) {
    return RunReport.JSON.valueToTree(settings);
  }

  private List<Path> left(String stage) {
    TrainLoop loop = new TrainLoop(folder, 0, "");
    List<Path> left = new ArrayList<>(List.of(loop.weights(stage), loop.resumePoint(stage)));
    if (stage.equals(Pretraining.POLICY)) {
      left.add(folder.resolve(Pretraining.BASE));
    }
    return left;
  }

  private boolean isThere(String stage) {
    return left(stage).stream().anyMatch(Files::exists);
  }

  private void delete(String stage) {
    for (Path path : left(stage)) {
      try {
        AtomicFolder.delete(path);
      } catch (IOException e) {
        throw new UncheckedIOException("cannot delete " + path, e);
      }
    }
  }
}
