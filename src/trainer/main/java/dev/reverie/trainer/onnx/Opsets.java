package dev.reverie.trainer.onnx;

import dev.reverie.policy.onnx.ModelProto;
import dev.reverie.policy.onnx.NodeProto;
import dev.reverie.policy.onnx.OperatorSetIdProto;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/** Knows which versions of ONNX's operators mean what the executor takes them to mean. */
final class Opsets {
  private static final long OLDEST = 13;
  private static final long NEWEST = 28; // of onnx 1.23.2, whose node tests pass

  /**
   * Operators that mean the same since before {@link #OLDEST}, each with the first such version.
   */
  private static final Map<String, Long> SAME_SINCE =
      Stream.of(
              "Abs 6, Acos 7, Acosh 9, Add 7, And 7, Asin 7, Asinh 9, Atan 7, Atanh 9, AveragePool 11",
              "BatchNormalization 9, Cast 9, Ceil 6, Celu 12, Clip 11, Compress 11, Concat 4",
              "ConcatFromSequence 11, Constant 9, ConstantOfShape 9, Conv 11, ConvTranspose 11, Cos 7",
              "Cosh 9, CumSum 11, DepthToSpace 11, DequantizeLinear 10, Div 7, Dropout 7, Einsum 12, Elu 6, Equal 7, Erf 9",
              "Exp 6, Expand 8, EyeLike 9, Flatten 11, Floor 6, Gather 11, GatherElements 11, GatherND 12",
              "Gemm 11, GlobalAveragePool 1, GlobalMaxPool 1, Greater 9, GreaterOrEqual 12, HardSigmoid 6",
              "Identity 1, InstanceNormalization 6, IsInf 10, IsNaN 9, LeakyRelu 6, Less 9, LessOrEqual 12",
              "Log 6, MatMul 9, Max 8, MaxPool 11, Mean 8, Min 8, Mod 10, Mul 7, Neg 6, NonZero 9, Not 1",
              "OneHot 11, Or 7, PRelu 9, Pad 11, Pow 12, QuantizeLinear 10, Range 11, Reciprocal 6, ReduceL1 11, ReduceL2 11",
              "ReduceLogSum 11, ReduceLogSumExp 11, ReduceMax 11, ReduceMean 11, ReduceMin 11",
              "ReduceProd 11, ReduceSum 11, ReduceSumSquare 11, Relu 6, Reshape 5, Round 11",
              "ScatterElements 11, ScatterND 11, Selu 6, SequenceAt 11, SequenceConstruct 11",
              "SequenceEmpty 11, SequenceErase 11, SequenceInsert 11, SequenceLength 11, Shape 1",
              "Shrink 9, Sigmoid 6, Sign 9, Sin 7, Sinh 9, Size 1, Slice 10, Softplus 1, Softsign 1",
              "SpaceToDepth 1, SplitToSequence 11, Sqrt 6, Sub 7, Sum 8, Tan 7, Tanh 6, Tile 6, TopK 11",
              "Transpose 1, Where 9, Xor 7")
          .flatMap(line -> Stream.of(line.split(", ")))
          .map(entry -> entry.split(" "))
          .collect(Collectors.toMap(entry -> entry[0], entry -> Long.valueOf(entry[1])));

  private Opsets() {}

  /**
   * Refuses a graph whose operators mean something else than what the executor does.
   *
   * @throws OnnxException naming the version and the operators
   */
  static void check(ModelProto model) {
    for (OperatorSetIdProto opset : model.getOpsetImportList()) {
      boolean standard = opset.getDomain().isEmpty() || opset.getDomain().equals("ai.onnx");
      long version = opset.getVersion();
      if (standard && version > NEWEST) {
        throw refused(version, "");
      }
      List<String> changed =
          model.getGraph().getNodeList().stream()
              .map(NodeProto::getOpType)
              .filter(type -> SAME_SINCE.getOrDefault(type, OLDEST) > version)
              .distinct()
              .toList();
      if (standard && version < OLDEST && !changed.isEmpty()) {
        throw refused(version, ", in which " + changed + " are not what they became");
      }
    }
  }

  private static OnnxException refused(long version, String why) {
    return new OnnxException(
        "the graph has opset %d%s; export it with opset %d to %d"
            .formatted(version, why, OLDEST, NEWEST));
  }
}
