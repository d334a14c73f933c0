package dev.reverie.policy;

import ai.onnxruntime.OrtException;
import java.util.List;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.IntStream;

/**
 * Says why a graph cannot be prepared or run in words of people, where ONNX Runtime names places in
 * its own sources. What it says of a node is kept as a last clause where our words lack it.
 */
public final class OnnxWords {
  private static final String CHECK =
      "export the policy again, and look at the graph with onnx.checker.check_model(file,"
          + " full_check=True)";

  private static final String OPERATORS =
      "export the policy with opset 20 and operators of ONNX alone";

  private static final String INPUTS = "give what the graph's inputs ask for";

  private static final String MEMORY = "use a smaller policy, or a machine with more";

  private static final String GPU =
      "./reverie setup --gpu brings it, and docs/robot-node.md says what the machine needs besides";

  private record Fault(String words, String remedy) {}

  /** A message of ONNX Runtime, our words for it with the groups found, and the remedy. */
  private record Known(Pattern said, String words, String remedy) {
    static Known of(String said, String words, String remedy) {
      return new Known(Pattern.compile(said, Pattern.DOTALL), words, remedy);
    }

    Optional<Fault> of(String message) {
      Matcher found = said.matcher(message);
      return found.find()
          ? Optional.of(new Fault(words.formatted(groups(found)), remedy))
          : Optional.empty();
    }

    private static Object[] groups(Matcher found) {
      return IntStream.rangeClosed(1, found.groupCount())
          .mapToObj(group -> bare(Optional.ofNullable(found.group(group)).orElse("")))
          .toArray();
    }
  }

