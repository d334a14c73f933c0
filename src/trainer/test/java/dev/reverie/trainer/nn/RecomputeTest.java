package dev.reverie.trainer.nn;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.List;
import java.util.Map;
import java.util.function.UnaryOperator;
import org.bytedeco.javacpp.PointerScope;
import org.bytedeco.pytorch.NoGradGuard;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class RecomputeTest extends LibtorchTest {
  private static final int BLOCKS = 8;
  private static final int OPERATIONS = 8;
  private static final long NUMBERS = 1 << 18;

  private double most;

  @AfterEach
  void everythingIsKeptAgain() {
    recomputing(false);
  }

  private static void recomputing(boolean wanted) {
    new Compute("cpu", Precision.FLOAT32, wanted, 0).begin(Map.of(), said -> {});
  }

  @Test
  void aChainOfBlocksHoldsWhatOneOfThemLeaves() {
    Tensor x = Torch.full(0.3, NUMBERS).set_requires_grad(true);
    double all = peak(x);
    float[] kept = Torch.floats(x.grad());
    x.mutable_grad().reset();
    recomputing(true);
    double some = peak(x);
    assertArrayEquals(kept, Torch.floats(x.grad()));
    assertTrue(all > BLOCKS * OPERATIONS * 4 * NUMBERS * 0.9, "all of it is " + all);
    assertTrue(some < all / 2.5, "%s instead of %s bytes".formatted(some, all));
  }

  @Test
  void withoutGradientsWhatABlockLeavesIsFreedWhenItIsDone() {
    Tensor x = Torch.full(0.3, NUMBERS);
    double before = NativeMemory.inUse();
    most = 0;
    try (var _ = new PointerScope();
        var _ = new NoGradGuard()) {
      Tensor h = x.cos();
      for (int i = 0; i < BLOCKS; i++) {
        Tensor next = Recompute.of(in -> sines(in, before), h).getFirst();
        Recompute.letGo(h);
        h = next;
      }
      float[] freed = Torch.floats(h);
      assertArrayEquals(Torch.floats(chained(x.cos())), freed);
    }
    double block = OPERATIONS * 4.0 * NUMBERS;
    assertTrue(most < 2 * block, "%s bytes of blocks of %s".formatted(most, block));
  }

  private static Tensor chained(Tensor x) {
    Tensor h = x;
    for (int i = 0; i < BLOCKS * OPERATIONS; i++) {
      h = h.sin();
    }
    return h;
  }

  private List<Tensor> sines(List<Tensor> in, double before) {
    Tensor h = in.getFirst();
    for (int i = 0; i < OPERATIONS; i++) {
      h = h.sin();
    }
    most = Math.max(most, NativeMemory.inUse() - before);
    return List.of(h);
  }

  /** Bytes in use at most while a chain of blocks and its gradients are computed. */
  private double peak(Tensor x) {
    double before = NativeMemory.inUse();
    most = 0;
    UnaryOperator<List<Tensor>> block = in -> sines(in, before);
    try (var _ = new PointerScope()) {
      Tensor h = x;
      for (int i = 0; i < BLOCKS; i++) {
        h = Recompute.of(block, h).getFirst();
      }
      Recompute.backward(h.sum());
    }
    return most;
  }

  @Test
  void whatSeveralBlocksReadAndWhatIsReadBesideThemHasTheSameGradients() {
    Tensor weight = Torch.of(new float[] {0.4f, -0.2f, 0.3f}, 3).set_requires_grad(true);
    Tensor other = Torch.of(new float[] {1.1f, 0.2f, -0.7f}, 3).set_requires_grad(true);
    branches(weight, other);
    float[] ofWeight = Torch.floats(weight.grad());
    float[] ofOther = Torch.floats(other.grad());
    weight.mutable_grad().reset();
    other.mutable_grad().reset();
    recomputing(true);
    branches(weight, other);
    assertArrayEquals(ofWeight, Torch.floats(weight.grad()), 1e-5f);
    assertArrayEquals(ofOther, Torch.floats(other.grad()), 1e-5f);
  }

  private static void branches(Tensor weight, Tensor other) {
    try (var _ = new PointerScope()) {
      Tensor shared = weight.exp().mul(other);
      Tensor x = other.sin();
      for (int i = 0; i < 3; i++) {
        List<Tensor> made =
            Recompute.of(
                in ->
                    List.of(
                        in.get(0).mul(in.get(1)).sin(),
                        in.get(0).cos(), // of the last one nobody takes this
                        in.get(1).square().mul(weight)),
                x,
                shared);
        x = made.get(0).add(made.get(2)).add(shared);
        x = i < 2 ? x.mul(made.get(1)) : x;
      }
      Recompute.backward(x.sum().add(shared.cos().sum()));
    }
  }

  @Test
  void withoutGradientsABlockIsComputedOnce() {
    recomputing(true);
    int[] times = {0};
    Tensor result =
        Torch.noGrad(
            () ->
                Recompute.of(
                        in -> {
                          times[0]++;
                          return List.of(in.getFirst().exp());
                        },
                        torch.ones(2))
                    .getFirst());
    assertFalse(result.requires_grad());
    assertTrue(times[0] == 1);
  }
}
