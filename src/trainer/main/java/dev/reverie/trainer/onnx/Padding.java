package dev.reverie.trainer.onnx;

import java.util.Arrays;
import java.util.stream.LongStream;
import org.bytedeco.pytorch.Tensor;

/**
 * The way of a window over the places of a picture, or of a row or a volume.
 *
 * @param kernel places of the window, one length an axis
 * @param pads places added before each axis, then those after each
 */
record Padding(long[] kernel, long[] strides, long[] dilations, long[] pads) {
  /** Returns what a node says of its window over an input [B, C, ..]. */
  static Padding of(Node node, long[] kernel, Tensor input) {
    int axes = kernel.length;
    if (input.dim() != axes + 2) {
      throw new OnnxException(
          "an input of %d axes for a window of %d; give it batch, channels and %d more"
              .formatted(input.dim(), axes, axes));
    }
    long[] strides = node.integers("strides", Tensors.ones(axes));
    long[] dilations = node.integers("dilations", Tensors.ones(axes));
    String auto = node.text("auto_pad", "NOTSET");
    long[] pads =
        switch (auto) {
          case "NOTSET" -> node.integers("pads", new long[2 * axes]);
          case "VALID" -> new long[2 * axes];
          case "SAME_UPPER", "SAME_LOWER" -> {
            long[] lacking = new long[axes];
            for (int i = 0; i < axes; i++) {
              long length = input.size(i + 2);
              long last = (Math.ceilDiv(length, strides[i]) - 1) * strides[i];
              lacking[i] = Math.max(0, last + window(kernel[i], dilations[i]) - length);
            }
            yield halves(lacking, auto.equals("SAME_UPPER"));
          }
          default -> {
            node.require(false, "auto_pad " + auto);
            yield new long[0];
          }
        };
    return new Padding(kernel, strides, dilations, pads);
  }

  /** Half before and half after each axis; the odd one after it where {@code upper}. */
  static long[] halves(long[] lacking, boolean upper) {
    long[] pads = new long[2 * lacking.length];
    for (int i = 0; i < lacking.length; i++) {
      long less = Math.floorDiv(lacking[i], 2);
      pads[i] = upper ? less : lacking[i] - less;
      pads[i + lacking.length] = lacking[i] - pads[i];
    }
    return pads;
  }

  static long window(long kernel, long dilation) {
    return (kernel - 1) * dilation + 1;
  }

  /** Returns whether as much is added before each axis as after it. */
  boolean isEven() {
    int axes = kernel.length;
    return Arrays.equals(pads, 0, axes, pads, axes, 2 * axes);
  }

  /** The same window over an input that has its padding. */
  Padding without() {
    return new Padding(kernel, strides, dilations, new long[pads.length]);
  }

  /** Returns what is added before each axis. */
  long[] before() {
    return Arrays.copyOf(pads, kernel.length);
  }

  /** An input with the padding around it. */
  Tensor around(Tensor input, double value) {
    return ShapeOps.pad(input, LongStream.range(2, input.dim()).toArray(), pads, value);
  }

  /**
   * Returns how many more places after each axis the last windows need, of those that begin inside
   * of the input or of what is added before it.
   *
   * @param ceil whether a window may hang over the end
   */
  Padding beyond(Tensor input, boolean ceil) {
    int axes = kernel.length;
    long[] more = new long[2 * axes];
    for (int i = 0; i < axes && ceil; i++) {
      long begin = input.size(i + 2) + pads[i];
      long free = begin + pads[i + axes] - window(kernel[i], dilations[i]);
      long steps = Math.ceilDiv(free, strides[i]);
      steps = steps * strides[i] >= begin ? steps - 1 : steps;
      more[i + axes] = Math.max(0, steps * strides[i] - free);
    }
    return new Padding(kernel, strides, dilations, more);
  }
}
