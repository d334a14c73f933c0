package dev.reverie.bundle;

import static org.junit.jupiter.api.Assertions.assertEquals;

import dev.reverie.policy.BundleException;
import dev.reverie.testing.Refusal;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class StateDictTest {
  @TempDir Path folder;

  @Test
  void aCheckpointOfTorchSaveIsRefusedWithTheWayOut() throws IOException {
    Exported exported = new Exported(folder);
    Files.write(exported.state, new byte[] {'P', 'K', 3, 4});
    Refusal.of(
        BundleException.class,
        () -> StateDict.read(List.of(exported.state)),
        "is a checkpoint of torch.save",
        "save_file");
  }

  @Test
  void aHeaderWhoseLengthBeginsLikeAPickleIsOneOfSafetensors() throws IOException {
    Exported exported = new Exported(folder);
    byte[] file = Files.readAllBytes(exported.state);
    int length = ByteBuffer.wrap(file).order(ByteOrder.LITTLE_ENDIAN).getInt();
    int longer = Math.floorMod(0x80 - length, 0x100);
    ByteBuffer padded =
        ByteBuffer.allocate(file.length + longer)
            .order(ByteOrder.LITTLE_ENDIAN)
            .putLong(length + longer)
            .put(file, Long.BYTES, length)
            .put(" ".repeat(longer).getBytes(StandardCharsets.UTF_8))
            .put(file, Long.BYTES + length, file.length - Long.BYTES - length);
    Files.write(exported.state, padded.array());
    assertEquals((byte) 0x80, Files.readAllBytes(exported.state)[0]);
    assertEquals(
        Optional.of("net.bias"), StateDict.read(List.of(exported.state)).stored("net.bias"));
  }
}
