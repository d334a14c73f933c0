package dev.reverie.policy;

import ai.onnxruntime.NodeInfo;
import ai.onnxruntime.OnnxJavaType;
import ai.onnxruntime.OnnxTensor;
import ai.onnxruntime.OnnxTensorLike;
import ai.onnxruntime.OnnxValue;
import ai.onnxruntime.OrtEnvironment;
import ai.onnxruntime.OrtException;
import ai.onnxruntime.OrtSession;
import ai.onnxruntime.TensorInfo;
import dev.reverie.policy.onnx.ModelProto;
import dev.reverie.policy.onnx.TensorProto;
import java.lang.foreign.MemorySegment;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.concurrent.locks.ReentrantReadWriteLock;
import java.util.stream.Stream;

/**
 * The graph of a bundle on ONNX Runtime, for any batch size. Several threads may run it at a time;
 * closing waits for them.
 */
public final class OnnxSession implements AutoCloseable {
  private static final System.Logger LOG = System.getLogger(OnnxSession.class.getName());

  private final ReentrantReadWriteLock lock = new ReentrantReadWriteLock();
  private final OrtEnvironment environment;
  private final OrtSession session;
  private final String provider;
  private boolean closed;

  private OnnxSession(OrtEnvironment environment, OrtSession session, String provider) {
    this.environment = environment;
    this.session = session;
    this.provider = provider;
  }

  /** Prepares the graph; takes tens of milliseconds and more for large policies. */
  public static OnnxSession open(PolicyBundle bundle, OnnxOptions options) {
    return open(bundle, bundle.graph(), options);
  }

  /**
   * Prepares a part of a bundle's graph.
   *
   * @param part whose initializers are some of the bundle's weights
   */
  static OnnxSession open(PolicyBundle bundle, ModelProto part, OnnxOptions options) {
    OrtEnvironment environment = OrtEnvironment.getEnvironment();
    Map<String, OnnxTensorLike> weights = new LinkedHashMap<>();
    try (var settings = new OrtSession.SessionOptions()) {
      settings.setIntraOpNumThreads(options.threads());
      settings.setInterOpNumThreads(1);
      settings.addConfigEntry("session.intra_op.allow_spinning", "0"); // others need the cores
      for (TensorProto initializer : part.getGraph().getInitializerList()) {
        NdArray array = Objects.requireNonNull(bundle.weights().get(initializer.getName()));
        weights.put(initializer.getName(), tensor(environment, array));
      }
      // Not addInitializer: with it the optimisers mix in what the graph itself holds. The runtime
      // copies the weights, so they need live only until the session is there.
      settings.addExternalInitializers(weights);
      String provider = options.cuda() && cuda(settings) ? "CUDA" : "CPU";
      byte[] graph = part.toByteArray();
      return new OnnxSession(environment, environment.createSession(graph, settings), provider);
    } catch (OrtException e) {
      throw new BundleException(
          "ONNX Runtime refuses policy %s: %s".formatted(bundle.id(), e.getMessage()), e);
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
  void run(Map<String, OnnxTensor> inputs, Map<String, OnnxTensor> outputs) {
    lock.readLock().lock();
    try {
      requireOpen();
      session.run(inputs, Set.of(), outputs).close();
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
  OrtSession.Result run(Map<String, OnnxTensor> inputs, Set<String> outputs) {
    lock.readLock().lock();
    try {
      requireOpen();
      return session.run(inputs, outputs);
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

  /** The device that it runs on: {@code "CPU"} or {@code "CUDA"}. */
  public String provider() {
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

  private static boolean cuda(OrtSession.SessionOptions settings) {
    try {
      settings.addCUDA(0);
      return true;
    } catch (OrtException e) {
      LOG.log(
          System.Logger.Level.WARNING,
          "THE GPU CANNOT BE USED, the policy runs on the CPU: {0}. Build with -Pgpu and install"
              + " CUDA 12 and cuDNN 9, or switch CUDA off.",
          e.getMessage());
      return false;
    }
  }

  private static IllegalStateException failed(OrtException e) {
    return new IllegalStateException("ONNX Runtime: " + e.getMessage(), e);
  }

  private static OnnxTensor tensor(OrtEnvironment environment, NdArray array) throws OrtException {
    if (array.data().byteSize() > Integer.MAX_VALUE) {
      throw new BundleException(
          "array %s is larger than 2 GiB, which ONNX Runtime's Java interface cannot take"
              .formatted(array));
    }
    ByteBuffer buffer = array.data().asByteBuffer().order(ByteOrder.nativeOrder());
    return OnnxTensor.createTensor(environment, buffer, array.shape(), javaType(array.type()));
  }

  private static NdArray array(OnnxTensor tensor) {
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
