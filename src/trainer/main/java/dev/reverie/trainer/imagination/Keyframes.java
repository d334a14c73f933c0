package dev.reverie.trainer.imagination;

import static org.bytedeco.pytorch.global.torch.ScalarType.Float;

import dev.reverie.trainer.data.Dataset;
import dev.reverie.trainer.data.Transitions;
import dev.reverie.trainer.imagination.RolloutStarts.Pool;
import dev.reverie.trainer.nn.Torch;
import java.util.List;
import org.bytedeco.pytorch.Scalar;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch;

/**
 * Rules that find the moments of recorded rollouts from which practice starts: chunk boundaries
 * near what decides a task. WoVR (arXiv 2602.13977) starts a portion of its rollouts at such
 * states, mainly where the policy fails, and leaves the rule open.
 */
public enum Keyframes {
  /** Every boundary of a rollout alike. */
  UNIFORM {
    @Override
    Tensor scores(Pool pool) {
      return living(pool.recorded());
    }
  },
  /** Boundaries where the arm moves slowly for its rollout: it aligns, grasps, inserts. */
  SLOW_DOWN {
    @Override
    Tensor scores(Pool pool) {
      Transitions recorded = pool.recorded();
      Tensor speed = relative(recorded, motion(recorded));
      return speed.neg().exp().mul(living(recorded));
    }
  },
  /**
   * Boundaries where much is asked of the arm and it moves little: it touches something, or is
   * stuck.
   */
  STALL {
    @Override
    Tensor scores(Pool pool) {
      Transitions recorded = pool.recorded();
      Tensor moved = relative(recorded, motion(recorded));
      Tensor asked = relative(recorded, asked(recorded));
      return asked.div(Torch.plus(moved, LITTLE)).mul(living(recorded));
    }
  },
  /**
   * The last boundary of failures alone at which the joints are still as near to some success under
   * the same instruction as successes are to each other; the whole rollout where there is no
   * success to compare with.
   */
  FAILURE_ONSET {
    @Override
    Tensor scores(Pool pool) {
      Transitions recorded = pool.recorded();
      Dataset data = recorded.data();
      Tensor living = living(recorded);
      Tensor failed = data.success().logical_not().to(Float).unsqueeze(1);
      Tensor successes = Torch.positions(data.success());
      if (successes.size(0) < 2) {
        return living.mul(failed);
      }
      Tensor usual = atBoundaries(recorded).transpose(0, 1).contiguous(); // [C, N, J]
      Tensor good = usual.index_select(1, successes); // [C, S, J]
      Tensor apart = torch.cdist(usual, good); // [C, N, S]
      Tensor same =
          data.task()
              .unsqueeze(1)
              .eq(data.task().index_select(0, successes).unsqueeze(0)); // [N, S]
      Tensor self = torch.arange(new Scalar((long) data.episodes())).unsqueeze(1);
      Tensor other = same.bitwise_and(self.ne(successes.unsqueeze(0)));
      Tensor nearest =
          torch
              .amin(
                  apart.masked_fill(other.logical_not().unsqueeze(0), new Scalar(FAR)),
                  new long[] {2},
                  false)
              .transpose(0, 1); // [N, C]
      Tensor ofSuccesses = nearest.index_select(0, successes);
      Tensor known = ofSuccesses.masked_select(Torch.less(ofSuccesses, FAR));
      double limit = known.size(0) == 0 ? FAR : known.quantile(NEAR).item_double();
      // 1 up to the first boundary that is too far, 0 from there on.
      Tensor near = Torch.less(nearest, limit + LITTLE / 10).to(Float).cumprod(1);
      Tensor last = near.mul(living).sum(new long[] {1}, true, Torch.sameType()); // boundaries
      Tensor at = torch.arange(new Scalar(living.size(1))).unsqueeze(0).to(Float);
      Tensor onset = torch.clamp_min(Torch.plus(last, -1), new Scalar(0));
      return at.eq(onset).to(Float).mul(living).mul(failed);
    }
  },
  /**
   * One boundary, the same of every rollout that is so long ({@link Grpo.Config#keyframe}): a later
   * version of WoVR is said to have one index a task.
   */
  FIXED {
    @Override
    Tensor scores(Pool pool) {
      Tensor living = living(pool.recorded());
      Tensor at = torch.arange(new Scalar(living.size(1)));
      return living.mul(at.eq(new Scalar((long) pool.keyframe())).to(Float).unsqueeze(0));
    }
  },
  /** Boundaries where several world models disagree about the chunk that was recorded there. */
  DISAGREEMENT {
    @Override
    Tensor scores(Pool pool) {
      return pool.doubts().orElseThrow().mul(living(pool.recorded()));
    }
  };

