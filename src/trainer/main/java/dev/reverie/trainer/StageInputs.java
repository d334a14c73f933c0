package dev.reverie.trainer;

import dev.reverie.policy.BundleSpec;
import dev.reverie.trainer.imagination.Grpo;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/**
 * The settings and stages that the result of a stage is made of, beside recordings, policies and
 * graphs of the user's own. The file of a result says all of it; what settings alone tell is
 * compared by these before anything is read.
 *
 * @param stage its name
 * @param settings in the words in which a result says them
 * @param after stages whose results it learns from
 */
record StageInputs(String stage, List<Object> settings, List<String> after) {
  /** The stages that work in a round's folder, those of its baselines too. */
  static List<StageInputs> ofRound(Settings settings, BundleSpec spec) {
    List<Object> recorded =
        List.of(settings.instructions(), settings.rollouts(), settings.steps(spec));
    List<Object> latents = with(recorded, settings.vae().latents(), settings.compute().precision());
    List<StageInputs> stages = new ArrayList<>();
    stages.add(of(Networks.JOINT_HEAD, with(latents, settings.jointHead())));
    List<String> worldModels = new ArrayList<>();
    for (int i = 0; i < settings.worldModel().ensemble(); i++) {
      worldModels.add(Networks.worldModel(i));
      stages.add(of(Networks.worldModel(i), with(latents, settings.worldModel())));
    }
    stages.add(
        of(
            Networks.REWARD_CLASSIFIER,
            with(latents, settings.classifier()),
            Networks.imagining(settings)));
    List<String> imagined = new ArrayList<>(worldModels);
    imagined.addAll(List.of(Networks.JOINT_HEAD, Networks.REWARD_CLASSIFIER));
    stages.add(
        new StageInputs(
            Grpo.STAGE,
            with(
                latents,
                worldModels,
                settings.policy(),
                settings.imagination(),
                settings.grpo(),
                settings.classifier().stride(),
                settings.gate().threshold()),
            imagined));
    List<Object> policy = with(recorded, settings.policy(), settings.compute().precision());
    stages.add(of(Baselines.SUCCESS_CLONING, with(policy, settings.successCloning())));
    stages.add(of(Baselines.ADVANTAGE_CLONING, with(policy, settings.advantageCloning())));
    stages.add(of(Baselines.DPO, with(policy, settings.dpo())));
    return stages;
  }

  /**
   * The stages of pretraining.
   *
   * @param given whether the policy is one that was given
   */
  static List<StageInputs> ofPretraining(Settings settings, BundleSpec spec, boolean given) {
    List<Object> policy = with(List.of(settings.steps(spec)), settings.cloning());
    List<Object> worldModel = List.of(settings.steps(spec), settings.vae().latents());
    Object precision = settings.compute().precision();
    return List.of(
        of(
            Pretraining.POLICY,
            given ? with(policy, precision, settings.policy()) : with(policy, precision)),
        of(Pretrained.VAE, List.of(settings.vae(), precision)),
        of(
            Networks.WORLD_MODEL,
            with(worldModel, settings.worldModel(), precision),
            Pretrained.VAE));
  }

  /** The one stage of practice on the arm. */
  static List<StageInputs> onArm(Settings settings) {
    return List.of(
        of(
            Grpo.STAGE,
            List.of(
                settings.imagination(),
                settings.policy(),
                settings.onlineGrpo().of(settings.grpo()),
                settings.compute().precision())));
  }

  private static StageInputs of(String stage, List<Object> settings, String... after) {
    return new StageInputs(stage, settings, List.of(after));
  }

  private static List<Object> with(List<Object> settings, Object... more) {
    List<Object> all = new ArrayList<>(settings);
    all.addAll(Arrays.asList(more));
    return List.copyOf(all);
  }
}
