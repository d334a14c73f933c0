package dev.reverie.trainer.onnx;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.reverie.policy.DType;
import dev.reverie.policy.GraphBuilder;
import dev.reverie.policy.NdArray;
import dev.reverie.policy.Safetensors;
import dev.reverie.trainer.nn.LibtorchTest;
import java.io.IOException;
import java.lang.management.BufferPoolMXBean;
import java.lang.management.ManagementFactory;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import org.bytedeco.javacpp.Pointer;
import org.bytedeco.javacpp.PointerScope;
import org.bytedeco.pytorch.NoGradGuard;
import org.bytedeco.pytorch.Scalar;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch.ScalarType;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Initializers of a graph that are trained, and where they lie. */
class WeightsTest extends LibtorchTest {
  private static final long[] TABLE = {600_000, 1_000}; // 2.4 GB

  /** y = table[x] * gain. */
  private static GraphBuilder lookup(NdArray table) {
    GraphBuilder graph = new GraphBuilder("lookup");
    String x = graph.input("x", DType.I64, GraphBuilder.BATCH);
    String row = graph.node("Gather", graph.weight("table", table), x);
    String gain = graph.weight("gain", NdArray.of(new float[] {2}, 1));
    graph.output(graph.node("Mul", row, gain), "y", DType.F32, GraphBuilder.BATCH, TABLE[1]);
    return graph;
  }

  /** A file of one array, of which nothing but the last row is written. */
  private static Path sparse(Path folder) throws IOException {
    long bytes = TABLE[0] * TABLE[1] * Float.BYTES;
    byte[] header =
        "{\"table\":{\"dtype\":\"F32\",\"shape\":[%d,%d],\"data_offsets\":[0,%d]}}   "
            .formatted(TABLE[0], TABLE[1], bytes)
            .getBytes(StandardCharsets.UTF_8);
    Path file = folder.resolve("table.safetensors");
    try (FileChannel channel =
        FileChannel.open(file, StandardOpenOption.CREATE_NEW, StandardOpenOption.WRITE)) {
      int padded = (header.length + 7) / 8 * 8;
      ByteBuffer begin = ByteBuffer.allocate(8 + padded).order(ByteOrder.LITTLE_ENDIAN);
      begin.putLong(padded).put(header);
      while (begin.position() < begin.capacity()) {
        begin.put((byte) ' ');
      }
      channel.write(begin.flip(), 0);
      ByteBuffer row = ByteBuffer.allocate(4 * 1_000).order(ByteOrder.LITTLE_ENDIAN);
      for (int i = 0; i < TABLE[1]; i++) {
        row.putFloat(i);
      }
      channel.write(row.flip(), 8 + padded + bytes - 4 * TABLE[1]);
    }
    return file;
  }

  @Test
  void untrainedWeightsPastTwoGibibytesStayInTheirFile(@TempDir Path folder) throws IOException {
    NdArray table = named(Safetensors.open(sparse(folder)).arrays(), "table");
    GraphBuilder graph = lookup(table);
    long before = Pointer.physicalBytes();
    try (OnnxModule module = OnnxModule.load(graph.model(), graph.weights(), Set.of("table"));
        PointerScope _ = new PointerScope()) {
      Tensor x = Tensors.of(NdArray.of(new long[] {0, TABLE[0] - 1}, 2));
      Tensor y = module.forward(Map.of("x", x), "y");
      y.sum().backward();
      assertEquals(0, y.select(0, 0).abs().sum().item_double());
      assertEquals(2 * 999, y.select(0, 1).select(0, 999).item_double());
      assertEquals(999 * 500, named(module.parameters(), "gain").grad().item_double());
      assertSame(table, named(module.weights(), "table"));
    }
    long more = Pointer.physicalBytes() - before;
    assertTrue(more < 200L << 20, more + " bytes");
  }

