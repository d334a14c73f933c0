package dev.reverie.trainer.imagination;

import dev.reverie.trainer.data.Context;
import dev.reverie.trainer.data.Dataset;
import dev.reverie.trainer.data.Memory;
import dev.reverie.trainer.data.Transitions;
import dev.reverie.trainer.nn.Torch;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.stream.IntStream;
import java.util.stream.LongStream;
import org.bytedeco.pytorch.Scalar;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch;

/**
 * Starts of imagined rollouts: moments of recorded ones, with what the arm saw and where it stood.
 *
 * @param recorded the episodes that the moments lie in
 * @param moment episode and step of each start [B, 2], int64
 * @param chunksLeft until the time limit [B], int64
 */
public record RolloutStarts(Transitions recorded, Tensor moment, Tensor chunksLeft) {
  /**
   * The episodes that starts are drawn from, and how long an imagined rollout may be.
   *
   * @param episodes places of those that may be started from, int64
   * @param maxSteps of an episode, those before the start included
   * @param doubts how far several world models disagree about the chunk after each boundary of the
   *     recorded episodes, where that is asked for [N, C]
   * @param keyframe boundary that {@link Keyframes#FIXED} starts from, 0 being the first frame
   */
  public record Pool(
      Transitions recorded, Tensor episodes, int maxSteps, Optional<Tensor> doubts, int keyframe) {
    /** No world models are asked. */
    public Pool(Transitions recorded, Tensor episodes, int maxSteps) {
      this(recorded, episodes, maxSteps, Optional.empty(), 0);
    }

    /** All of these episodes. */
    public static Pool all(Transitions recorded, int maxSteps) {
      return new Pool(recorded, Torch.range(0, recorded.data().episodes()), maxSteps);
    }

    /**
     * Draws P starts and repeats each G times, one group after the other.
     *
     * <p>WoVR's keyframe-initialised rollouts (arXiv 2602.13977): a share of the starts lies at a
     * chunk boundary of a rollout, the others at its first frame.
     *
     * @param groups P
     * @param size G
     * @param keyframeShare in [0, 1]
     * @param rules by which the boundaries are found, each as often as its share says
     */
    public RolloutStarts draw(
        int groups, int size, double keyframeShare, List<Keyframes.Part> rules) {
      long n = episodes.size(0);
      Tensor drawnEpisode =
          n < groups ? Torch.integers(n, groups) : torch.randperm(n).narrow(0, 0, groups);
      Tensor episode = episodes.index_select(0, drawnEpisode);
      // Chunk boundaries 0 .. (steps - 1) / K lie before the episode's end.
      Tensor boundaries =
          torch
              .floor_divide(
                  recorded.data().steps().index_select(0, episode).sub(new Scalar(1L)),
                  new Scalar((long) recorded.stride()))
              .add(new Scalar(1L));
      Tensor drawn = torch.rand(groups).mul(boundaries).floor().to(torch.ScalarType.Long);
      Tensor keyframe = Torch.less(torch.rand(groups), keyframeShare);
      Tensor chunk = torch.where(keyframe, drawn, drawn.mul(new Scalar(0L)));
      Tensor ofRule = ofRules(groups, rules);
      for (int i = 0; i < rules.size(); i++) {
        Keyframes rule = rules.get(i).rule();
        if (rule != Keyframes.UNIFORM) {
          Tensor found = rule.draw(this, groups);
          Tensor its = keyframe.bitwise_and(ofRule.eq(new Scalar((long) i)));
          episode = torch.where(its, found.select(1, 0), episode);
          chunk = torch.where(its, found.select(1, 1), chunk);
        }
      }
      return at(episode, chunk).repeated(size);
    }

    /** Draws the number of the rule for each group, by their shares; of one nothing is drawn. */
    private static Tensor ofRules(int groups, List<Keyframes.Part> rules) {
      if (rules.size() == 1) {
        return Torch.zeros(torch.ScalarType.Long, groups);
      }
      float[] shares = new float[rules.size()];
      for (int i = 0; i < shares.length; i++) {
        shares[i] = (float) rules.get(i).share();
      }
      return torch.multinomial(
          Torch.of(shares, shares.length), groups, true, Torch.sharedGenerator());
    }

    /** The first frame of every episode, each so many times, one episode after the other. */
    public RolloutStarts beginnings(int times) {
      return at(episodes, episodes.mul(new Scalar(0L))).repeated(times);
    }

    /**
     * Moments along the episodes, beside their first frames: at every n-th chunk boundary before
     * each one's end, n as large as leaves so many starts with the first frames, and 1 where there
     * are fewer. Which boundaries these are does not depend on how an episode goes on from there,
     * so that its end is what the policy really came to from each of them.
     *
     * @param starts that there are to be, first frames included
     * @param times that each is repeated, one after the other
     */
    public RolloutStarts along(int starts, int times) {
      long[] steps = Torch.longs(recorded.data().steps().index_select(0, episodes));
      long[] episode = Torch.longs(episodes);
      long every = steps.length >= starts ? Long.MAX_VALUE : distance(steps, starts);
      List<Long> places = new ArrayList<>();
      List<Long> chunks = new ArrayList<>();
      for (int i = 0; i < steps.length; i++) {
        for (long chunk = every; chunk < boundaries(steps[i]); chunk += every) {
          places.add(episode[i]);
          chunks.add(chunk);
        }
      }
      return at(Torch.of(places), Torch.of(chunks)).repeated(times);
    }

    /** Largest number of chunks between two starts of an episode that leaves so many in all. */
    private long distance(long[] steps, int starts) {
      long every = boundaries(LongStream.of(steps).max().orElse(1));
      while (every > 1 && count(steps, every) < starts) {
        every--;
      }
      return every;
    }

    private long count(long[] steps, long every) {
      return LongStream.of(steps).map(each -> Math.ceilDiv(boundaries(each), every)).sum();
    }

    /** Chunk boundaries before an episode's end. */
    private long boundaries(long steps) {
      return Math.ceilDiv(steps, (long) recorded.stride());
    }

    /** Every chunk boundary before an episode's end, one episode after the other. */
    public RolloutStarts keyframes() {
      Tensor windows = recorded.windows(); // [M, 2], by episode, then by step
      Tensor step = windows.select(1, 1);
      Scalar k = new Scalar((long) recorded.stride());
      Tensor boundary = Torch.positions(step.remainder(k).eq(new Scalar(0L)));
      return at(
          windows.select(1, 0).index_select(0, boundary),
          torch.floor_divide(step.index_select(0, boundary), k));
    }

    private RolloutStarts at(Tensor episode, Tensor chunk) {
      long chunks = Math.ceilDiv(maxSteps, recorded.stride());
      Tensor step = chunk.mul(new Scalar((long) recorded.stride()));
      Tensor left = chunk.neg().add(new Scalar(chunks));
      return new RolloutStarts(
          recorded, Torch.stack(1, episode, step), torch.clamp_min(left, new Scalar(1L)));
    }
  }

