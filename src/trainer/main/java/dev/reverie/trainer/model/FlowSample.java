package dev.reverie.trainer.model;

import dev.reverie.trainer.data.Context;
import dev.reverie.trainer.data.Course;
import dev.reverie.trainer.nn.Compute;
import dev.reverie.trainer.nn.Share;
import dev.reverie.trainer.nn.Torch;
import java.util.ArrayList;
import java.util.List;
import org.bytedeco.pytorch.Scalar;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch;

/**
 * The sampling by which a world model imagines: from noise alone, straight from one of the flow
 * times of its settings to the next.
 */
record FlowSample(WorldModel.Config config, RectifiedFlow flow) {
  /**
   * The noise of a sample.
   *
   * @param frames that the flow starts from [B, K, C, h, w]
   * @param past of the context's frames
   */
  record Draw(Tensor frames, Tensor past) {
    private Draw range(long first, long count) {
      return new Draw(frames.narrow(0, first, count), past.narrow(0, first, count));
    }
  }

  static Draw draw(Context past, int horizon, int channels, Share share) {
    Tensor frames = past.frames();
    Tensor z = share.normal(frames.size(0), horizon, channels, frames.size(3), frames.size(4));
    return new Draw(z, share.normalLike(frames));
  }

  /**
   * The next frames from noise that was drawn, [B, K, C, h, w]; of a large network a few rollouts
   * at a time, so that what its operations leave is bounded.
   */
  Tensor of(WorldModel model, Context past, Course course, Draw draw) {
    return of(model, past, course, draw, beside(model, course, draw.frames()));
  }

  /** Rollouts at a time, by what the network leaves of one. */
  long beside(WorldModel model, Course course, Tensor z) {
    if (model.backbone() instanceof GraphBackbone own) {
      return own.counted().beside();
    }
    return Shapes.worldModel(
            config,
            (int) z.size(1),
            (int) course.actions().size(2),
            (int) course.joints().size(2),
            (int) z.size(2),
            (int) z.size(3),
            (int) z.size(4))
        .beside();
  }

  /**
   * The same, so many rollouts at a time.
   *
   * @param beside at most
   */
  Tensor of(WorldModel model, Context past, Course course, Draw draw, long beside) {
    long rows = draw.frames().size(0);
    if (rows <= beside) {
      return whole(model, past, course, draw);
    }
    List<Tensor> parts = new ArrayList<>();
    for (long begin = 0; begin < rows; begin += beside) {
      long first = begin;
      long count = Math.min(beside, rows - begin);
      parts.add(
          Torch.noGrad(
              () ->
                  whole(
                      model,
                      past.range(first, count),
                      course.range(first, count),
                      draw.range(first, count))));
    }
    return Torch.cat(0, parts);
  }

  private Tensor whole(WorldModel model, Context past, Course course, Draw draw) {
    long batch = course.actions().size(0);
    Tensor z = draw.frames();
    Context noisy =
        past.noised(full(config.inferenceNoise(), batch), draw.past(), config.contextScaled());
    Backbone.Given given = model.given(noisy, course, full(config.inferenceLevel(), batch));
    List<Double> taus = config.taus();
    for (int i = 0; i < taus.size(); i++) {
      double tau = taus.get(i);
      double after = i + 1 < taus.size() ? taus.get(i + 1) : 0;
      Tensor from = z;
      z =
          Torch.noGrad(
              () -> {
                Tensor said = model.frames(noisy, given.predict(from, full(tau, batch)));
                Tensor x = flow.clean(said, from, tau);
                return torch.lerp(x, from, new Scalar(after / tau)); // straight to after
              });
    }
    return z;
  }

  private static Tensor full(double value, long batch) {
    return Compute.onDevice(Torch.full(value, batch));
  }
}
