package dev.reverie.policy;

import com.google.protobuf.CodedInputStream;
import com.google.protobuf.InvalidProtocolBufferException;
import com.google.protobuf.UnsafeByteOperations;
import dev.reverie.policy.onnx.GraphProto;
import dev.reverie.policy.onnx.ModelProto;
import dev.reverie.policy.onnx.TensorProto;
import dev.reverie.rollout.FileErrors;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.SortedMap;
import java.util.TreeMap;

/**
 * An ONNX model as exporters write it: the graph in one file, its weights inside of it or in files
 * beside it, which stay mapped as long as the weights are reachable.
 *
 * @param model its initializers hold no values
 * @param weights the value of each initializer, by name, in the graph's order
 * @param files the model's file first, then those beside it
 */
public record ExportedGraph(ModelProto model, Map<String, NdArray> weights, List<Path> files) {
  /** Largest file that is read as a whole; protobuf's own limit. */
  private static final long MOST_BYTES = Integer.MAX_VALUE - 16;

  /** Copies the list. */
  public ExportedGraph {
    weights = Collections.unmodifiableMap(weights);
    files = List.copyOf(files);
  }

  /**
   * Reads a model.
   *
   * @throws BundleException naming the file, what is wrong with it and what to do
   */
  public static ExportedGraph read(Path file) {
    if (!Files.isRegularFile(file)) {
      throw new BundleException(
          "there is no file %s; give an ONNX model".formatted(file.toAbsolutePath()));
    }
    try {
      BundleException.requireFetched(file);
      if (Files.size(file) > MOST_BYTES) {
        throw new BundleException(
            "it is larger than 2 GiB; export it with its weights beside it (external_data=True)");
      }
      ModelProto model = parsed(file);
      requireDense(model.getGraph());
      SortedMap<Path, MemorySegment> beside = new TreeMap<>();
      Map<String, NdArray> weights = new LinkedHashMap<>();
      for (TensorProto proto : model.getGraph().getInitializerList()) {
        if (weights.put(proto.getName(), value(file, proto, beside)) != null) {
          throw new BundleException(
              "there are two initializers '%s'; export it again".formatted(proto.getName()));
        }
      }
      List<Path> files = new ArrayList<>(List.of(file));
      files.addAll(beside.keySet());
      return new ExportedGraph(withoutValues(model), weights, files);
    } catch (InvalidProtocolBufferException e) {
      throw new BundleException(
          "%s is no ONNX model: its bytes are no protocol buffer of one; export it again"
              .formatted(file),
          e);
    } catch (BundleException e) {
      throw new BundleException("%s: %s".formatted(file, e.getMessage()), e);
    } catch (IOException e) {
      throw new BundleException(
          "%s cannot be read: %s".formatted(file, FileErrors.reason(e, file)), e);
    }
  }

  private static NdArray value(Path file, TensorProto proto, SortedMap<Path, MemorySegment> beside)
      throws IOException {
    try {
      return proto.getDataLocation() == TensorProto.DataLocation.EXTERNAL
          ? mapped(file, proto, beside)
          : TensorValues.array(proto);
    } catch (BundleException e) {
      String name = "'" + proto.getName() + "'";
      String message = String.valueOf(e.getMessage());
      throw message.contains(name)
          ? e
          : new BundleException("the weight %s: %s".formatted(name, message), e);
    }
  }

  /** Its weights stay in the file, which is mapped as long as they are reachable. */
  private static ModelProto parsed(Path file) throws IOException {
    try (FileChannel channel = FileChannel.open(file, StandardOpenOption.READ)) {
      ByteBuffer mapped =
          channel
              .map(FileChannel.MapMode.READ_ONLY, 0, channel.size(), Arena.ofAuto())
              .asByteBuffer();
      CodedInputStream input = UnsafeByteOperations.unsafeWrap(mapped).newCodedInput();
      input.enableAliasing(true);
      return ModelProto.parseFrom(input);
    }
  }

  private static void requireDense(GraphProto graph) {
    if (graph.getNodeCount() == 0 || graph.getOutputCount() == 0) {
      throw new BundleException("it holds no graph; give an ONNX model");
    }
    if (graph.getSparseInitializerCount() > 0) {
      throw new BundleException("it has sparse weights; export it with dense ones");
    }
  }

  private static NdArray mapped(Path file, TensorProto proto, Map<Path, MemorySegment> beside)
      throws IOException {
    Map<String, String> told = new HashMap<>();
    proto.getExternalDataList().forEach(entry -> told.put(entry.getKey(), entry.getValue()));
    String location = told.getOrDefault("location", "");
    Path folder = Objects.requireNonNull(file.toAbsolutePath().normalize().getParent());
    Path there = folder.resolve(location).normalize();
    if (!there.startsWith(folder) || !Files.isRegularFile(there)) {
      throw new BundleException(
          "the weight '%s' lies in '%s', which is not beside the graph; copy both"
              .formatted(proto.getName(), location));
    }
    MemorySegment all = beside.get(there);
    if (all == null) {
      BundleException.requireFetched(there);
      try (FileChannel channel = FileChannel.open(there, StandardOpenOption.READ)) {
        all = channel.map(FileChannel.MapMode.READ_ONLY, 0, channel.size(), Arena.ofAuto());
      }
      beside.put(there, all);
    }
    long[] shape = proto.getDimsList().stream().mapToLong(Long::longValue).toArray();
    try {
      long offset = Long.parseLong(told.getOrDefault("offset", "0"));
      long rest = all.byteSize() - offset;
      long length = Long.parseLong(told.getOrDefault("length", Long.toString(rest)));
      return new NdArray(DType.ofOnnx(proto.getDataType()), shape, all.asSlice(offset, length));
    } catch (IllegalArgumentException | IndexOutOfBoundsException | ArithmeticException e) {
      throw new BundleException(
          "the weight '%s' is not what '%s' has of it (%s); copy both files again"
              .formatted(proto.getName(), location, e.getMessage()),
          e);
    }
  }

  private static ModelProto withoutValues(ModelProto model) {
    GraphProto.Builder graph = model.getGraph().toBuilder().clearInitializer();
    for (TensorProto proto : model.getGraph().getInitializerList()) {
      graph.addInitializer(
          TensorProto.newBuilder()
              .setName(proto.getName())
              .setDataType(proto.getDataType())
              .addAllDims(proto.getDimsList()));
    }
    return model.toBuilder().setGraph(graph).build();
  }
}
