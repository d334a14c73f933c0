package dev.reverie.trainer;

import static org.bytedeco.pytorch.global.torch.ScalarType.Float;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.reverie.policy.BundleSpec;
import dev.reverie.policy.PolicyBundle;
import dev.reverie.rollout.Rollouts;
import dev.reverie.trainer.data.Dataset;
import dev.reverie.trainer.data.EpisodeCache;
import dev.reverie.trainer.data.EpisodeDecoder;
import dev.reverie.trainer.data.Recordings;
import dev.reverie.trainer.data.Tasks;
import dev.reverie.trainer.data.Transitions;
import dev.reverie.trainer.model.JointReplay;
import dev.reverie.trainer.model.OpenLoopReplay;
import dev.reverie.trainer.nn.Progress;
import dev.reverie.trainer.nn.Torch;
import dev.reverie.trainer.nn.TrainLoop;
import java.nio.file.Path;
import java.util.List;
import org.bytedeco.pytorch.Scalar;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch;

/**
 * The Java half of {@code bench/replays.py}: recorded episodes carried out in a round's world model
 * from their first real frame on, of which the round has seen none. Prints a line of JSON for each.
 *
 * <p>Arguments: models, work, bundle, bags, cache, settings, episodes at most.
 */
final class ReplayBenchmark {
  /** The change of a pixel, of black to white, from frame to frame where something moves. */
  private static final double MOVES = 16 / 255.0;

  /** Darker than this, of black to white, is the simulated arm's peg alone. */
  private static final double PEG = 0.25;

  private final Dataset data;
  private final Networks networks;
  private final double[][] sums; // of each episode: frames, error, pixels that move, error there
  private final double[] verdict; // highest probability of success of a chunk
  private final double[] pegPixels; // how far off the peg is in the last frame

  private ReplayBenchmark(Dataset data, Networks networks) {
    this.data = data;
    this.networks = networks;
    sums = new double[data.episodes()][4];
    verdict = new double[data.episodes()];
    pegPixels = new double[data.episodes()];
  }

  public static void main(String[] args) {
    Torch.start(1);
    Settings settings = Settings.DEFAULT.read(Path.of(args[5]));
    PolicyBundle bundle = PolicyBundle.load(Path.of(args[2]));
    BundleSpec spec = bundle.spec();
    List<Path> bags = Rollouts.bags(Path.of(args[3]));
    var cache =
        new EpisodeCache(
            new EpisodeCache.Config(Path.of(args[4]), false),
            EpisodeDecoder.of(spec),
            Progress::say);
    Recordings recordings =
        Recordings.openAll(
            Path.of(args[3]),
            bags.subList(0, Math.min(Integer.parseInt(args[6]), bags.size())),
            cache,
            () -> false);
    int executed = settings.steps(spec).executed();
    Dataset data = recordings.data(bundle.tokenizer(), Tasks.DEFAULT, executed).getFirst().data();
    TrainLoop work = new TrainLoop(Path.of(args[1]), 1, "");
    Networks networks = Networks.begin(settings, spec, data.tasks(), Path.of(args[0]), 1);
    work.load(Networks.WORLD_MODEL, networks.worldModel());
    work.load(Networks.REWARD_CLASSIFIER, networks.classifier());
    if (settings.worldModel().joints()) {
      work.load(Networks.JOINT_HEAD, networks.jointHead());
    }
    new ReplayBenchmark(data, networks).run(work, executed);
  }

