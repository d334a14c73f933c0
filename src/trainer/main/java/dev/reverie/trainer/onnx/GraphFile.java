package dev.reverie.trainer.onnx;

import com.google.protobuf.ByteString;
import com.google.protobuf.InvalidProtocolBufferException;
import dev.reverie.mcap.Durable;
import dev.reverie.policy.BundleException;
import dev.reverie.policy.DType;
import dev.reverie.policy.GraphCheck;
import dev.reverie.policy.NdArray;
import dev.reverie.policy.Safetensors;
import dev.reverie.policy.onnx.GraphProto;
import dev.reverie.policy.onnx.ModelProto;
import dev.reverie.policy.onnx.StringStringEntryProto;
import dev.reverie.policy.onnx.TensorProto;
import dev.reverie.rollout.GitLfs;
import dev.reverie.rollout.Sha256;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
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
import java.util.SortedMap;
import java.util.TreeMap;

/**
 * An ONNX model as exporters write it: the graph in one file, its weights inside of it or in files
 * beside it, which stay mapped as long as the weights are reachable.
 *
 * @param model its initializers hold no values
 * @param weights the value of each initializer, by name
 * @param sha256 of the file and those beside it, 64 digits
 */
public record GraphFile(ModelProto model, Map<String, NdArray> weights, String sha256) {
  /** Largest file that is read as a whole; protobuf's own limit. */
  private static final long MOST_BYTES = Integer.MAX_VALUE - 16;

  private static final String SOURCE = "reverie.source";

  public GraphFile {
    weights = Collections.unmodifiableMap(weights);
  }

  /**
   * Reads a model.
   *
   * @throws OnnxException naming the file, what is wrong with it and what to do
   */
  public static GraphFile read(Path file) {
    if (!Files.isRegularFile(file)) {
      throw new OnnxException(
          "there is no file %s; give an ONNX model".formatted(file.toAbsolutePath()));
    }
    try {
      requireFetched(file);
      if (Files.size(file) > MOST_BYTES) {
        throw new OnnxException(
            "it is larger than 2 GiB; export it with its weights beside it (external_data=True)");
      }
      ModelProto model = ModelProto.parseFrom(Files.readAllBytes(file));
      requireDense(model.getGraph());
      GraphCheck.checkNodes(model.getGraph());
      SortedMap<Path, MemorySegment> beside = new TreeMap<>();
      Map<String, NdArray> weights = new LinkedHashMap<>();
      for (TensorProto proto : model.getGraph().getInitializerList()) {
        boolean outside = proto.getDataLocation() == TensorProto.DataLocation.EXTERNAL;
        NdArray array = outside ? mapped(file, proto, beside) : Node.array(proto);
        if (weights.put(proto.getName(), array) != null) {
          throw new OnnxException(
              "there are two initializers '%s'; export it again".formatted(proto.getName()));
        }
      }
      List<Path> files = new ArrayList<>(List.of(file));
      files.addAll(beside.keySet());
      return new GraphFile(withoutValues(model), weights, Sha256.ofFiles(files));
    } catch (InvalidProtocolBufferException e) {
      throw new OnnxException(
          "%s is no ONNX model: %s; export it again".formatted(file, e.getMessage()), e);
    } catch (OnnxException | BundleException e) {
      throw new OnnxException("%s: %s".formatted(file, e.getMessage()), e);
    } catch (IOException e) {
      throw new OnnxException("%s cannot be read: %s".formatted(file, e), e);
    }
  }

  /** The hash of the model that this one was trained from, if it says so; else its own. */
  public String source() {
    return model.getMetadataPropsList().stream()
        .filter(entry -> entry.getKey().equals(SOURCE))
        .map(StringStringEntryProto::getValue)
        .findFirst()
        .orElse(sha256);
  }

  /**
   * Writes the model with the weights of a checkpoint: what that holds stays there, as external
   * data, and the rest goes into the file. Any reader of ONNX opens both together.
   *
   * @param file to be written or replaced; it appears whole or not at all
   * @param checkpoint a safetensors file in the same folder
   * @param source hash of the model that the weights were trained from
   */
  public void write(Path file, Path checkpoint, String source) {
    Safetensors trained = Safetensors.open(checkpoint);
    GraphProto.Builder graph = model.getGraph().toBuilder();
    for (TensorProto.Builder proto : graph.getInitializerBuilderList()) {
      NdArray array = trained.arrays().get(proto.getName());
      if (array == null) {
        NdArray constant = weights.get(proto.getName());
        if (constant != null) {
          proto.setRawData(ByteString.copyFrom(constant.data().toArray(ValueLayout.JAVA_BYTE)));
        }
      } else {
        proto
            .setDataLocation(TensorProto.DataLocation.EXTERNAL)
            .addExternalData(entry("location", String.valueOf(checkpoint.getFileName())))
            .addExternalData(entry("offset", Long.toString(trained.offset(proto.getName()))))
            .addExternalData(entry("length", Long.toString(array.data().byteSize())));
      }
    }
    ModelProto.Builder whole = model.toBuilder().setGraph(graph).clearMetadataProps();
    model.getMetadataPropsList().stream()
        .filter(property -> !property.getKey().equals(SOURCE))
        .forEach(whole::addMetadataProps);
    whole.addMetadataProps(entry(SOURCE, source));
    Path part = Durable.temporary(file);
    try {
      writeAndReplace(whole.build(), part, file);
    } catch (IOException e) {
      throw new UncheckedIOException("cannot write " + file, e);
    }
  }

  private static void writeAndReplace(ModelProto whole, Path part, Path file) throws IOException {
    try {
      try (FileChannel channel =
          FileChannel.open(
              part,
              StandardOpenOption.CREATE,
              StandardOpenOption.TRUNCATE_EXISTING,
              StandardOpenOption.WRITE)) {
        ByteBuffer bytes = ByteBuffer.wrap(whole.toByteArray());
        while (bytes.hasRemaining()) {
          channel.write(bytes);
        }
        channel.force(true);
      }
      Durable.replace(part, file);
    } finally {
      Files.deleteIfExists(part);
    }
  }

  private static StringStringEntryProto entry(String key, String value) {
    return StringStringEntryProto.newBuilder().setKey(key).setValue(value).build();
  }

  private static void requireFetched(Path file) {
    GitLfs.pointer(file)
        .ifPresent(
            told -> {
              throw new OnnxException(told);
            });
  }

  private static void requireDense(GraphProto graph) {
    if (graph.getNodeCount() == 0 || graph.getOutputCount() == 0) {
      throw new OnnxException("it holds no graph; give an ONNX model");
    }
    if (graph.getSparseInitializerCount() > 0) {
      throw new OnnxException("it has sparse weights; export it with dense ones");
    }
  }

  private static NdArray mapped(Path file, TensorProto proto, Map<Path, MemorySegment> beside)
      throws IOException {
    Map<String, String> told = new HashMap<>();
    proto.getExternalDataList().forEach(entry -> told.put(entry.getKey(), entry.getValue()));
    String location = told.getOrDefault("location", "");
    Path folder = Durable.folderOf(file.toAbsolutePath().normalize());
    Path there = folder.resolve(location).normalize();
    if (!there.startsWith(folder) || !Files.isRegularFile(there)) {
      throw new OnnxException(
          "the weight '%s' lies in '%s', which is not beside the graph; copy both"
              .formatted(proto.getName(), location));
    }
    MemorySegment all = beside.get(there);
    if (all == null) {
      requireFetched(there);
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
      throw new OnnxException(
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
