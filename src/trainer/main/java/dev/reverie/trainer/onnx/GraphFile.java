package dev.reverie.trainer.onnx;

import com.google.protobuf.ByteString;
import dev.reverie.mcap.Durable;
import dev.reverie.policy.BundleException;
import dev.reverie.policy.ExportedGraph;
import dev.reverie.policy.GraphCheck;
import dev.reverie.policy.NdArray;
import dev.reverie.policy.Safetensors;
import dev.reverie.policy.onnx.GraphProto;
import dev.reverie.policy.onnx.ModelProto;
import dev.reverie.policy.onnx.StringStringEntryProto;
import dev.reverie.policy.onnx.TensorProto;
import dev.reverie.rollout.FileErrors;
import dev.reverie.rollout.Sha256;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.lang.foreign.ValueLayout;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.Collections;
import java.util.Map;

/**
 * An ONNX model as exporters write it: the graph in one file, its weights inside of it or in files
 * beside it, which stay mapped as long as the weights are reachable.
 *
 * @param model its initializers hold no values
 * @param weights the value of each initializer, by name
 * @param sha256 of the file and those beside it, 64 digits
 */
public record GraphFile(ModelProto model, Map<String, NdArray> weights, String sha256) {
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
    try {
      ExportedGraph exported = ExportedGraph.read(file);
      GraphCheck.checkNodes(exported.model().getGraph());
      return new GraphFile(exported.model(), exported.weights(), Sha256.ofFiles(exported.files()));
    } catch (BundleException e) {
      String message = String.valueOf(e.getMessage());
      throw new OnnxException(
          message.contains(file.toString()) ? message : "%s: %s".formatted(file, message), e);
    } catch (IOException e) {
      throw new OnnxException("%s cannot be read: %s".formatted(file, FileErrors.reason(e)), e);
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
}
