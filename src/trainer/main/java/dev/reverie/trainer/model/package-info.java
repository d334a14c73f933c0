/**
 * The networks and what each learns from.
 *
 * <p>{@link dev.reverie.trainer.model.FrameVae} turns frames into latents, {@link
 * dev.reverie.trainer.model.WorldModel} predicts the next ones, {@link
 * dev.reverie.trainer.model.JointHead} reads the joints from them, and {@link
 * dev.reverie.trainer.model.RewardClassifier} judges success; {@link
 * dev.reverie.trainer.model.RewardThreshold} and {@link dev.reverie.trainer.model.RewardGate}
 * decide whether it may reward. The policy, {@link dev.reverie.trainer.model.TrainablePolicy}, is
 * the robot's own ONNX graph with gradients.
 */
@org.jspecify.annotations.NullMarked
package dev.reverie.trainer.model;
