package dev.reverie.trainer;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.reverie.policy.PolicyBundle;
import dev.reverie.trainer.data.Dataset;
import dev.reverie.trainer.data.EpisodeCache;
import dev.reverie.trainer.data.EpisodeDecoder;
import dev.reverie.trainer.data.Latents;
import dev.reverie.trainer.data.Recording;
import dev.reverie.trainer.data.Recordings;
import dev.reverie.trainer.data.Transitions;
import dev.reverie.trainer.imagination.PlayedRollouts;
import dev.reverie.trainer.imagination.RolloutStarts;
import dev.reverie.trainer.model.TrainablePolicy;
import dev.reverie.trainer.nn.Progress;
import dev.reverie.trainer.nn.Torch;
import dev.reverie.trainer.nn.TrainLoop;
import java.nio.file.Path;
import java.util.List;
import java.util.Set;
import java.util.stream.Collectors;
import org.bytedeco.javacpp.PointerScope;

/**
 * Measures how often a policy succeeds inside the world model of a round, from the frames of
 * recorded episodes: one imagined rollout from each chunk boundary, at the temperature that GRPO
 * practised at. Of episodes that the round has learned from imagination may know the end, so it
 * says how many they are.
 */
final class ImaginedEvaluation {
  private final RoundWorld world;
  private final PolicyBundle bundle;

  ImaginedEvaluation(RoundWorld world) {
    this.world = world;
    bundle = world.bundle();
  }

  /**
   * Imagines, and writes successes and rollouts of each episode as JSON.
   *
   * @param list file with the path of a bag in each line
   * @param cache of decoded episodes
   */
  void run(Path list, EpisodeCache.Config cache, Path out) {
    Recordings.Folder read =
        world.read(list, Integer.MAX_VALUE, EpisodeDecoder.ofFrames(bundle.spec()), cache);
    boolean[] success = Progress.stage("imagining", () -> imagine(read.data()));
    RunReport.write(out, report(read, success));
    Progress.say(said(read.recordings()));
  }

  /** Returns how far what is imagined is of episodes that the round does not know. */
  private String said(List<Recording> recordings) {
    if (!world.tells()) {
      return "the round is too old to tell which episodes it has learned from; of those imagination may know the end";
    }
    long learned = recordings.stream().filter(world::hasLearned).count();
    return learned == 0
        ? "none of the %d episodes is one that the round has learned from"
            .formatted(recordings.size())
        : "%d of the %d episodes are ones that world model and classifier have learned from: imagination may know their end, and success in them says little about others"
            .formatted(learned, recordings.size());
  }

  /** Plays one rollout from each keyframe of each episode, and tells which succeed. */
  private boolean[] imagine(Dataset data) {
    try (var _ = new PointerScope();
        var policy = new TrainablePolicy(bundle);
        var imagination = world.imagination(data)) {
      TrainLoop loop = world.loop();
      Latents latents = world.networks().vae().encodeAll(data, loop);
      Transitions recorded = new Transitions(data, latents, stride());
      int limit = world.maxSteps() > 0 ? world.maxSteps() : data.horizon();
      RolloutStarts starts = RolloutStarts.Pool.all(recorded, limit).keyframes();
      int count = (int) starts.count();
      boolean[] success = new boolean[count];
      Torch.seed(loop.seed(), "imagined_success");
      try (var progress = new Progress("imagining", count)) {
        for (int begin = 0; begin < count; begin += imagination.beside()) {
          loop.endIfStopped();
          int length = Math.min(imagination.beside(), count - begin);
          PlayedRollouts played =
              imagination.play(
                  policy, starts.range(begin, length), world.settings().grpo().temperature());
          long[] told = Torch.longs(played.success());
          for (int i = 0; i < length; i++) {
            success[begin + i] = told[i] != 0;
          }
          played.close();
          progress.at(begin + length, "rollouts");
        }
      }
      return success;
    }
  }

  private int stride() {
    return world.steps().executed();
  }

  private ObjectNode report(Recordings.Folder read, boolean[] success) {
    Dataset data = read.data();
    Set<String> learned =
        read.recordings().stream()
            .filter(world::hasLearned)
            .map(Recording::id)
            .collect(Collectors.toSet());
    List<String> recordings = read.recordingIds();
    ObjectNode report =
        RunReport.JSON
            .createObjectNode()
            .put("bundle", bundle.id())
            .put("seed", world.loop().seed())
            .put("temperature", world.settings().grpo().temperature())
            .put("threshold", world.threshold());
    if (world.tells()) {
      report.put("learned_from", learned.size());
    }
    ArrayNode list = report.putArray("episodes");
    long[] steps = Torch.longs(data.steps());
    int at = 0;
    for (int n = 0; n < steps.length; n++) {
      int keyframes = Math.ceilDiv((int) steps[n], stride());
      int successes = 0;
      for (int k = 0; k < keyframes; k++) {
        successes += success[at + k] ? 1 : 0;
      }
      ObjectNode told = list.addObject().put("id", data.ids().get(n));
      if (world.tells()) {
        told.put("learned_from", learned.contains(recordings.get(n)));
      }
      told.putObject("beginning").put("successes", success[at] ? 1 : 0).put("rollouts", 1);
      told.putObject("keyframes").put("successes", successes).put("rollouts", keyframes);
      at += keyframes;
    }
    return report;
  }
}
