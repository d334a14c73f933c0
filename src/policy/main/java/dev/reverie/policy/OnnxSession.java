package dev.reverie.policy;

import ai.onnxruntime.NodeInfo;
import ai.onnxruntime.OnnxJavaType;
import ai.onnxruntime.OnnxTensor;
import ai.onnxruntime.OnnxTensorLike;
import ai.onnxruntime.OnnxValue;
import ai.onnxruntime.OrtEnvironment;
import ai.onnxruntime.OrtException;
import ai.onnxruntime.OrtLoggingLevel;
import ai.onnxruntime.OrtSession;
import ai.onnxruntime.TensorInfo;
import dev.reverie.policy.onnx.ModelProto;
import dev.reverie.policy.onnx.TensorProto;
import java.lang.foreign.MemorySegment;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.locks.ReentrantReadWriteLock;
import java.util.stream.Stream;

/**
 * The graph of a bundle on ONNX Runtime, for any batch size. Several threads may run it at a time;
 * closing waits for them.
 */
public final class OnnxSession implements AutoCloseable {
  private final ReentrantReadWriteLock lock = new ReentrantReadWriteLock();
  private final OrtEnvironment environment;
  private final OrtSession session;
  private final ExecutionProvider provider;
  private boolean closed;

  private OnnxSession(OrtEnvironment environment, OrtSession session, ExecutionProvider provider) {
    this.environment = environment;
    this.session = session;
    this.provider = provider;
  }

  /**
   * Prepares the graph, for the first provider of the options; takes tens of milliseconds and more
   * for large policies.
   *
   * @throws ProviderException where that provider cannot be used
   */
  public static OnnxSession open(PolicyBundle bundle, OnnxOptions options) {
    return open(bundle, bundle.graph(), options.threads(), options.providers().getFirst());
  }

  /**
   * Prepares a part of a bundle's graph.
   *
   * @param part whose initializers are some of the bundle's weights
   * @throws ProviderException where the provider cannot be used
   */
  static OnnxSession open(
      PolicyBundle bundle, ModelProto part, int threads, ExecutionProvider provider) {
    return open("policy " + bundle.id(), part, bundle.weights(), threads, provider);
  }

  /**
   * Prepares a graph that is of no bundle, for the first provider of the options.
   *
   * @param what it is, for the reasons
   * @param model whose initializers that are external data are among the weights
   * @throws BundleException where ONNX Runtime cannot run it
   * @throws ProviderException where the provider cannot be used
   */
  public static OnnxSession open(
      String what, ModelProto model, Map<String, NdArray> arrays, OnnxOptions options) {
    return open(what, model, arrays, options.threads(), options.providers().getFirst());
  }

  private static OnnxSession open(
      String what,
      ModelProto model,
      Map<String, NdArray> arrays,
      int threads,
      ExecutionProvider provider) {
    OrtEnvironment environment = OrtEnvironment.getEnvironment();
    Map<String, OnnxTensorLike> weights = new LinkedHashMap<>();
    try (var settings = new OrtSession.SessionOptions()) {
      settings.setIntraOpNumThreads(threads);
      settings.setInterOpNumThreads(1);
      settings.addConfigEntry("session.intra_op.allow_spinning", "0"); // others need the cores
      // Its warnings are of what it cannot simplify, hundreds for a policy; its errors are thrown.
      settings.setSessionLogLevel(OrtLoggingLevel.ORT_LOGGING_LEVEL_FATAL);
      for (TensorProto initializer : model.getGraph().getInitializerList()) {
        NdArray array = arrays.get(initializer.getName());
        if (array != null) { // the graph itself holds small constants
          requireFits(what, initializer.getName(), array);
          weights.put(initializer.getName(), tensor(environment, array));
        }
      }
      // Not addInitializer: with it the optimisers mix in what the graph itself holds. The runtime
      // copies the weights, so they need live only until the session is there.
      settings.addExternalInitializers(weights);
      provider.use(settings, () -> EngineCache.ofUser().of(model, arrays));
      byte[] graph = model.toByteArray();
      return new OnnxSession(environment, environment.createSession(graph, settings), provider);
    } catch (OrtException e) {
      if (provider != ExecutionProvider.CPU) { // on the CPU it may yet run
        throw new ProviderException("%s: %s".formatted(provider, OnnxWords.fault(e)), e);
      }
      throw new BundleException(
          "%s cannot be run by ONNX Runtime, which runs policies on the robot: %s"
              .formatted(what, OnnxWords.reason(e)),
          e);
    } finally {
      weights.values().forEach(OnnxTensorLike::close);
    }
  }

