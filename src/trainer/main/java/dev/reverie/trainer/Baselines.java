package dev.reverie.trainer;

import dev.reverie.policy.PolicyBundle;
import dev.reverie.trainer.data.Dataset;
import dev.reverie.trainer.data.Split;
import dev.reverie.trainer.data.Steps;
import dev.reverie.trainer.data.Transitions;
import dev.reverie.trainer.model.BehaviourCloning;
import dev.reverie.trainer.model.Dpo;
import dev.reverie.trainer.model.OutcomeToken;
import dev.reverie.trainer.model.TrainablePolicy;
import dev.reverie.trainer.nn.Torch;
import dev.reverie.trainer.nn.TrainLoop;
import org.bytedeco.javacpp.PointerScope;
import org.bytedeco.pytorch.Tensor;

/**
 * The baselines that a round is compared with: other ways to a better policy from the same
 * rollouts, without a world model. They learn from the rollouts that a round learns from, and not
 * from those held out.
 */
final class Baselines {
  static final String SUCCESS_CLONING = "success_cloning";
  static final String ADVANTAGE_CLONING = "advantage_cloning";
  static final String DPO = "dpo";

  private final Settings settings;
  private final TrainLoop loop;
  private final PolicyBundle base;
  private final Dataset demonstrations;
  private final Dataset rollouts;
  private final Split split;
  private final Steps steps;

  Baselines(
      Settings settings,
      TrainLoop loop,
      PolicyBundle base,
      Dataset demonstrations,
      Dataset rollouts,
      Split split) {
    this.settings = settings;
    this.base = base;
    this.demonstrations = demonstrations;
    this.rollouts = rollouts;
    this.split = split;
    steps = settings.steps(base.spec());
    split.sides().write(loop.folder());
    this.loop = steps.in(loop.of(settings.rollouts()));
  }

  /** Clones the demonstrations and the policy's own successes, from the base policy on. */
  PolicyBundle cloneSuccesses() {
    try (var _ = new PointerScope();
        var policy = new TrainablePolicy(base, settings.policy())) {
      Tensor won = rollouts.success().index_select(0, split.learned());
      Tensor successes = split.learned().index_select(0, Torch.positions(won));
      Dataset data = Dataset.concat(shown(), rollouts.subset(successes));
      return clone(settings.successCloning(), SUCCESS_CLONING, policy, data);
    }
  }

  /**
   * Clones the demonstrations and all of the policy's own rollouts, told which ended well, from the
   * base policy on, and acts as in those that did.
   */
  PolicyBundle cloneByAdvantage() {
    OutcomeToken token = new OutcomeToken(base);
    try (var _ = new PointerScope();
        var policy = new TrainablePolicy(token.withToken(), token.trained(settings.policy()))) {
      Dataset data = Dataset.concat(shown(), rollouts.subset(split.learned()));
      PolicyBundle learned =
          clone(settings.advantageCloning(), ADVANTAGE_CLONING, policy, token.tell(data));
      return token.withoutToken(learned);
    }
  }

  /** The demonstrations, but those that are spared. */
  private Dataset shown() {
    return demonstrations.subset(split.shown(demonstrations.episodes()));
  }

  private PolicyBundle clone(
      BehaviourCloning.Config config, String stage, TrainablePolicy policy, Dataset data) {
    Transitions lessons = Transitions.withoutLatents(data, steps.chunk(), steps.executed());
    BehaviourCloning cloning = new BehaviourCloning(config, policy, lessons);
    settings.ofPolicy(loop).of(config).train(stage, policy, cloning.loop(), cloning::loss);
    return policy.bundle();
  }

  /** Prefers successes to failures, from the base policy on. */
  PolicyBundle dpo() {
    Dpo.Config config = settings.dpo();
    try (var _ = new PointerScope();
        var policy = new TrainablePolicy(base, settings.policy())) {
      Transitions recorded =
          Transitions.withoutLatents(rollouts, steps.executed(), steps.executed());
      Dpo dpo = new Dpo(config, policy, recorded, split.learned());
      settings.ofPolicy(loop).of(config).train(DPO, policy, dpo.loop(), dpo::loss);
      dpo.close();
      return policy.bundle();
    }
  }
}
