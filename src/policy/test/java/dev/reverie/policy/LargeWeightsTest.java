package dev.reverie.policy;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;

import dev.reverie.policy.onnx.ModelProto;
import dev.reverie.policy.onnx.StringStringEntryProto;
import dev.reverie.policy.onnx.TensorProto;
import dev.reverie.testing.Refusal;
import java.io.IOException;
import java.io.RandomAccessFile;
import java.lang.foreign.ValueLayout;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Objects;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Weights beyond 2 GiB, of files whose zeros take no room on the disk. */
class LargeWeightsTest {
  private static final long ROWS = 700_000;
  private static final long COLUMNS = 1024; // 2.7 GiB of 32 bits
  private static final long BYTES = ROWS * COLUMNS * Float.BYTES;

  @TempDir Path folder;

  /** A file of zeros behind a header, whose last number is 5. */
  private void sparse(Path file, byte[] header, long bytes) throws IOException {
    try (RandomAccessFile out = new RandomAccessFile(file.toFile(), "rw")) {
      out.write(header);
      out.setLength(header.length + bytes);
      out.seek(header.length + bytes - Float.BYTES);
      out.write(
          ByteBuffer.allocate(Float.BYTES).order(ByteOrder.LITTLE_ENDIAN).putFloat(5).array());
    }
  }

  private static float last(NdArray array) {
    return array.data().get(ValueLayout.JAVA_FLOAT_UNALIGNED, array.data().byteSize() - 4);
  }

  @Test
  void anArrayOfMoreThan2GibibytesIsReadAndSoIsWhatStandsBehindIt() throws IOException {
    String layout =
        "{\"large\":{\"dtype\":\"F32\",\"shape\":[%d,%d],\"data_offsets\":[0,%d]},\"behind\":{\"dtype\":\"F32\",\"shape\":[2],\"data_offsets\":[%d,%d]}}"
            .formatted(ROWS, COLUMNS, BYTES, BYTES, BYTES + 8);
    byte[] text = (layout + " ".repeat(8 - layout.length() % 8)).getBytes(StandardCharsets.UTF_8);
    byte[] header =
        ByteBuffer.allocate(8 + text.length)
            .order(ByteOrder.LITTLE_ENDIAN)
            .putLong(text.length)
            .put(text)
            .array();
    Path file = folder.resolve("large.safetensors");
    sparse(file, header, BYTES + 8);
    Safetensors read = Safetensors.open(file);
    NdArray large = Objects.requireNonNull(read.arrays().get("large"));
    assertArrayEquals(new long[] {ROWS, COLUMNS}, large.shape());
    assertEquals(BYTES, large.data().byteSize());
    assertEquals(0, last(large));
    assertArrayEquals(
        new float[] {0, 5}, Objects.requireNonNull(read.arrays().get("behind")).toFloats());
    assertEquals(header.length + BYTES, read.offset("behind"));
  }

  /** A graph beside whose file lie the zeros of its only weight. */
  private Path exported() throws IOException {
    var graph = new GraphBuilder("large");
    String state = graph.input("state", DType.F32, 1, ROWS);
    String small = graph.weight("large", NdArray.of(new float[1], 1, 1));
    graph.output(graph.node("MatMul", state, small), "out", DType.F32, 1, COLUMNS);
    ModelProto.Builder model = graph.model().toBuilder();
    TensorProto.Builder weight = model.getGraphBuilder().getInitializerBuilder(0);
    weight.clearDims().addDims(ROWS).addDims(COLUMNS);
    weight.setDataLocation(TensorProto.DataLocation.EXTERNAL);
    weight.addExternalData(
        StringStringEntryProto.newBuilder().setKey("location").setValue("large.data"));
    weight.addExternalData(StringStringEntryProto.newBuilder().setKey("offset").setValue("64"));
    Path file = Files.write(folder.resolve("graph.onnx"), model.build().toByteArray());
    sparse(folder.resolve("large.data"), new byte[64], BYTES);
    return file;
  }

  @Test
  void soIsOneThatAnExporterWroteBesideItsGraph() throws IOException {
    Path file = exported();
    NdArray large = Objects.requireNonNull(ExportedGraph.read(file).weights().get("large"));
    assertEquals(BYTES, large.data().byteSize());
    assertEquals(5, last(large));
  }

  @Test
  void theRobotRefusesItBeforeItIsReadAndSaysWhatToDo() throws IOException {
    ExportedGraph graph = ExportedGraph.read(exported());
    Refusal.of(
        BundleException.class,
        () ->
            OnnxSession.open("the policy", graph.model(), graph.weights(), OnnxOptions.cpu(1))
                .close(),
        "'large' is F32[700000, 1024], of 2734 MiB",
        "up to 2 GiB each",
        "16 bits, or as several weights");
  }
}