  /** Messages in the order in which they are looked for: the first that fits counts. */
  private static final List<Known> KNOWN =
      List.of(
          Known.of(
              "terminate flag",
              "the run was ended before it was done",
              "give it more time, or use a smaller policy"),
          Known.of(
              "(?i)(?:Failed to allocate memory|out of memory).*size (\\d+)",
              "there is no room in memory for %s bytes",
              MEMORY),
          Known.of(
              "(?i)(?:Failed to allocate memory|out of memory|bad_?alloc)",
              "there is not enough memory",
              MEMORY),
          Known.of(
              "No Op registered for (\\S+) with domain_version of (-?\\d+)",
              "it lacks the operator '%s' in opset %s",
              OPERATORS),
          Known.of(
              "(\\S+)\\(-?\\d+\\) is not a registered function",
              "it lacks the operator '%s'",
              OPERATORS),
          Known.of(
              "No opset import for domain '(.*?)'",
              "the graph says no opset for its operators of the domain '%s'",
              OPERATORS),
          Known.of(
              "Could not find an implementation for (\\w+)\\((\\d+)\\) node with name '(.*?)'",
              "it has no code for the operator '%s' of opset %s with the types of the node '%s'",
              "export the policy with floats of 32 bits"),
          Known.of(
              "Opset (\\d+) is under development.*? is till opset (\\d+)",
              "the graph is of opset %s, and it knows those up to %s",
              "export the policy with opset 20"),
          Known.of(
              "Unsupported model IR version: (\\d+), max supported IR version: (\\d+)",
              "the file is of version %s of ONNX's format, and it knows those up to %s",
              "export the policy with opset 20"),
          Known.of(
              "In Node, \\(\"(.*?)\", (\\w+),.*Unrecognized attribute: (\\S+)",
              "its node '%s' (%s) has an attribute '%s', which this operator lacks",
              CHECK),
          Known.of(
              "In Node, \\(\"(.*?)\", (\\w+),.*Required attribute '(.*?)' is missing",
              "its node '%s' (%s) lacks the attribute '%s'",
              CHECK),
          Known.of(
              "In Node, \\(\"(.*?)\", (\\w+),.*has (in|out)put size (\\d+) not in range"
                  + " \\[min=(\\d+), max=(\\d+)\\]",
              "its node '%1$s' (%2$s) has %4$s %3$sputs, where %5$s to %6$s can be",
              CHECK),
          Known.of(
              "Type '(.*?)' of input parameter \\((.*?)\\) of operator \\((\\w+)\\) in node"
                  + " \\((.*?)\\)",
              "values of type %s, such as '%s', are none for the operator '%s' at the node '%s'",
              CHECK),
          Known.of(
              "Optype \\((\\w+)\\) bound to different types \\((\\S+) and (\\S+?\\)?)\\)? in node"
                  + " \\((.*?)\\)",
              "the operator '%s' gets values of type %s and of type %s at the node '%s', which have"
                  + " to be of one",
              CHECK),
          Known.of(
              "Type \\((.*?)\\) of output arg \\((.*?)\\) of node \\((.*?)\\) does not match"
                  + " expected type \\((.*)\\)",
              "the graph says that values have type %s where '%s' of the node '%s' has %s",
              CHECK),
          Known.of(
              "[Nn]ode \\((.*?)\\) Op \\((\\w+)\\) \\[(?:Shape|Type)InferenceError\\] (.*)",
              "the inputs of its node '%s' (%s) do not go together (%s)",
              CHECK),
          Known.of(
              "Node input '(.*?)' is not a graph input",
              "it uses '%s', which nothing before it computes",
              CHECK),
          Known.of(
              "Graph output \\((.*?)\\) does not exist in the graph",
              "nothing in it computes its output '%s'",
              CHECK),
          Known.of(
              "Missing (?:model IR version|opset)",
              "the file does not say of which version of ONNX it is",
              "copy it again, or export the policy again"),
          Known.of("graph is not acyclic", "its nodes go round in a circle", CHECK),
          Known.of("Duplicate definition of name \\((.*?)\\)", "two of its nodes give '%s'", CHECK),
          Known.of(
              "External data path validation failed for initializer: ([^.]*)\\.",
              "the values of its weight '%s' are not there",
              "put the file beside it again, or export the policy again"),
          Known.of(
              "running (\\w+) node\\. Name:'(.*?)' Status Message: .*division by zero",
              "its operator '%s' divides by zero at the node '%s'",
              CHECK),
          Known.of(
              "running (\\w+) node\\. Name:'(.*?)' Status Message: (.*)",
              "its operator '%s' fails at the node '%s' (%s)",
              "look at the node in the graph, and export the policy again"),
          Known.of(
              "Invalid rank for input: (\\S+) Got: (\\d+) Expected: (\\d+)",
              "its input '%s' was given %s axes in the place of %s",
              INPUTS),
          Known.of(
              "invalid dimensions for input: (\\S+) .*?index: (\\d+) Got: (\\d+) Expected: (\\d+)",
              "its input '%1$s' was given %3$s values along its axis %2$s in the place of %4$s",
              INPUTS),
          Known.of(
              "input data type\\. Actual: \\((.*?)\\) , expected: \\((.*?)\\)$",
              "one of its inputs was given values of type %s in the place of %s",
              INPUTS),
          Known.of(
              "Unknown input name (\\S+), expected one of (.*)",
              "it has no input '%s', but %s",
              INPUTS),
          Known.of(
              "number of inputs, expected \\[(\\d+),\\d+\\) found (\\d+)",
              "%2$s inputs were given in the place of %1$s",
              INPUTS),
          Known.of(
              "Failed to find (\\S+) shared provider",
              "this ONNX Runtime was built without %s",
              GPU),
          Known.of(
              "not compiled with (\\S+) support", "this ONNX Runtime was built without %s", GPU),
          Known.of(
              "(\\S+\\.so[.\\d]*): cannot open shared object file",
              "the machine lacks the library %s",
              "install CUDA 12 and cuDNN 9, for TensorRT also that"),
          Known.of(
              "(?:no CUDA-capable device|CUDA failure 100)",
              "the machine has no NVIDIA GPU that can be seen",
              "look at what nvidia-smi says"),
          Known.of(
              "(?:driver version is insufficient|CUDA failure 35)",
              "the GPU's driver is too old for CUDA 12",
              "install a newer driver"),
          Known.of(
              "Node input '([^']*)$",
              "it uses a value, '%s', which nothing before it computes",
              CHECK),
          Known.of(
              "In Node, \\(\"([^\"]*)\", *(\\w*)",
              "its node '%s' (%s) is not as ONNX defines it; the file may be damaged",
              CHECK),
          Known.of(
              "Attribute (\\w+) of (\\w+) has an invalid value",
              "the attribute '%s' of an operator '%s' has a value that cannot be",
              CHECK),
          Known.of(
              "(?:Constant node: |NodeProto for )(\\w+)",
              "its constant '%s' has no value or no name; the file may be damaged",
              CHECK),
          Known.of(
              "(?:This is an invalid model|Invalid model|Failed to load model|Protobuf parsing"
                  + " failed|Tensor does not have type)",
              "the file is no sound model of ONNX; it may be damaged, or made wrongly",
              CHECK));

  private OnnxWords() {}

  /** Says what is wrong and what to do, to be read behind who cannot do what. */
  static String reason(OrtException e) {
    Fault fault = of(e);
    return "%s; %s".formatted(fault.words, fault.remedy);
  }

  /** Says what is wrong, to be read behind who cannot do what. */
  public static String fault(OrtException e) {
    return of(e).words;
  }

  private static Fault of(OrtException e) {
    String said =
        String.valueOf(e.getMessage()).replaceFirst("^Error code - \\w+ - message: ", "").strip();
    return KNOWN.stream()
        .flatMap(known -> known.of(said).stream())
        .findFirst()
        .orElseGet(() -> new Fault("it says of it: " + bare(said), CHECK));
  }

  /** The first line without places in sources, conditions of theirs, and the names of types. */
  private static String bare(String said) {
    return said.strip()
        .lines()
        .findFirst()
        .orElse("")
        .replaceFirst("^Exception during initialization: ", "")
        .replaceFirst("^/\\S+:\\d+ [^()]*\\([^()]*\\)(?: const)? ", "")
        .replaceFirst("^\\[ONNXRuntimeError] : \\d+ : \\w+ : ", "")
        .replaceFirst("^\\S+\\.(?:h|cc|cu|cpp):\\d+ (?:operator\\(\\)|\\w+) ", "")
        .replaceFirst("^.* was false\\. ", "")
        .replaceAll("tensor\\((\\w+)\\)", "$1")
        .strip();
  }
}
