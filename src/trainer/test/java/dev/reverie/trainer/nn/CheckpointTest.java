package dev.reverie.trainer.nn;

import static org.bytedeco.pytorch.global.torch.ScalarType.Byte;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.bytedeco.javacpp.PointerScope;
import org.bytedeco.pytorch.Scalar;
import org.bytedeco.pytorch.Tensor;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class CheckpointTest extends LibtorchTest {
  private static final long SIZE = (1L << 31) + 16;

  @Test
  void aFileThatCannotBeWrittenLeavesNoPartOfIt(@TempDir Path folder) throws IOException {
    Path file = folder.resolve("policy.safetensors");
    Files.createDirectories(file.resolve("in the way"));
    try (var _ = new PointerScope()) {
      Map<String, Tensor> tensors = Map.of("moments", Torch.zeros(Byte, 8));
      assertThrows(UncheckedIOException.class, () -> Checkpoint.write(file, tensors, "in the way"));
    }
    try (Stream<Path> left = Files.list(folder)) {
      assertEquals(List.of(file), left.toList());
    }
  }

  @Test
  void aTensorMayTakeMoreThanTwoGibibytes(@TempDir Path folder) {
    Path file = folder.resolve("large.safetensors");
    try (var _ = new PointerScope()) {
      Tensor large = Torch.zeros(Byte, SIZE);
      large.select(0, SIZE - 1).fill_(new Scalar(7L));
      Checkpoint.write(file, Map.of("moments", large), "large");
    }
    Tensor read = Torch.required(Checkpoint.read(file), "moments");
    assertEquals(SIZE, read.numel());
    assertEquals(7, read.select(0, SIZE - 1).item_byte());
    assertEquals(0, read.select(0, SIZE - 2).item_byte());
  }
}
