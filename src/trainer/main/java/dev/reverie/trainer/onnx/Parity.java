package dev.reverie.trainer.onnx;

import dev.reverie.policy.InputSpec;
import dev.reverie.policy.NdArray;
import dev.reverie.policy.OnnxOptions;
import dev.reverie.policy.OnnxSession;
import dev.reverie.policy.PolicyBundle;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.SplittableRandom;
import org.bytedeco.javacpp.PointerScope;
import org.bytedeco.pytorch.NoGradGuard;
import org.bytedeco.pytorch.Tensor;

/** Checks that the robot (ONNX Runtime) will see what the trainer (libtorch) sees. */
public final class Parity {
  /** float32 sums in another order differ by about 1e-6 of the largest logit. */
  static final double LIMIT = 1e-4;

  private Parity() {}

  /** {@link #check(PolicyBundle, Map)} on eight random observations. */
  public static double check(PolicyBundle bundle) {
    return check(bundle, observations(bundle, bundle.isOneByOne() ? 1 : 8, 1));
  }

  /**
   * Compares all outputs of both runtimes.
   *
   * @return the largest difference, relative to the largest value of that output
   * @throws OnnxException if it is above 1e-4
   */
  public static double check(PolicyBundle bundle, Map<String, NdArray> inputs) {
    double worst = 0;
    try (OnnxSession session = OnnxSession.open(bundle, OnnxOptions.cpu(1));
        OnnxModule module = OnnxModule.load(bundle);
        PointerScope _ = new PointerScope();
        NoGradGuard _ = new NoGradGuard()) {
      Map<String, Tensor> tensors = new LinkedHashMap<>();
      inputs.forEach((name, array) -> tensors.put(name, Tensors.of(array)));
      Map<String, Tensor> actual = module.forward(tensors);
      for (var expected : session.run(inputs).entrySet()) {
        String output = expected.getKey();
        Tensor tensor = actual.get(output);
        float[] trainer = tensor == null ? new float[0] : Tensors.array(tensor).asFloats();
        worst = Math.max(worst, difference(output, expected.getValue().asFloats(), trainer));
      }
    }
    return worst;
  }

  /** Random inputs as a bundle asks for them: pixels, known words, joints around zero. */
  public static Map<String, NdArray> observations(PolicyBundle bundle, int batch, long seed) {
    SplittableRandom random = new SplittableRandom(seed);
    Map<String, NdArray> inputs = new LinkedHashMap<>();
    for (InputSpec input : bundle.inputs()) {
      inputs.put(input.name(), bundle.randomInput(input, batch, random));
    }
    return inputs;
  }

  private static double difference(String output, float[] robot, float[] trainer) {
    if (robot.length != trainer.length) {
      throw new OnnxException(
          "output '%s' has %d values in ONNX Runtime and %d in the trainer"
              .formatted(output, robot.length, trainer.length));
    }
    double largest = 1e-6;
    double difference = 0;
    for (int i = 0; i < robot.length; i++) {
      largest = Math.max(largest, Math.abs(trainer[i]));
      difference = Math.max(difference, Math.abs((double) robot[i] - trainer[i]));
    }
    double relative = difference / largest;
    if (!(relative <= LIMIT)) {
      throw new OnnxException(
          "output '%s': ONNX Runtime and the trainer differ by %.2g of the largest value, more than"
                  .formatted(output, relative)
              + " %.0e; the bundle is not written, the robot would act differently"
                  .formatted(LIMIT));
    }
    return relative;
  }
}
