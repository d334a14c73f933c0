package dev.reverie.trainer.data;

import dev.reverie.trainer.nn.Network;
import dev.reverie.trainer.nn.Torch;
import java.util.Map;
import org.bytedeco.pytorch.Tensor;

/** Values that Python and Java compute alike, so that networks can be compared without files. */
public final class Waves {
  private Waves() {}

  /** sin(0.31 i + phase), row-major. */
  public static Tensor of(double phase, long... shape) {
    return Torch.of(sines(product(shape), 0.31, phase, 1), shape);
  }

  /**
   * Sets each parameter to 0.1 sin(0.7 i + k), where k is the sum of its name's characters mod 97.
   */
  public static void fill(Network network) {
    for (Map.Entry<String, Tensor> entry : network.parameters().trained().entrySet()) {
      int phase = entry.getKey().chars().sum() % 97;
      Tensor tensor = entry.getValue();
      Torch.noGrad(
          () ->
              tensor.copy_(Torch.of(sines(tensor.numel(), 0.7, phase, 0.1), Torch.shape(tensor))));
    }
  }

  private static float[] sines(long count, double frequency, double phase, double height) {
    float[] values = new float[(int) count];
    for (int i = 0; i < values.length; i++) {
      values[i] = (float) (height * Math.sin(i * frequency + phase));
    }
    return values;
  }

  private static long product(long[] shape) {
    long product = 1;
    for (long length : shape) {
      product *= length;
    }
    return product;
  }
}
