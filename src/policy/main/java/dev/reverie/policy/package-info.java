/**
 * Policy bundle, preprocessing, ONNX graph and ONNX Runtime.
 *
 * <pre>{@code
 * PolicyBundle bundle = PolicyBundle.load(folder);
 * try (OnnxPolicy policy = OnnxPolicy.open(bundle, OnnxOptions.cpu(1))) {
 *   Observation seen = new Observation(images, jointPositionsRad, instruction);
 *   Sample chunk = policy.draw(seen, 1, new SplittableRandom(seed));
 * }
 * bundle.withWeights(weights).save(another);
 * }</pre>
 *
 * <p>The format: docs/format-bundle.md.
 */
@org.jspecify.annotations.NullMarked
package dev.reverie.policy;
