/**
 * ONNX graphs on libtorch with gradients, so that the policy is defined only once: {@link
 * dev.reverie.trainer.onnx.OnnxModule} runs a graph, and {@link dev.reverie.trainer.onnx.Parity}
 * checks that the robot's runtime gives the same.
 */
@org.jspecify.annotations.NullMarked
package dev.reverie.trainer.onnx;
