package dev.reverie.trainer.nn;

import static org.bytedeco.pytorch.global.torch.ScalarType.Float;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;

import dev.reverie.testing.Refusal;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.stream.Stream;
import org.bytedeco.pytorch.Scalar;
import org.bytedeco.pytorch.Tensor;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class DiskTensorsTest extends LibtorchTest {
  private final Path folder;

  DiskTensorsTest(@TempDir Path folder) {
    this.folder = folder;
  }

  @Test
  void aMappedTensorIsAnOrdinaryOneAndLeavesNoFile() throws IOException {
    Path named = folder.resolve("a run of Zoë"); // as people call them
    Tensor mapped = DiskTensors.mapped(named, Float, 3, 4, 5);
    assertArrayEquals(new long[] {3, 4, 5}, Torch.shape(mapped));
    assertEquals(0, mapped.abs().sum().item_double());
    mapped.select(0, 1).fill_(new Scalar(2f));
    assertEquals(40, mapped.sum().item_double());
    try (Stream<Path> left = Files.list(named)) {
      assertEquals(0, left.count());
    }
  }

  @Test
  void aFolderThatCannotBeWrittenIsNamed() throws IOException {
    Path file = Files.writeString(folder.resolve("file"), "");
    Refusal.of(
        TrainerException.class, () -> DiskTensors.mapped(file, Float, 2), file + " cannot take");
  }

  @Test
  void smallOnesStayInMemory() {
    assertEquals(6, DiskTensors.zeros(Path.of("/dev/null"), Float, 2, 3).numel());
  }
}