  /**
   * Runs the graph.
   *
   * @param inputs one array for each graph input
   * @return the graph's outputs by name
   */
  public Map<String, NdArray> run(Map<String, NdArray> inputs) {
    Map<String, OnnxTensor> tensors = new LinkedHashMap<>();
    lock.readLock().lock();
    try {
      requireOpen();
      for (Map.Entry<String, NdArray> input : inputs.entrySet()) {
        tensors.put(input.getKey(), tensor(environment, input.getValue()));
      }
      try (OrtSession.Result result = session.run(tensors)) {
        Map<String, NdArray> outputs = new LinkedHashMap<>();
        for (Map.Entry<String, OnnxValue> output : result) {
          outputs.put(output.getKey(), array((OnnxTensor) output.getValue()));
        }
        return outputs;
      }
    } catch (OrtException e) {
      throw failed(e);
    } finally {
      lock.readLock().unlock();
      tensors.values().forEach(OnnxTensor::close);
    }
  }

  /** Runs the graph on buffers that were made before, without copies. */
  void run(
      Map<String, OnnxTensor> inputs,
      Map<String, OnnxTensor> outputs,
      OrtSession.RunOptions options) {
    lock.readLock().lock();
    try {
      requireOpen();
      session.run(inputs, Set.of(), outputs, options).close();
    } catch (OrtException e) {
      throw failed(e);
    } finally {
      lock.readLock().unlock();
    }
  }

  /**
   * Runs the graph on buffers that were made before.
   *
   * @return its outputs, which the caller closes
   */
  OrtSession.Result run(
      Map<String, OnnxTensor> inputs, Set<String> outputs, OrtSession.RunOptions options) {
    lock.readLock().lock();
    try {
      requireOpen();
      return session.run(inputs, outputs, Map.of(), options);
    } catch (OrtException e) {
      throw failed(e);
    } finally {
      lock.readLock().unlock();
    }
  }

  /** Type of one of the graph's outputs. */
  DType outputType(String name) {
    try {
      NodeInfo info = session.getOutputInfo().get(name);
      if (info == null || !(info.getInfo() instanceof TensorInfo tensor)) {
        throw new BundleException("'%s' is no tensor of the graph".formatted(name));
      }
      return type(tensor.type);
    } catch (OrtException e) {
      throw failed(e);
    }
  }

  /** A tensor on the memory of an array, which must outlive it. */
  OnnxTensor tensor(NdArray array) {
    try {
      return tensor(environment, array);
    } catch (OrtException e) {
      throw failed(e);
    }
  }

  /** Returns what runs it. */
  public ExecutionProvider provider() {
    return provider;
  }

  @Override
  public void close() {
    lock.writeLock().lock();
    try {
      if (!closed) {
        closed = true;
        session.close();
      }
    } catch (OrtException e) {
      throw failed(e);
    } finally {
      lock.writeLock().unlock();
    }
  }

  private void requireOpen() {
    if (closed) {
      throw new IllegalStateException("this policy is closed; use the one that replaced it");
    }
  }

  /** The same in our words. */
  static IllegalStateException failed(OrtException e) {
    return new IllegalStateException(
        "ONNX Runtime cannot run the graph: " + OnnxWords.reason(e), e);
  }

  private static void requireFits(String what, String weight, NdArray array) {
    if (array.data().byteSize() > Integer.MAX_VALUE) {
      throw new BundleException(
          "%s cannot be run by ONNX Runtime, which takes weights of up to 2 GiB each: '%s' is %s, of %d MiB; export it with 16 bits, or as several weights"
              .formatted(what, weight, array, array.data().byteSize() >> 20));
    }
  }

  private static OnnxTensor tensor(OrtEnvironment environment, NdArray array) throws OrtException {
    ByteBuffer buffer = array.data().asByteBuffer().order(ByteOrder.nativeOrder());
    return OnnxTensor.createTensor(environment, buffer, array.shape(), javaType(array.type()));
  }

  /** A copy of what a tensor holds. */
  static NdArray array(OnnxTensor tensor) {
    NdArray array = NdArray.zeros(type(tensor.getInfo().type), tensor.getInfo().getShape());
    array.data().copyFrom(MemorySegment.ofBuffer(tensor.getByteBuffer()));
    return array;
  }

  private static DType type(OnnxJavaType actual) {
    return Stream.of(DType.values())
        .filter(candidate -> javaType(candidate) == actual)
        .findFirst()
        .orElseThrow(
            () -> new BundleException("outputs of type %s are not supported".formatted(actual)));
  }

  private static OnnxJavaType javaType(DType type) {
    return switch (type) {
      case F64 -> OnnxJavaType.DOUBLE;
      case F32 -> OnnxJavaType.FLOAT;
      case F16 -> OnnxJavaType.FLOAT16;
      case BF16 -> OnnxJavaType.BFLOAT16;
      case I64 -> OnnxJavaType.INT64;
      case I32 -> OnnxJavaType.INT32;
      case I16 -> OnnxJavaType.INT16;
      case I8 -> OnnxJavaType.INT8;
      case U8 -> OnnxJavaType.UINT8;
      case BOOL -> OnnxJavaType.BOOL;
    };
  }
}
