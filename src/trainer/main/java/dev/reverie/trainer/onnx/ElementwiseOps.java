package dev.reverie.trainer.onnx;

import java.util.List;
import java.util.Map;
import java.util.function.BinaryOperator;
import java.util.function.UnaryOperator;
import org.bytedeco.pytorch.Scalar;
import org.bytedeco.pytorch.ScalarOptional;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch;
import org.bytedeco.pytorch.global.torch.ScalarType;

/** Operators that work on each element; two inputs are broadcast as in NumPy. */
final class ElementwiseOps {
  private ElementwiseOps() {}

  static void register(Map<String, Op.Factory> ops) {
    arithmetic(ops);
    functions(ops);
    activations(ops);
    comparisons(ops);
    ops.put("Cast", node -> cast(Tensors.scalarType(node.type("to"))));
    ops.put("CastLike", node -> Op.one(in -> in.get(0).to(in.get(1).scalar_type())));
    ops.put("Where", node -> Op.one(in -> torch.where(in.get(0), in.get(1), in.get(2))));
    ops.put("Clip", node -> Op.one(ElementwiseOps::clip));
    ops.put("Dropout", ElementwiseOps::dropout);
  }

  private static void arithmetic(Map<String, Op.Factory> ops) {
    binary(ops, "Add", Tensor::add);
    binary(ops, "Sub", Tensor::sub);
    binary(ops, "Mul", Tensor::mul);
    binary(ops, "Div", ElementwiseOps::divide);
    binary(ops, "Pow", (base, power) -> torch.pow(base, power).to(base.scalar_type()));
    ops.put(
        "Mod",
        node -> {
          boolean fmod = node.flag("fmod", false);
          return Op.one(
              in ->
                  fmod ? torch.fmod(in.get(0), in.get(1)) : torch.remainder(in.get(0), in.get(1)));
        });
    fold(ops, "Max", torch::maximum);
    fold(ops, "Min", torch::minimum);
    fold(ops, "Sum", Tensor::add);
    ops.put(
        "Mean", node -> Op.one(in -> reduce(in, Tensor::add).div(new Scalar((double) in.count()))));
  }

  private static void functions(Map<String, Op.Factory> ops) {
    unary(ops, "Abs", Tensor::abs);
    unary(ops, "Acos", Tensor::acos);
    unary(ops, "Acosh", Tensor::acosh);
    unary(ops, "Asin", Tensor::asin);
    unary(ops, "Asinh", Tensor::asinh);
    unary(ops, "Atan", Tensor::atan);
    unary(ops, "Atanh", Tensor::atanh);
    unary(ops, "Ceil", Tensor::ceil);
    unary(ops, "Cos", Tensor::cos);
    unary(ops, "Cosh", Tensor::cosh);
    unary(ops, "Erf", Tensor::erf);
    unary(ops, "Exp", Tensor::exp);
    unary(ops, "Floor", Tensor::floor);
    unary(ops, "IsNaN", Tensor::isnan);
    ops.put("IsInf", ElementwiseOps::isInf);
    unary(ops, "Log", Tensor::log);
    unary(ops, "Neg", Tensor::neg);
    unary(ops, "Reciprocal", Tensor::reciprocal);
    unary(ops, "Round", Tensor::round);
    unary(ops, "Sign", Tensor::sign);
    unary(ops, "Sin", Tensor::sin);
    unary(ops, "Sinh", Tensor::sinh);
    unary(ops, "Sqrt", Tensor::sqrt);
    unary(ops, "Tan", Tensor::tan);
  }

  private static void activations(Map<String, Op.Factory> ops) {
    unary(ops, "HardSwish", torch::hardswish);
    unary(ops, "Mish", torch::mish);
    unary(ops, "Relu", Tensor::relu);
    unary(ops, "Sigmoid", Tensor::sigmoid);
    unary(ops, "Softplus", torch::softplus);
    unary(ops, "Softsign", x -> x.div(x.abs().add(new Scalar(1.0))));
    unary(ops, "Tanh", Tensor::tanh);
    ops.put("Celu", node -> celu(node.number("alpha", 1)));
    ops.put("Elu", node -> elu(node.number("alpha", 1), 1, 1));
    ops.put("Gelu", node -> gelu(node.text("approximate", "none")));
    ops.put("HardSigmoid", ElementwiseOps::hardSigmoid);
    ops.put("LeakyRelu", node -> leakyRelu(node.number("alpha", 0.01)));
    binary(ops, "PRelu", (x, slope) -> torch.where(x.lt(new Scalar(0.0)), x.mul(slope), x));
    ops.put(
        "Selu",
        node ->
            elu(
                node.number("alpha", 1.6732632423543772),
                node.number("gamma", 1.0507009873554805),
                1));
    ops.put("Swish", node -> swish(node.number("alpha", 1)));
    ops.put("ThresholdedRelu", node -> thresholdedRelu(node.number("alpha", 1)));
    ops.put("Shrink", node -> shrink(node.number("lambd", 0.5), node.number("bias", 0)));
  }

