package dev.reverie.policy;

import ai.onnxruntime.OnnxTensor;
import ai.onnxruntime.OrtException;
import ai.onnxruntime.OrtSession;
import com.sun.management.ThreadMXBean;
import dev.reverie.policy.onnx.ModelProto;
import dev.reverie.policy.onnx.ValueInfoProto;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.lang.management.ManagementFactory;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.HashMap;
import java.util.Locale;
import java.util.Map;

/**
 * The Java half of {@code bench/inference.py}: for each line {@code BUNDLE CALLS} runs the graph as
 * {@link OnnxPolicy} does, on buffers made once, and prints the median of a call in ns and the
 * bytes that it leaves on the heap.
 */
final class InferenceBenchmark {
  private static final ThreadMXBean THREADS = (ThreadMXBean) ManagementFactory.getThreadMXBean();

  private final OnnxSession session;
  private final Map<String, NdArray> zeros = new HashMap<>(); // the tensors lie on their memory
  private final Map<String, NdArray> made = new HashMap<>();
  private final Map<String, OnnxTensor> inputs = new HashMap<>();
  private final Map<String, OnnxTensor> outputs = new HashMap<>();
  private final OrtSession.RunOptions options;

  private InferenceBenchmark(Path bundle, int threads) throws IOException, OrtException {
    ModelProto model = ModelProto.parseFrom(Files.readAllBytes(bundle.resolve("policy.onnx")));
    Path weights = bundle.resolve("policy.safetensors");
    Map<String, NdArray> arrays =
        Files.exists(weights) ? Safetensors.open(weights).arrays() : Map.of();
    session = OnnxSession.open(bundle.toString(), model, arrays, OnnxOptions.cpu(threads));
    model.getGraph().getInputList().forEach(port -> zeros.put(port.getName(), array(port)));
    zeros.forEach((name, array) -> inputs.put(name, session.tensor(array)));
    made.putAll(session.run(zeros));
    made.forEach((name, array) -> outputs.put(name, session.tensor(array)));
    options = new OrtSession.RunOptions();
  }

  private static NdArray array(ValueInfoProto port) {
    var tensor = port.getType().getTensorType();
    long[] shape =
        tensor.getShape().getDimList().stream()
            .mapToLong(size -> Math.max(1, size.getDimValue()))
            .toArray();
    DType type =
        Arrays.stream(DType.values())
            .filter(one -> one.onnxCode() == tensor.getElemType())
            .findFirst()
            .orElseThrow();
    return NdArray.zeros(type, shape);
  }

  private String measure(int calls) {
    long[] took = new long[calls];
    long before = THREADS.getCurrentThreadAllocatedBytes();
    for (int i = 0; i < calls; i++) {
      long begin = System.nanoTime();
      session.run(inputs, outputs, options);
      took[i] = System.nanoTime() - begin;
    }
    long bytes = THREADS.getCurrentThreadAllocatedBytes() - before;
    Arrays.sort(took);
    return String.format(Locale.ROOT, "%d %d", took[calls / 2], bytes / calls);
  }

  public static void main(String[] args) throws IOException, OrtException {
    Map<String, InferenceBenchmark> all = new HashMap<>();
    var in = new BufferedReader(new InputStreamReader(System.in, StandardCharsets.UTF_8));
    for (String line = in.readLine(); line != null; line = in.readLine()) {
      int space = line.lastIndexOf(' ');
      String bundle = line.substring(0, space);
      if (!all.containsKey(bundle)) {
        all.put(bundle, new InferenceBenchmark(Path.of(bundle), Integer.parseInt(args[0])));
      }
      int calls = Integer.parseInt(line.substring(space + 1));
      System.out.println(all.get(bundle).measure(calls));
    }
  }
}