  @Test
  void whatWasTrainedIsTakenOutWithoutTheHeapOrBuffers() {
    GraphBuilder graph = lookup(NdArray.zeros(DType.F32, 20_000, TABLE[1])); // 80 MB
    try (OnnxModule module = OnnxModule.load(graph.model(), graph.weights(), Set.of())) {
      long before = direct();
      Map<String, NdArray> taken = module.weights();
      assertTrue(direct() - before < 1 << 20, "buffers grow");
      try (PointerScope _ = new PointerScope();
          NoGradGuard _ = new NoGradGuard()) {
        named(module.parameters(), "table").fill_(new Scalar(1.0));
      }
      assertEquals(NdArray.zeros(DType.F32, 20_000, TABLE[1]), taken.get("table"));
    }
  }

  private static long direct() {
    return ManagementFactory.getPlatformMXBeans(BufferPoolMXBean.class).stream()
        .filter(pool -> pool.getName().equals("direct"))
        .mapToLong(BufferPoolMXBean::getMemoryUsed)
        .sum();
  }

  @Test
  void weightsOfSixteenBitsLearnWithThirtyTwo(@TempDir Path folder) throws IOException {
    for (DType type : new DType[] {DType.BF16, DType.F16}) {
      NdArray one;
      try (PointerScope _ = new PointerScope()) {
        Tensor half = Tensors.full(1, Tensors.scalarType(type), 2);
        one = Tensors.array(half);
      }
      GraphBuilder graph = new GraphBuilder("half");
      String x = graph.input("x", DType.F32, GraphBuilder.BATCH, 2);
      String wide =
          graph.node("Cast", Map.of("to", (long) DType.F32.onnxCode()), graph.weight("w", one));
      graph.output(graph.node("Mul", x, wide), "y", DType.F32, GraphBuilder.BATCH, 2);
      try (OnnxModule module = OnnxModule.load(graph.model(), graph.weights(), Set.of());
          PointerScope _ = new PointerScope()) {
        Tensor w = named(module.parameters(), "w");
        assertEquals(ScalarType.Float, w.scalar_type().intern());
        Map<String, Tensor> inputs = Map.of("x", Tensors.ofFloats(new float[] {3, 4}, 1, 2));
        module.forward(inputs, "y").sum().backward();
        assertArrayEquals(new float[] {3, 4}, Tensors.array(w.grad()).toFloats());
        try (NoGradGuard _ = new NoGradGuard()) {
          for (int i = 0; i < 64; i++) { // each step alone would be lost in 16 bits
            w.add_(new Scalar(1.0 / 4096));
          }
        }
        float[] y = Tensors.array(module.forward(inputs, "y").detach()).toFloats();
        assertArrayEquals(new float[] {3 * 1.015625f, 4 * 1.015625f}, y);
        NdArray stored = named(module.weights(), "w");
        assertEquals(type, stored.type());
        Path file = folder.resolve(type + ".safetensors");
        Safetensors.of(module.weights()).write(file);
        assertEquals(stored, Safetensors.open(file).arrays().get("w"));
        assertTrue(Files.size(file) < 200);
      }
    }
  }

  private static <T> T named(Map<String, T> values, String name) {
    return Objects.requireNonNull(values.get(name), name);
  }

  @Test
  void runningStatisticsNeverLearn() {
    GraphBuilder graph = new GraphBuilder("norm");
    String x = graph.input("x", DType.F32, GraphBuilder.BATCH, 2);
    String variance = graph.weight("variance", NdArray.of(new float[] {1, 4}, 2));
    String y =
        graph.node(
            "BatchNormalization",
            x,
            graph.weight("scale", NdArray.of(new float[] {1, 1}, 2)),
            graph.weight("bias", NdArray.of(new float[] {0, 0}, 2)),
            graph.weight("mean", NdArray.of(new float[] {0, 0}, 2)),
            graph.node("Identity", variance));
    graph.output(y, "y", DType.F32, GraphBuilder.BATCH, 2);
    try (OnnxModule module = OnnxModule.load(graph.model(), graph.weights(), Set.of());
        PointerScope _ = new PointerScope()) {
      assertEquals(Set.of("scale", "bias"), module.parameters().keySet());
      Tensor input = Tensors.ofFloats(new float[] {1, 2, 3, 4}, 2, 2);
      module.forward(Map.of("x", input), "y").sum().backward();
      float[] gradient = Tensors.array(named(module.parameters(), "scale").grad()).toFloats();
      assertArrayEquals(new float[] {4, 3}, gradient, 1e-4f);
    }
  }
}
