/** Policy bundle, preprocessing, ONNX graph and ONNX Runtime. */
@org.jspecify.annotations.NullMarked
package dev.reverie.policy;