  private static void comparisons(Map<String, Op.Factory> ops) {
    binary(ops, "Equal", Tensor::eq);
    binary(ops, "Greater", Tensor::gt);
    binary(ops, "GreaterOrEqual", Tensor::ge);
    binary(ops, "Less", Tensor::lt);
    binary(ops, "LessOrEqual", Tensor::le);
    binary(ops, "And", torch::logical_and);
    binary(ops, "Or", torch::logical_or);
    binary(ops, "Xor", torch::logical_xor);
    unary(ops, "Not", torch::logical_not);
    binary(ops, "BitwiseAnd", torch::bitwise_and);
    binary(ops, "BitwiseOr", torch::bitwise_or);
    binary(ops, "BitwiseXor", torch::bitwise_xor);
    unary(ops, "BitwiseNot", torch::bitwise_not);
    ops.put("BitShift", node -> bitShift(node.text("direction", "")));
  }

  private static void unary(
      Map<String, Op.Factory> ops, String type, UnaryOperator<Tensor> function) {
    ops.put(type, node -> Op.one(in -> function.apply(in.get(0))));
  }

  private static void binary(
      Map<String, Op.Factory> ops, String type, BinaryOperator<Tensor> function) {
    ops.put(type, node -> Op.one(in -> function.apply(in.get(0), in.get(1))));
  }

  private static void fold(
      Map<String, Op.Factory> ops, String type, BinaryOperator<Tensor> function) {
    ops.put(type, node -> Op.one(in -> reduce(in, function)));
  }

  private static Tensor reduce(NodeInputs in, BinaryOperator<Tensor> function) {
    Tensor result = new Tensor(in.get(0));
    for (int i = 1; i < in.count(); i++) {
      result = function.apply(result, in.get(i));
    }
    return result;
  }

  private static Tensor clip(NodeInputs in) {
    return in.has(1) || in.has(2)
        ? in.get(0).clamp(in.optional(1), in.optional(2))
        : new Tensor(in.get(0));
  }

  /** Policies are exported for acting, where dropout does nothing; its mask is all true. */
  private static Op dropout(Node node) {
    return Op.several(
        in -> {
          node.require(
              !in.has(2) || !in.get(2).item_bool(),
              "training_mode (call policy.eval() before the export)");
          Tensor same = new Tensor(in.get(0));
          return node.gives(1)
              ? List.of(same, torch.ones_like(same).to(ScalarType.Bool))
              : List.of(same);
        });
  }

  private static Op cast(ScalarType type) {
    return Op.one(in -> in.get(0).to(type));
  }

  private static Op isInf(Node node) {
    boolean negative = node.flag("detect_negative", true);
    boolean positive = node.flag("detect_positive", true);
    return Op.one(
        in -> {
          Tensor below = torch.isneginf(in.get(0));
          Tensor above = torch.isposinf(in.get(0));
          return negative && positive
              ? below.logical_or(above)
              : negative ? below : positive ? above : torch.zeros_like(above);
        });
  }

  private static Op bitShift(String direction) {
    return direction.equals("LEFT")
        ? Op.one(in -> torch.__lshift__(in.get(0), in.get(1)))
        : Op.one(in -> torch.__rshift__(in.get(0), in.get(1)));
  }

  /** Integers divide towards zero; div's rounding mode is a string, which the binding garbles. */
  private static Tensor divide(Tensor a, Tensor b) {
    if (!Tensors.isInteger(a)) {
      return a.div(b);
    }
    return torch.floor_divide(a.sub(torch.fmod(a, b)), b);
  }

  /** Continuously differentiable for any alpha (arXiv 1704.07483). */
  private static Op celu(double alpha) {
    return elu(alpha, 1, 1 / alpha);
  }

  private static Op elu(double alpha, double scale, double inputScale) {
    return Op.one(
        in -> torch.elu(in.get(0), new Scalar(alpha), new Scalar(scale), new Scalar(inputScale)));
  }

  private static Op gelu(String approximate) {
    return Op.one(in -> torch.gelu(in.get(0), approximate));
  }

  private static Op hardSigmoid(Node node) {
    double alpha = node.number("alpha", 0.2);
    double beta = node.number("beta", 0.5);
    return Op.one(
        in ->
            in.get(0)
                .mul(new Scalar(alpha))
                .add(new Scalar(beta))
                .clamp(new ScalarOptional(new Scalar(0.0)), new ScalarOptional(new Scalar(1.0))));
  }

  private static Op leakyRelu(double alpha) {
    return Op.one(in -> torch.leaky_relu(in.get(0), new Scalar(alpha)));
  }

  private static Op swish(double alpha) {
    return alpha == 1
        ? Op.one(in -> torch.silu(in.get(0)))
        : Op.one(in -> in.get(0).mul(in.get(0).mul(new Scalar(alpha)).sigmoid()));
  }

  private static Op thresholdedRelu(double alpha) {
    return Op.one(in -> in.get(0).masked_fill(in.get(0).le(new Scalar(alpha)), new Scalar(0.0)));
  }

  private static Op shrink(double lambda, double bias) {
    return Op.one(
        in -> {
          Tensor x = in.get(0);
          Tensor towards = x.sub(x.sign().mul(new Scalar(bias)).to(x.scalar_type()));
          Tensor far = x.gt(new Scalar(lambda)).logical_or(x.lt(new Scalar(-lambda)));
          return torch.where(far, towards, torch.zeros_like(x));
        });
  }
}
