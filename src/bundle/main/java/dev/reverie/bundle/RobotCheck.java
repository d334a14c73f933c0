package dev.reverie.bundle;

import dev.reverie.policy.ActingCheck;
import dev.reverie.policy.BundleException;
import dev.reverie.policy.BundleSpec;
import dev.reverie.policy.ExportedGraph;
import dev.reverie.policy.GraphSpec;
import dev.reverie.policy.InputSpec;
import dev.reverie.policy.NdArray;
import dev.reverie.policy.OnnxOptions;
import dev.reverie.policy.OnnxPolicy;
import dev.reverie.policy.OnnxSession;
import dev.reverie.policy.PolicyBundle;
import dev.reverie.policy.onnx.ModelProto;
import dev.reverie.policy.onnx.ValueInfoProto;
import dev.reverie.rollout.CameraCalibration;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.SplittableRandom;

/** Runs a policy as the robot does, in ONNX Runtime. */
final class RobotCheck {
  /** float32 sums in another order differ by about 1e-6 of the largest value. */
  private static final double LIMIT = 1e-4;

  private RobotCheck() {}

  /**
   * Opens a policy, warms it up and compares it with its probe.
   *
   * @throws BundleException where ONNX Runtime cannot run it, or the probe differs
   */
  static OnnxPolicy open(PolicyBundle bundle) {
    try {
      return OnnxPolicy.open(bundle, OnnxOptions.cpu(1), lenses(bundle));
    } catch (IllegalStateException e) {
      throw new BundleException(String.valueOf(e.getMessage()), e);
    }
  }

  /**
   * Has a policy act on a black picture and joints at 0, with the words that it knows.
   *
   * @return seconds of the longest inference
   * @throws BundleException where it gives no finite action
   */
  static double act(PolicyBundle bundle, OnnxPolicy policy) {
    try {
      return ActingCheck.require(policy, bundle.tokenizer(), List.of(), lenses(bundle));
    } catch (BundleException e) {
      throw new BundleException(
          "it cannot act on a black picture and joints at 0: " + e.getMessage(), e);
    }
  }

  /** Any lens will do: a probe's pictures are rectified. */
  private static Map<String, CameraCalibration> lenses(PolicyBundle bundle) {
    Map<String, CameraCalibration> lenses = new HashMap<>();
    for (BundleSpec.Camera camera : bundle.spec().cameras()) {
      if (camera.rectify()) {
        lenses.put(camera.name(), withoutDistortion(camera));
      }
    }
    return lenses;
  }

  private static CameraCalibration withoutDistortion(BundleSpec.Camera camera) {
    double focal = camera.width();
    return new CameraCalibration(
        camera.width(),
        camera.height(),
        "plumb_bob",
        new double[5],
        new double[] {focal, 0, camera.width() / 2.0, 0, focal, camera.height() / 2.0, 0, 0, 1});
  }

  /**
   * Compares the graphs as they were exported with what became of them.
   *
   * @param exported by role
   * @return the largest difference, relative to the largest value of an output
   * @throws BundleException where it is above 1e-4
   */
  static double compare(PolicyBundle bundle, Map<String, ExportedGraph> exported) {
    SplittableRandom random = new SplittableRandom(1);
    Map<String, NdArray> inputs = new LinkedHashMap<>();
    for (InputSpec input : bundle.inputs()) {
      inputs.put(input.name(), bundle.randomInput(input, bundle.isOneByOne() ? 1 : 2, random));
    }
    Map<String, NdArray> before = new LinkedHashMap<>(inputs);
    for (String role : List.of(GraphSpec.ENCODE, GraphSpec.STEP, GraphSpec.ACT)) {
      ExportedGraph graph = exported.get(role);
      if (graph != null) {
        before.putAll(run(graph, before));
      }
    }
    try (OnnxSession session = OnnxSession.open(bundle, OnnxOptions.cpu(1))) {
      double worst = 0;
      for (Map.Entry<String, NdArray> output : session.run(inputs).entrySet()) {
        worst =
            Math.max(
                worst,
                difference(
                    output.getKey(),
                    Objects.requireNonNull(before.get(output.getKey())),
                    output.getValue()));
      }
      return worst;
    } catch (IllegalStateException e) {
      throw new BundleException("the imported graph: " + e.getMessage(), e);
    }
  }

  private static Map<String, NdArray> run(ExportedGraph exported, Map<String, NdArray> values) {
    Path file = exported.files().getFirst();
    ModelProto model = ImportedGraph.runnable(exported);
    List<String> taken =
        model.getGraph().getInputList().stream()
            .map(ValueInfoProto::getName)
            .filter(name -> !exported.weights().containsKey(name))
            .toList();
    Map<String, NdArray> inputs = new LinkedHashMap<>(values);
    inputs.keySet().retainAll(taken);
    try (OnnxSession session =
        OnnxSession.open(
            "the graph " + file, model, ImportedGraph.given(exported), OnnxOptions.cpu(1))) {
      return session.run(inputs);
    } catch (IllegalStateException e) {
      throw new BundleException("%s: %s".formatted(file, e.getMessage()), e);
    }
  }

  private static double difference(String output, NdArray before, NdArray after) {
    double[] expected = before.toDoubles();
    double[] actual = after.toDoubles();
    double largest = 1e-6;
    double difference = 0;
    for (int i = 0; i < actual.length; i++) {
      largest = Math.max(largest, Math.abs(expected[i]));
      difference = Math.max(difference, Math.abs(expected[i] - actual[i]));
    }
    if (!(difference <= LIMIT * largest)) {
      throw new BundleException(
          "output '%s' of the imported graph differs from the exported one's by %.2g of its largest value, more than %.0e; nothing is written: the graph has an operator that gives something else each time, or numbers that are not finite"
              .formatted(output, difference / largest, LIMIT));
    }
    return difference / largest;
  }
}