  private void run(TrainLoop work, int executed) {
    Transitions recorded = new Transitions(data, networks.vae().encodeAll(data, work), executed);
    Torch.seed(1, "replay");
    OpenLoopReplay.play(recorded, networks.vae(), networks.worldModel(), this::see);
    if (networks.worldModel().memory().joints()) {
      System.err.println(
          "joints that it was told, by frame, from where they were: "
              + JointReplay.of(
                  recorded, networks.worldModel(), networks.jointHead(), 1, 4, 8, 16, 24, 32));
    }
    long[] steps = Torch.longs(data.steps());
    long[] success = Torch.longs(data.success());
    for (int n = 0; n < steps.length; n++) {
      ObjectNode line =
          RunReport.JSON
              .createObjectNode()
              .put("id", data.ids().get(n))
              .put("steps", steps[n])
              .put("success", success[n] != 0)
              .put("error", sums[n][1] / sums[n][0])
              .put("moving_error", sums[n][3] / sums[n][2])
              .put("verdict", verdict[n])
              .put("peg_pixels", pegPixels[n]);
      try {
        System.out.println(RunReport.JSON.writeValueAsString(line));
      } catch (JsonProcessingException e) {
        throw new IllegalStateException(e);
      }
    }
  }

  /** Compares a chunk of imagined frames [n, K, 3, H, W] with the recorded ones. */
  private void see(long begin, int step, Tensor frames) {
    long k = frames.size(1);
    Tensor first =
        Torch.range(begin, frames.size(0)).mul(new Scalar(data.horizon() + 1L)).unsqueeze(1);
    Tensor at = first.add(Torch.range(step + 1L, k).unsqueeze(0)); // [n, K]
    Tensor real = share(data.frames().rows(at));
    Tensor before = share(data.frames().rows(at.sub(new Scalar(1L))));
    Tensor imagined = share(frames);
    Tensor error = imagined.sub(real).square().mean(new long[] {2}, false, Torch.sameType());
    Tensor moving =
        torch
            .amax(real.sub(before).abs(), new long[] {2}, false)
            .gt(new Scalar(MOVES))
            .to(Float); // [n, K, H, W]
    double[] whole = each(error);
    double[] pixels = sums(moving);
    double[] there = sums(error.mul(moving));
    Tensor apart = peg(imagined).sub(peg(real)).square();
    double[] away = Torch.doubles(apart.sum(new long[] {2}, false, Torch.sameType()).sqrt());
    float[] said =
        Torch.floats(
            networks
                .classifier()
                .probability(
                    Dataset.normalised(frames), data.task().narrow(0, begin, frames.size(0))));
    long[] steps = Torch.longs(data.steps().narrow(0, begin, frames.size(0)));
    for (int i = 0; i < steps.length; i++) {
      int n = Math.toIntExact(begin + i);
      for (int t = 0; t < k && step + t < steps[i]; t++) {
        int frame = (int) (i * k + t);
        sums[n][0]++;
        sums[n][1] += whole[frame];
        sums[n][2] += pixels[frame];
        sums[n][3] += there[frame];
        pegPixels[n] = away[frame];
        verdict[n] = Math.max(verdict[n], said[i]);
      }
    }
  }

  private static Tensor share(Tensor pixels) {
    return Torch.times(pixels.to(Float), 1 / 255.0);
  }

  private static double[] each(Tensor error) {
    return Torch.doubles(error.mean(new long[] {2, 3}, false, Torch.sameType()));
  }

  private static double[] sums(Tensor values) {
    return Torch.doubles(values.sum(new long[] {2, 3}, false, Torch.sameType()));
  }

  /** The middle of what is dark, by how dark it is, pixels [n, K, 2]. */
  private static Tensor peg(Tensor frames) {
    Tensor brightest = torch.amax(frames, new long[] {2}, false); // [n, K, H, W]
    Tensor dark = torch.clamp_min(Torch.plus(brightest.neg(), PEG), new Scalar(1e-6));
    Tensor rows = dark.sum(new long[] {3}, false, Torch.sameType()); // [n, K, H]
    Tensor columns = dark.sum(new long[] {2}, false, Torch.sameType());
    return Torch.stack(2, middle(rows), middle(columns));
  }

  private static Tensor middle(Tensor weights) {
    Tensor places = Torch.range(0, weights.size(2)).to(Float);
    Tensor all = weights.sum(new long[] {2}, false, Torch.sameType());
    return weights.mul(places).sum(new long[] {2}, false, Torch.sameType()).div(all);
  }
}
