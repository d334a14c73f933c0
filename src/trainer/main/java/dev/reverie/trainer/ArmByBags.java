package dev.reverie.trainer;

import static org.bytedeco.pytorch.global.torch.ScalarType.Bool;

import dev.reverie.policy.BundleSpec;
import dev.reverie.policy.InputSpec;
import dev.reverie.policy.PolicyBundle;
import dev.reverie.rollout.Alignment;
import dev.reverie.rollout.Episode;
import dev.reverie.rollout.EpisodeReader;
import dev.reverie.rollout.Rollouts;
import dev.reverie.trainer.data.Dataset;
import dev.reverie.trainer.data.EpisodeCache;
import dev.reverie.trainer.data.EpisodeDecoder;
import dev.reverie.trainer.data.RecordedChunks;
import dev.reverie.trainer.data.Recordings;
import dev.reverie.trainer.data.Steps;
import dev.reverie.trainer.imagination.Environment;
import dev.reverie.trainer.imagination.Grpo;
import dev.reverie.trainer.imagination.PlayedRollouts;
import dev.reverie.trainer.model.ActionsAhead;
import dev.reverie.trainer.model.TrainablePolicy;
import dev.reverie.trainer.nn.Progress;
import dev.reverie.trainer.nn.Torch;
import dev.reverie.trainer.nn.TrainLoop;
import dev.reverie.trainer.nn.TrainerException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.SortedMap;
import java.util.TreeMap;
import org.bytedeco.pytorch.Scalar;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch;

/**
 * The arm as the environment of practice: for each draw there is a folder, in which the policy is
 * left that is to act, and what is to be recorded of it ({@code request.json}); bags come back, a
 * folder a group. Whoever moves the arm reads the one and records the other.
 *
 * @param folder of the draws, {@code 0000} and so on
 * @param steps that go together for the policy
 * @param settings of instructions and of the time limit
 */
