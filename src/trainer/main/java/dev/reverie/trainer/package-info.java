/**
 * World-model-based policy optimisation (WMPO, arXiv 2511.09515), from recordings to a better
 * policy.
 *
 * <p>{@link dev.reverie.trainer.TrainCommand} is the command line. {@link
 * dev.reverie.trainer.Pretraining} makes what a first round starts from. A round is {@link
 * dev.reverie.trainer.Improvement}, from files to files, and {@link dev.reverie.trainer.Wmpo#run},
 * the paper's loop:
 *
 * <ol>
 *   <li>Fit the {@linkplain dev.reverie.trainer.model.WorldModel world model} to the policy's own
 *       behaviour, failures included.
 *   <li>Train the {@linkplain dev.reverie.trainer.model.RewardClassifier reward classifier} and
 *       choose its {@linkplain dev.reverie.trainer.model.RewardThreshold threshold} on rollouts
 *       that were held out.
 *   <li>Let the policy act in {@linkplain dev.reverie.trainer.imagination.Imagination imagination},
 *       in groups of rollouts from one {@linkplain dev.reverie.trainer.imagination.RolloutStarts
 *       start}.
 *   <li>Improve it by {@linkplain dev.reverie.trainer.imagination.Grpo GRPO} on their success.
 * </ol>
 *
 * <p>Packages point one way: {@code trainer}, {@code imagination}, {@code model}, {@code data},
 * {@code nn}; {@code model} also uses {@code onnx}. Types are public where another of these
 * packages uses them; none is an interface for others.
 *
 * <p>Each stage leaves its result in the work folder, and a run that was stopped, by a signal or by
 * a power cut, goes on there. On standard output, where it is no terminal, a stage tells of itself
 * in lines for other programs; {@link dev.reverie.trainer.nn.Progress} has their form:
 *
 * <pre>
 * stage world_model begin
 * stage world_model 61/600 loss 0.0112
 * stage world_model end 34.2 s
 * </pre>
 *
 * <p>Everything else is said on standard error. The exit status is 0, or 1 with the reason on
 * standard error, or 128 and the number of the signal that stopped the run.
 */
@org.jspecify.annotations.NullMarked
package dev.reverie.trainer;
