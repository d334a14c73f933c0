/** Runs ONNX graphs on libtorch with gradients, so that the policy is defined only once. */
@org.jspecify.annotations.NullMarked
package dev.reverie.trainer.onnx;
