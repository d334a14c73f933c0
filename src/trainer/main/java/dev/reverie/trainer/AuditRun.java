package dev.reverie.trainer;

import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.reverie.trainer.data.Dataset;
import dev.reverie.trainer.data.EpisodeCache;
import dev.reverie.trainer.data.EpisodeDecoder;
import dev.reverie.trainer.data.Latents;
import dev.reverie.trainer.data.Recording;
import dev.reverie.trainer.data.Recordings;
import dev.reverie.trainer.data.Split;
import dev.reverie.trainer.data.Transitions;
import dev.reverie.trainer.imagination.RolloutStarts;
import dev.reverie.trainer.model.ActionControl;
import dev.reverie.trainer.model.RewardThreshold;
import dev.reverie.trainer.model.TrainablePolicy;
import dev.reverie.trainer.nn.Progress;
import dev.reverie.trainer.nn.Torch;
import dev.reverie.trainer.nn.TrainerException;
import java.nio.file.Path;
import java.util.Optional;
import org.bytedeco.javacpp.PointerScope;

/**
 * Holds a round's imagination against what the arm did: {@code train audit}. Bags of the policy in
 * question, of episodes that the round has not learned from, tell how often it really succeeds.
 */
final class AuditRun {
  private final RoundWorld world;

  AuditRun(RoundWorld world) {
    this.world = world;
  }

  /**
   * Audits, and writes what came of it as JSON.
   *
   * @param bags folder of bags, or a file with the path of one in each line
   * @param starts episodes that are used at most
   * @param cache of decoded episodes
   * @return whether imagination may be believed
   */
  boolean run(Path bags, int starts, EpisodeCache.Config cache, Path out) {
    Recordings.Folder read =
        world.read(bags, starts, EpisodeDecoder.of(world.bundle().spec()), cache).withSteps();
    Dataset data = read.data();
    requireSeveral(data, bags);
    requireOwn(data);
    requireUnseen(read);
    double temperature = temperature(RecordedTemperatures.of(world.bags(bags, starts)));
    ObjectNode report =
        RunReport.JSON
            .createObjectNode()
            .put("temperature", temperature)
            .put("bundle", world.bundle().id())
            .put("seed", world.loop().seed())
            .put("threshold", world.threshold());
    double gap = world.settings().audit().gap();
    Found found = Progress.stage("audit", () -> audit(data, temperature, report));
    boolean believed = !found.audit.distrusts(gap) && !found.collapsed;
    report.put("limit", gap).put("believed", believed).putPOJO("audit", found.audit);
    RunReport.write(out, report);
    return believed;
  }

  /**
   * The temperature that the policy is imagined at: as the episodes were drawn, so that both tell
   * of the same policy; that of practice where they differ, or were drawn at 0, which imagination
   * cannot.
   */
  private double temperature(RecordedTemperatures recorded) {
    double practised = world.settings().grpo().temperature();
    Optional<Float> single = recorded.single().filter(drawn -> drawn > 0);
    if (single.isEmpty()) {
      Progress.say(
          "the episodes were drawn at the temperatures %s, and the policy is imagined at %s; give episodes of one temperature above 0"
              .formatted(recorded.episodes().keySet(), practised));
    }
    return single.isPresent() && single.get() != (float) practised ? single.get() : practised;
  }

  /** Refuses what has no interval, which would be believed whatever it says. */
  private static void requireSeveral(Dataset data, Path bags) {
    if (data.episodes() < 2) {
      throw new TrainerException(
          "%d episode of %s is started from, and an audit tells how sure it is from 2 on; give more bags and --starts, 128 leave some 8 points"
              .formatted(data.episodes(), bags));
    }
  }

  /** Refuses episodes that the round has learned from: of them imagination may know the end. */
  private void requireUnseen(Recordings.Folder read) {
    for (Recording recording : read.recordings()) {
      if (world.knows(recording)) {
        throw new TrainerException(
            "episode %s is one that the round was trained on, and says nothing about others; give episodes that it has not seen"
                .formatted(recording.id()));
      }
    }
  }

  private void requireOwn(Dataset data) {
    for (int n = 0; n < data.episodes(); n++) {
      if (!data.policies().get(n).equals(world.bundle().id())) {
        throw new TrainerException(
            "episode %s is not of the policy %s alone, %s acted in it; give the bags of the policy that is audited"
                .formatted(
                    data.ids().get(n),
                    Split.shortId(world.bundle().id()),
                    Split.shortId(data.policies().get(n))));
      }
    }
  }

  /** Findings that decide whether imagination may be believed. */
  private record Found(Audit audit, boolean collapsed) {}

  private Found audit(Dataset data, double temperature, ObjectNode report) {
    try (var _ = new PointerScope();
        var policy = new TrainablePolicy(world.bundle());
        var imagination = world.imagination(data)) {
      Networks networks = world.networks();
      Latents latents = networks.vae().encodeAll(data, world.loop());
      Transitions recorded = new Transitions(data, latents, world.steps().executed());
      int limit = world.maxSteps() > 0 ? world.maxSteps() : data.horizon();
      int times = world.settings().audit().rollouts();
      ActionControl control =
          ActionControl.of(recorded.windowed(world.steps().window()), networks.worldModel());
      report.putPOJO("action_control", control);
      boolean collapsed = control.collapsed(world.settings().audit().control());
      report.put("collapsed", collapsed);
      Torch.seed(world.loop().seed(), "audit");
      RolloutStarts.Pool pool = RolloutStarts.Pool.all(recorded, limit);
      ImaginedSuccess beginnings =
          ImaginedSuccess.of(
              imagination, policy, pool.beginnings(times), times, temperature, world.loop());
      report.putPOJO(
          "reward",
          RewardThreshold.at(
              world.threshold(),
              recorded,
              networks.vae(),
              networks.worldModel(),
              networks.classifier()));
      Outcomes ended = Outcomes.of(data.success());
      Audit audit =
          Audit.of(
              beginnings,
              imagination,
              policy,
              pool,
              ended,
              world.settings().audit(),
              temperature,
              world.loop());
      Progress.say(audit.said(world.settings().audit(), "give more bags"));
      return new Found(audit, collapsed);
    }
  }
}