record ArmByBags(
    Path folder,
    BundleSpec spec,
    Steps steps,
    Settings settings,
    EpisodeCache cache,
    TrainLoop loop)
    implements Environment {
  private static final Duration POLL = Duration.ofMillis(100);

  /** Opens the folder for a policy and those that practice makes of it. */
  static ArmByBags of(
      Path folder, BundleSpec spec, Settings settings, EpisodeCache.Config cache, TrainLoop loop) {
    return new ArmByBags(
        folder,
        spec,
        settings.steps(spec),
        settings,
        new EpisodeCache(cache, EpisodeDecoder.of(spec), Progress::say),
        loop);
  }

  /**
   * A request for recordings: {@code groups} scenes, and from each {@code groupSize} rollouts, in a
   * folder of their own below {@code rollouts}.
   *
   * @param policy id of the bundle in {@code policy}
   */
  private record Request(String policy, int groups, int groupSize, double temperature) {}

  @Override
  public Groups play(TrainablePolicy policy, Grpo.Config config, int draw) {
    Path here = folder.resolve("%04d".formatted(draw));
    Path rollouts = here.resolve("rollouts");
    String acting = ask(here, policy.bundle(), config);
    await(rollouts, config, acting);
    return read(rollouts, policy, acting, config);
  }

  @Override
  public String kind() {
    return "real";
  }

  @Override
  public String remedy(double success, double trusted) {
    return success > 0.5
        ? "the policy needs no practice there; begin with harder scenes"
        : "the policy never succeeds there; give --base one that does at times, or easier scenes";
  }

  /** Leaves the policy and what is to be recorded of it; returns its id. */
  private static String ask(Path here, PolicyBundle acting, Grpo.Config config) {
    Path bundle = here.resolve("policy");
    if (Files.exists(bundle)) {
      String there = PolicyBundle.load(bundle).id();
      if (!there.equals(acting.id())) {
        throw new TrainerException(
            "%s has the policy %s, and this run is at %s; it is another run's, so choose another --work"
                .formatted(bundle, there, acting.id()));
      }
    } else {
      acting.save(bundle);
    }
    RunReport.write(
        here.resolve("request.json"),
        RunReport.JSON.valueToTree(
            new Request(acting.id(), config.groups(), config.groupSize(), config.temperature())));
    return acting.id();
  }

  /** Waits until as many bags are there as were asked for. */
  private void await(Path rollouts, Grpo.Config config, String policy) {
    int wanted = config.groups() * config.groupSize();
    boolean told = false;
    while (count(rollouts) < wanted) {
      if (!told) {
        Progress.say(
            "waiting for %d rollouts of the policy %s in %s: %d folders with %d of one scene each; %d are there"
                .formatted(
                    wanted,
                    policy,
                    rollouts,
                    config.groups(),
                    config.groupSize(),
                    count(rollouts)));
        told = true;
      }
      loop.endIfStopped();
      sleep();
    }
  }

  private static int count(Path rollouts) {
    return Files.isDirectory(rollouts) ? Rollouts.bags(rollouts).size() : 0;
  }

  private static void sleep() {
    try {
      Thread.sleep(POLL);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new TrainerException("waiting for rollouts was interrupted", e);
    }
  }

  private Groups read(Path rollouts, TrainablePolicy policy, String acting, Grpo.Config config) {
    List<Path> bags = Rollouts.bags(rollouts);
    Dataset data =
        Recordings.openAll(rollouts, bags, cache, loop.stop())
            .data(policy.tokenizer(), settings.instructions(), steps.executed())
            .getFirst()
            .data();
    Map<String, Episode> recorded = new HashMap<>();
    SortedMap<Path, List<Episode>> groups = new TreeMap<>();
    for (Path bag : bags) {
      Episode episode = EpisodeReader.open(bag, Alignment.DEFAULT).readWithoutPictures();
      recorded.put(episode.id(), episode);
      groups.computeIfAbsent(bag.getParent(), _ -> new ArrayList<>()).add(episode);
    }
    requireGroups(rollouts, groups, config);
    RecordedChunks chunks =
        RecordedChunks.of(
            data,
            recorded,
            new RecordedChunks.Asked(
                acting,
                config.temperature(),
                spec.chunk().horizon(),
                spec.actionSpace().dimensions(),
                spec.graph().inputs().stream().anyMatch(InputSpec.ActionPrefix.class::isInstance)));
    if (data.episodes() != bags.size()) {
      throw new TrainerException(
          "of %d rollouts in %s %d can be used; what is wrong with the others stands above"
              .formatted(bags.size(), rollouts, data.episodes()));
    }
    PlayedRollouts played = played(data, chunks, policy, config.temperature());
    long limit = settings.imagination().maxSteps();
    long most = limit > 0 ? limit : data.steps().max().item_long();
    Tensor limits =
        data.steps().mul(new Scalar(0L)).add(new Scalar(Math.ceilDiv(most, steps.executed())));
    data.close();
    List<Start> starts = new ArrayList<>();
    groups.forEach(
        (group, episodes) ->
            starts.add(
                new Start(group.getFileName().toString(), 0, episodes.getFirst().instruction())));
    return new Groups(played, limits, Torch.full(1, limits.size(0)).to(Bool), starts);
  }

  /** Refuses other groups than those that were asked for, and such as do not start alike. */
  private static void requireGroups(
      Path rollouts, SortedMap<Path, List<Episode>> groups, Grpo.Config config) {
    groups.forEach(
        (group, episodes) -> {
          if (episodes.size() != config.groupSize()) {
            throw new TrainerException(
                "there are %d rollouts in %s, and groups of %d were asked for; put %d of one scene there"
                    .formatted(episodes.size(), group, config.groupSize(), config.groupSize()));
          }
          List<String> instructions =
              episodes.stream().map(Episode::instruction).distinct().toList();
          if (instructions.size() > 1) {
            throw new TrainerException(
                "the rollouts in %s have the instructions %s, and those of a group start alike"
                    .formatted(group, instructions));
          }
        });
    if (groups.size() != config.groups()) {
      throw new TrainerException(
          "there are %d groups in %s, and %d were asked for"
              .formatted(groups.size(), rollouts, config.groups()));
    }
  }

  /** The rollouts with the probabilities that the policy gives to what it drew. */
  private PlayedRollouts played(
      Dataset data, RecordedChunks chunks, TrainablePolicy policy, double temperature) {
    Tensor seen = data.before(chunks.seen(data), policy.ages());
    Tensor pixels = data.frames().rows(seen);
    Tensor words =
        data.tokens().index_select(0, data.instruction().index_select(0, chunks.rollout()));
    Tensor joints = Dataset.rows(data.joints(), seen);
    long last = spec.chunk().horizon() - (long) steps.executed();
    Tensor first = torch.clamp_max(chunks.first(), new Scalar(last));
    Tensor drawn =
        Torch.noGrad(() -> policy.head().drawn(chunks.actions(), first, steps.executed()));
    List<Tensor> logs = new ArrayList<>();
    for (long begin = 0; begin < seen.size(0); begin += Grpo.SLICE) {
      long from = begin;
      long count = Math.min(Grpo.SLICE, seen.size(0) - begin);
      logs.add(
          Torch.noGrad(
              () ->
                  policy
                      .head()
                      .likelihood(
                          policy.seeing(
                              pixels.narrow(0, from, count),
                              words.narrow(0, from, count),
                              joints.narrow(0, from, count)),
                          drawn.narrow(0, from, count),
                          first.narrow(0, from, count),
                          temperature)
                      .parts()));
    }
    Tensor success = data.success().clone();
    return new PlayedRollouts(
        chunks.rollout(),
        pixels,
        words,
        joints,
        first,
        ActionsAhead.none(drawn.size(0)).actions(),
        drawn,
        Torch.cat(0, logs),
        success,
        Torch.full(1, success.size(0)));
  }
}