  /**
   * A part of the starts that one rule finds.
   *
   * @param share of those that lie inside a rollout
   */
  public record Part(Keyframes rule, double share) {
    /** Returns the part as it stands in a settings file. */
    @Override
    public String toString() {
      return "{\"rule\": \"%s\", \"share\": %s}".formatted(rule, share);
    }
  }

  /** Returns where this rule finds all of them. */
  public List<Part> alone() {
    return List.of(new Part(this, 1));
  }

  /** Returns whether these are parts of a whole, each of another rule. */
  static boolean areShares(List<Part> parts) {
    return parts.stream().allMatch(part -> part.share > 0)
        && parts.stream().map(Part::rule).distinct().count() == parts.size()
        && Math.abs(parts.stream().mapToDouble(Part::share).sum() - 1) < 1e-6;
  }

  private static final double LITTLE = 0.1;
  private static final double FAR = 1e9;

  /** Quantile of the distances between successes up to which a failure goes with them. */
  private static final double NEAR = 0.9;

  /**
   * Returns how much each boundary is a keyframe, 0 where it is none.
   *
   * @return [N, C] of C chunks in the longest episode
   */
  abstract Tensor scores(Pool pool);

  /**
   * Draws moments by their scores, each rollout that has any as often as the next.
   *
   * @return episode and chunk [count, 2], int64; uniform where the rule finds nothing
   */
  Tensor draw(Pool pool, long count) {
    Tensor episodes = pool.episodes();
    Tensor scores = scores(pool).index_select(0, episodes);
    if (scores.sum().item_double() == 0) {
      scores = living(pool.recorded()).index_select(0, episodes);
    }
    Tensor each = scores.sum(new long[] {1}, true, Torch.sameType());
    Tensor share = scores.div(torch.clamp_min(each, new Scalar(1e-12)));
    Tensor drawn = torch.multinomial(share.flatten(), count, true, Torch.sharedGenerator());
    Scalar chunks = new Scalar(scores.size(1));
    return Torch.stack(
        1, episodes.index_select(0, torch.floor_divide(drawn, chunks)), drawn.remainder(chunks));
  }

  /** 1 for each boundary before the end, [N, C]. */
  private static Tensor living(Transitions recorded) {
    long chunks = recorded.data().horizon() / recorded.stride();
    Tensor step =
        torch.arange(new Scalar(chunks)).mul(new Scalar((long) recorded.stride())).unsqueeze(0);
    return step.lt(recorded.data().steps().unsqueeze(1)).to(Float);
  }

  /** Joint positions at each boundary, [N, C, J]. */
  private static Tensor atBoundaries(Transitions recorded) {
    long chunks = recorded.data().horizon() / recorded.stride();
    Tensor step = torch.arange(new Scalar(chunks)).mul(new Scalar((long) recorded.stride()));
    return recorded.data().joints().index_select(1, step);
  }

  /** Way of the joints in the chunk after each boundary, [N, C], rad. */
  private static Tensor motion(Transitions recorded) {
    Tensor joints = recorded.data().joints();
    long steps = joints.size(1) - 1;
    Tensor way =
        joints
            .narrow(1, 1, steps)
            .sub(joints.narrow(1, 0, steps))
            .abs()
            .sum(new long[] {2}, false, Torch.sameType());
    return byChunk(recorded, way);
  }

  /** Size of the actions in the chunk after each boundary, [N, C]. */
  private static Tensor asked(Transitions recorded) {
    Tensor size = recorded.data().actions().abs().sum(new long[] {2}, false, Torch.sameType());
    return byChunk(recorded, size);
  }

  private static Tensor byChunk(Transitions recorded, Tensor bySteps) {
    return bySteps
        .view(bySteps.size(0), -1, recorded.stride())
        .sum(new long[] {2}, false, Torch.sameType());
  }

  /** Returns it in units of the rollout's mean over its living chunks. */
  private static Tensor relative(Transitions recorded, Tensor byChunk) {
    Tensor living = living(recorded);
    Tensor mean =
        byChunk
            .mul(living)
            .sum(new long[] {1}, true, Torch.sameType())
            .div(living.sum(new long[] {1}, true, Torch.sameType()));
    return byChunk.div(torch.clamp_min(mean, new Scalar(1e-9)));
  }
}
