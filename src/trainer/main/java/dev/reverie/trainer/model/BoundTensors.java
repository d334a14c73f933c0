package dev.reverie.trainer.model;

import static org.bytedeco.pytorch.global.torch.ScalarType.Float;

import dev.reverie.policy.DType;
import dev.reverie.policy.InputNumbers;
import dev.reverie.policy.InputSpec;
import dev.reverie.policy.Language;
import dev.reverie.policy.PolicyBundle;
import dev.reverie.trainer.data.Canvas;
import dev.reverie.trainer.nn.Compute;
import dev.reverie.trainer.nn.Torch;
import dev.reverie.trainer.nn.TrainerException;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.bytedeco.pytorch.Scalar;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch.ScalarType;

/** A graph's inputs for a batch of observations, as {@code BoundInputs} of the robot has them. */
final class BoundTensors {
  private final PolicyBundle bundle;
  private final Canvas canvas;
  private final List<Integer> ages; // the oldest first

  /**
   * Looks at a bundle's inputs.
   *
   * @throws TrainerException where what an input draws has no probability
   */
  BoundTensors(PolicyBundle bundle, Canvas canvas) {
    this.bundle = bundle;
    this.canvas = canvas;
    ages = bundle.ages().reversed();
    for (InputSpec input : bundle.inputs()) {
      if (input instanceof InputSpec.Noise) {
        throw new TrainerException(
            "the policy's input '%s' is noise, and what its graph makes of that has no probability to train; give it as a graph of one step, with the head flow or diffusion"
                .formatted(input.name()));
      }
    }
  }

  /**
   * The inputs that do not come late.
   *
   * @param pixels of the canvas [B, 3, H, W], uint8, or float in [0, 255]; of a policy that sees
   *     earlier observations [B, A, 3, H, W], the oldest first
   * @param tokens of the instruction as the tokenizer has them in one row
   * @param joints [B, J], or [B, A, J], rad
   * @param ahead what is carried out meanwhile
   */
  Map<String, Tensor> of(Tensor pixels, Tensor tokens, Tensor joints, ActionsAhead ahead) {
    Tensor pictures = ages.size() == 1 ? pixels.unsqueeze(1) : pixels;
    Tensor positions = ages.size() == 1 ? joints.unsqueeze(1) : joints;
    Map<String, Tensor> inputs = new HashMap<>();
    for (InputSpec input : bundle.inputs()) {
      switch (input) {
        case InputSpec.Camera camera -> inputs.put(camera.name(), pictures(camera, pictures));
        case InputSpec.Joints state -> inputs.put(state.name(), joints(state, positions));
        case InputSpec.LanguageIds ids -> inputs.put(ids.name(), typed(ids(tokens), ids.dtype()));
        case InputSpec.LanguageMask mask ->
            inputs.put(mask.name(), typed(mask(tokens), mask.dtype()));
        case InputSpec.ActionPrefix prefix ->
            inputs.put(prefix.name(), typed(ahead.chunk(bundle.layout()), prefix.dtype()));
        case InputSpec.ActionPrefixLength length ->
            inputs.put(length.name(), typed(ahead.count(), length.dtype()));
        case InputSpec.Noise _, InputSpec.Chunk _, InputSpec.Time _, InputSpec.ActionTokens _ -> {}
      }
    }
    return inputs;
  }

  /** The inputs that come late, by the sources that heads name them by. */
  Map<String, Tensor> late(Map<Class<? extends InputSpec>, Tensor> bySource) {
    Map<String, Tensor> inputs = new HashMap<>();
    for (InputSpec input : bundle.inputs()) {
      Tensor given = bySource.get(input.getClass());
      if (given != null) {
        inputs.put(input.name(), typed(given, input.dtype()));
      }
    }
    return inputs;
  }

  /** Views [B, (T,) (N,) ..] of pixels [B, A, 3, H, W]. */
  private Tensor pictures(InputSpec.Camera input, Tensor pixels) {
    List<Tensor> instants = new ArrayList<>();
    for (int age : input.history().ages()) {
      Tensor now = pixels.select(1, ages.indexOf(age)); // [B, 3, H, W]
      List<Tensor> views = new ArrayList<>();
      for (String camera : input.cameras()) {
        Tensor coded = coded(input, view(camera).of(now));
        views.add(input.layout() == InputSpec.Layout.NHWC ? coded.permute(0, 2, 3, 1) : coded);
      }
      instants.add(views.size() == 1 ? views.getFirst() : stack(views));
    }
    return input.history().observations() == 0 ? instants.getFirst() : stack(instants);
  }

  private Canvas.View view(String camera) {
    return canvas.views().stream()
        .filter(view -> view.camera().equals(camera))
        .findFirst()
        .orElseThrow(); // the spec was checked
  }

  private Tensor coded(InputSpec.Camera input, Tensor view) {
    if (input.dtype() == DType.U8) {
      return view;
    }
    InputNumbers.Line line = bundle.numbers(input).line();
    return typed(line(view.to(Float), line, 3, 1, 1), input.dtype());
  }

  private Tensor joints(InputSpec.Joints input, Tensor positions) {
    InputNumbers.Line line = bundle.numbers(input).line();
    List<Tensor> instants = new ArrayList<>();
    for (int age : input.history().ages()) {
      Tensor now = positions.select(1, ages.indexOf(age)); // [B, J]
      Tensor state = line(now, line, now.size(1));
      long missing = input.padTo() - state.size(1);
      instants.add(
          missing <= 0
              ? state
              : Torch.cat(1, state, Compute.onDevice(Torch.full(0, state.size(0), missing))));
    }
    Tensor all = input.history().observations() == 0 ? instants.getFirst() : stack(instants);
    return typed(all, input.dtype());
  }

  private static Tensor line(Tensor values, InputNumbers.Line line, long... shape) {
    return line.isIdentity()
        ? values
        : values.mul(numbers(line.factor(), shape)).add(numbers(line.offset(), shape));
  }

  private Tensor ids(Tensor tokens) {
    return isSubwords() ? tokens.narrow(1, 0, length()) : tokens;
  }

  private Tensor mask(Tensor tokens) {
    return isSubwords() ? tokens.narrow(1, length(), length()) : tokens.ne(new Scalar(0L));
  }

  private boolean isSubwords() {
    return bundle.spec().language() instanceof Language.Subwords;
  }

  private long length() {
    return bundle.spec().language().length();
  }

  private static Tensor numbers(double[] values, long... shape) {
    float[] floats = new float[values.length];
    for (int i = 0; i < floats.length; i++) {
      floats[i] = (float) values[i];
    }
    return Compute.onDevice(Torch.of(floats, floats.length)).view(shape);
  }

  private static Tensor stack(List<Tensor> parts) {
    return Torch.stack(1, parts.toArray(Tensor[]::new));
  }

  private static Tensor typed(Tensor tensor, DType dtype) {
    ScalarType type =
        switch (dtype) {
          case F32 -> Float;
          case F16 -> ScalarType.Half;
          case F64 -> ScalarType.Double;
          case BF16 -> ScalarType.BFloat16;
          case I64 -> ScalarType.Long;
          case I32 -> ScalarType.Int;
          case I16 -> ScalarType.Short;
          case I8 -> ScalarType.Char;
          case U8 -> ScalarType.Byte;
          case BOOL -> ScalarType.Bool;
        };
    return tensor.scalar_type() == type ? tensor : tensor.to(type);
  }
}
