package dev.reverie.trainer;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.reverie.trainer.data.Dataset;
import dev.reverie.trainer.data.EpisodeCache;
import dev.reverie.trainer.data.EpisodeDecoder;
import dev.reverie.trainer.data.Transitions;
import dev.reverie.trainer.model.RewardThreshold;
import dev.reverie.trainer.nn.Progress;
import java.nio.file.Path;
import java.util.List;

/** Says by the reward classifier of a round which recorded episodes succeeded: {@code judge}. */
final class JudgeRun {
  private final RoundWorld world;

  JudgeRun(RoundWorld world) {
    this.world = world;
  }

  /**
   * Judges, and writes the highest probability of each episode's chunks as JSON.
   *
   * @param bags folder of bags, or a file with the path of one in each line
   * @param cache of decoded episodes
   */
  void run(Path bags, EpisodeCache.Config cache, Path out) {
    Dataset data =
        world
            .read(bags, Integer.MAX_VALUE, EpisodeDecoder.ofFrames(world.bundle().spec()), cache)
            .data();
    RunReport.write(out, report(data, Progress.stage("judging", () -> probabilities(data))));
  }

  /** The classifier looks at the pictures themselves. */
  private List<float[]> probabilities(Dataset data) {
    int executed = world.steps().executed();
    return RewardThreshold.probabilities(
        Transitions.withoutLatents(data, executed, executed), world.networks().classifier());
  }

  private ObjectNode report(Dataset data, List<float[]> probabilities) {
    ObjectNode report = RunReport.JSON.createObjectNode().put("threshold", world.threshold());
    ArrayNode episodes = report.putArray("episodes");
    for (int n = 0; n < probabilities.size(); n++) {
      float highest = 0;
      for (float probability : probabilities.get(n)) {
        highest = Math.max(highest, probability);
      }
      episodes
          .addObject()
          .put("id", data.ids().get(n))
          .put("probability", highest)
          .put("success", highest > world.threshold());
    }
    return report;
  }
}