  /**
   * The start of each group.
   *
   * @param size G
   */
  List<Environment.Start> ofGroups(int size) {
    long[] moments = Torch.longs(moment);
    long[] instructions = Torch.longs(instruction());
    Dataset data = recorded.data();
    return IntStream.range(0, instructions.length / size)
        .map(group -> group * size)
        .mapToObj(
            i ->
                new Environment.Start(
                    data.ids().get((int) moments[2 * i]),
                    moments[2 * i + 1],
                    data.texts().get((int) instructions[i])))
        .toList();
  }

  /** B. */
  public long count() {
    return moment.size(0);
  }

  /** Some of these, in their order. */
  public RolloutStarts range(long first, long count) {
    return new RolloutStarts(
        recorded, moment.narrow(0, first, count), chunksLeft.narrow(0, first, count));
  }

  /** The past of each start. */
  Context context(Memory memory) {
    return recorded.context(moment, memory);
  }

  /**
   * Returns what the cameras saw at the start and in the steps before it, [B, before + 1, 3, H, W]
   * uint8.
   */
  Tensor frames(int before) {
    return recorded.data().frames().rows(upTo(before));
  }

  /**
   * Returns where the joints were at the start and in the steps before it, [B, before + 1, J], rad.
   */
  Tensor joints(int before) {
    return Dataset.rows(recorded.data().joints(), upTo(before));
  }

  /**
   * Returns what was done in the steps before the start, [B, before, D]; before the beginning the
   * first action stands in.
   */
  Tensor actions(int before) {
    Tensor ago = torch.arange(new Scalar((long) -before), new Scalar(0L));
    return Dataset.rows(recorded.data().actions(), places(ago, recorded.data().horizon()));
  }

  /** Steps of the episode before the start, [B], int64. */
  Tensor age() {
    return moment.select(1, 1);
  }

  /** Row of the instruction table, [B], int64. */
  Tensor instruction() {
    return recorded.data().instruction().index_select(0, moment.select(1, 0));
  }

  /** Returns whether the start is the first frame of an episode, [B] bool. */
  Tensor fromBeginning() {
    return moment.select(1, 1).eq(new Scalar(0L));
  }

  /** Flat positions of the start and the steps before it; before the beginning it stands still. */
  private Tensor upTo(int before) {
    Tensor ago = torch.arange(new Scalar((long) -before), new Scalar(1L));
    return places(ago, recorded.data().horizon() + 1L);
  }

  /**
   * Flat positions of the start and the steps before it.
   *
   * @param ago steps from the start, 0 and less [n]
   * @param each positions that an episode has
   */
  private Tensor places(Tensor ago, long each) {
    Tensor step = torch.clamp_min(age().unsqueeze(1).add(ago.unsqueeze(0)), new Scalar(0L));
    return moment.select(1, 0).mul(new Scalar(each)).unsqueeze(1).add(step);
  }

  private RolloutStarts repeated(long times) {
    return new RolloutStarts(
        recorded, Torch.repeatEach(moment, times), Torch.repeatEach(chunksLeft, times));
  }
}
