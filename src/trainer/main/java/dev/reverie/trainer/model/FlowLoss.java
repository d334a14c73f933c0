package dev.reverie.trainer.model;

import dev.reverie.trainer.data.Context;
import dev.reverie.trainer.data.Transitions;
import dev.reverie.trainer.nn.Compute;
import dev.reverie.trainer.nn.Ranks;
import dev.reverie.trainer.nn.Share;
import dev.reverie.trainer.nn.Torch;
import java.util.Optional;
import org.bytedeco.pytorch.Scalar;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch;

/**
 * The loss that a world model learns by: how far its prediction is off, from frames with noise of a
 * drawn flow time and a past with noise of a drawn level.
 */
record FlowLoss(WorldModel.Config config, RectifiedFlow flow) {
  /**
   * Squared error of the predicted frames, over those before the episode's end; this rank's part.
   *
   * @param windows of the batch [B, 2]
   */
  Tensor of(WorldModel model, Transitions data, Tensor windows) {
    Share share = Ranks.world().share(windows.size(0));
    Tensor batch = share.of(windows);
    // How far all of the batch moves tells what of these rows moves much.
    boolean weighs = config.motionWeight() > 0;
    Share seen = weighs ? Share.whole(share.all()) : share;
    Context past = data.context(seen.of(windows), model.memory());
    Tensor next = data.next(seen.of(windows));
    Tensor newest = past.newest();
    double low = config.contextNoiseLow();
    Tensor level = Torch.plus(Torch.times(seen.uniform(), config.contextNoise() - low), low);
    past = past.noised(level, seen.normalLike(past.frames()), config.contextScaled());
    Optional<Tensor> weight = Optional.empty();
    if (weighs) {
      weight = Optional.of(share.of(weightOfMotion(newest, next)));
      past = past.range(share.first(), share.count());
      next = share.of(next);
      level = share.of(level);
    }
    Tensor tau = Compute.onDevice(share.of(flow.drawTimes(share.all())));
    Tensor noise = share.normalLike(next);
    Tensor z = RectifiedFlow.path(next, noise, tau.view(-1, 1, 1, 1, 1));
    Tensor said = model.predict(z, past, data.course(batch, model.memory()), tau, level);
    Tensor squared = said.sub(flow.wanted(next, noise)).square();
    Tensor error = weight.map(squared::mul).orElse(squared);
    Tensor perFrame = error.mean(new long[] {2, 3, 4}, false, Torch.sameType()); // [B, K]
    return perFrame.mul(data.alive(batch)).sum().div(data.alive(windows).sum());
  }

  /**
   * Weights of the squared error that grow with how far a place moves from frame to frame, of mean
   * 1 over the batch [B, K, 1, h, w].
   */
  private Tensor weightOfMotion(Tensor newest, Tensor next) {
    Tensor before = Torch.cat(1, newest, next.narrow(1, 0, next.size(1) - 1));
    Tensor moved = next.sub(before).abs().mean(new long[] {2}, true, Torch.sameType());
    Tensor relative = moved.div(torch.clamp_min(moved.mean(), new Scalar(1e-6)));
    return Torch.times(
        Torch.plus(Torch.times(relative, config.motionWeight()), 1),
        1 / (1 + config.motionWeight()));
  }
}
