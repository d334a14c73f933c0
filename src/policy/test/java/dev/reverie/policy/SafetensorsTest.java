package dev.reverie.policy;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.reverie.testing.Refusal;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class SafetensorsTest {
  private final Path folder;

  SafetensorsTest(@TempDir Path folder) {
    this.folder = folder;
  }

  static Map<String, NdArray> arrays() {
    Map<String, NdArray> arrays = new LinkedHashMap<>();
    arrays.put("layer.weight", NdArray.of(new float[] {1, -2.5f, 3, 4, 5, 6}, 2, 3));
    arrays.put("steps", NdArray.of(new long[] {7, -8}, 2));
    arrays.put("nothing", NdArray.zeros(DType.F32, 0, 4));
    arrays.put("scalar", NdArray.of(new float[] {9}));
    arrays.put("pixels", NdArray.of(new byte[] {1, 2, (byte) 255}, 3));
    return arrays;
  }

  @Test
  void whatIsWrittenIsReadBack() throws IOException {
    Safetensors.of(arrays()).write(folder.resolve("a.safetensors"));
    Safetensors read = Safetensors.open(folder.resolve("a.safetensors"));
    assertEquals(arrays(), read.arrays());
    assertEquals(Safetensors.of(arrays()).sha256(), read.sha256());
    assertEquals(Safetensors.of(arrays()).offset("layer.weight"), read.offset("layer.weight"));
  }

  @Test
  void theOffsetOfAnArrayIsItsPlaceInTheFile() throws IOException {
    Path file = folder.resolve("a.safetensors");
    Safetensors.of(arrays()).write(file);
    ByteBuffer bytes = ByteBuffer.wrap(Files.readAllBytes(file)).order(ByteOrder.LITTLE_ENDIAN);
    int offset = (int) Safetensors.open(file).offset("layer.weight");
    assertEquals(-2.5f, bytes.getFloat(offset + 4));
    assertEquals(0, offset % 8);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "{ ",
        "[]",
        "{\"a\":7}",
        "{\"a\":{\"dtype\":\"F32\",\"shape\":[2],\"data_offsets\":[0,4]}}",
        "{\"a\":{\"dtype\":\"F32\",\"shape\":[1],\"data_offsets\":[0,4]},\"a\":{\"dtype\":\"F32\",\"shape\":[1],\"data_offsets\":[4,8]}}",
        "{\"a\":{\"dtype\":\"F32\",\"shape\":[1],\"data_offsets\":[4,8]}}",
        "{\"a\":{\"dtype\":\"F32\",\"shape\":[3],\"data_offsets\":[0,12]}}",
        "{\"a\":{\"dtype\":\"F32\",\"shape\":[-2],\"data_offsets\":[0,8]}}",
        "{\"a\":{\"dtype\":\"F99\",\"shape\":[2],\"data_offsets\":[0,8]}}",
        "{\"a\":{\"dtype\":\"F32\",\"shape\":[2],\"data_offsets\":[8,0]}}",
        "{\"a\":{\"dtype\":\"F32\",\"shape\":[4611686018427387905],\"data_offsets\":[0,8]}}",
        "{\"a\":{\"dtype\":\"F32\",\"shape\":[2],\"data_offsets\":[0,8]},\"b\":{\"dtype\":\"F32\",\"shape\":[1],\"data_offsets\":[4,8]}}",
      })
  void aHeaderThatDoesNotDescribeItsEightBytesIsRefused(String header) throws IOException {
    byte[] text = header.getBytes(StandardCharsets.UTF_8);
    ByteBuffer file = ByteBuffer.allocate(8 + text.length + 8).order(ByteOrder.LITTLE_ENDIAN);
    file.putLong(text.length).put(text);
    Path path = Files.write(folder.resolve("hostile.safetensors"), file.array());
    Refusal.of(
        BundleException.class,
        () -> Safetensors.open(path),
        header.contains("F99") ? "F99" : "hostile.safetensors",
        header.equals("{ ") ? "the header is no JSON: it ends too early" : "");
  }

  @Test
  void aDamagedFileIsReadOrRefusedButNeverBreaksTheReader() throws IOException {
    Path file = folder.resolve("a.safetensors");
    Safetensors.of(arrays()).write(file);
    byte[] whole = Files.readAllBytes(file);
    SplittableRandom random = new SplittableRandom(1);
    int refused = 0;
    for (int i = 0; i < 500; i++) {
      byte[] damaged = whole.clone();
      damaged[random.nextInt(damaged.length)] = (byte) random.nextInt();
      if (i % 3 == 0) {
        damaged = Arrays.copyOf(damaged, random.nextInt(damaged.length));
      }
      Path path = Files.write(folder.resolve("damaged" + i), damaged);
      try {
        Safetensors.open(path).arrays().values().forEach(NdArray::elements);
      } catch (BundleException e) {
        refused++;
      }
    }
    assertTrue(refused > 200, refused + " of 500 refused");
  }
}
