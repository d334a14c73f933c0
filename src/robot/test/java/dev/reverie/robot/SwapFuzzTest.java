package dev.reverie.robot;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.reverie.arm.PlanarArm;
import dev.reverie.policy.PolicyBundle;
import dev.reverie.testing.Prepared;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.SplittableRandom;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Bundles that were damaged on their way: none goes live, and each swap is answered. */
@Prepared
class SwapFuzzTest {
  private static final int BUNDLES = 300;
  private static final List<String> FILES =
      List.of("bundle.json", "policy.onnx", "policy.safetensors", "signature.json");

  /** Damages to a file. */
  private enum Damage {
    FLIPPED_BIT,
    ZEROED_RUN,
    CUT_OFF,
    LONGER,
    MISSING,
    DOUBLED,
    DEEP,
    OF_ANOTHER,
    PIECE_TWICE
  }

  @TempDir Path folder;

  private static void copy(Path from, Path to) throws IOException {
    Files.createDirectory(to);
    try (Stream<Path> files = Files.list(from)) {
      for (Path file : files.toList()) {
        Files.copy(file, to.resolve(file.getFileName()));
      }
    }
  }

  private static String damage(Path bundle, Path another, SplittableRandom random)
      throws IOException {
    String name = FILES.get(random.nextInt(FILES.size()));
    Path file = bundle.resolve(name);
    byte[] bytes = Files.readAllBytes(file);
    Damage damage = Damage.values()[random.nextInt(Damage.values().length)];
    int at = random.nextInt(bytes.length);
    byte[] left =
        switch (damage) {
          case FLIPPED_BIT -> {
            bytes[at] ^= (byte) (1 << random.nextInt(8));
            yield bytes;
          }
          case ZEROED_RUN -> {
            byte first = bytes[at];
            Arrays.fill(bytes, at, Math.min(bytes.length, at + 16), (byte) 0);
            bytes[at] = (byte) (first ^ 0x55);
            yield bytes;
          }
          case CUT_OFF -> Arrays.copyOf(bytes, at);
          case LONGER -> Arrays.copyOf(bytes, bytes.length + 1 + random.nextInt(100));
          case DOUBLED -> joined(bytes, bytes);
          case DEEP -> "[".repeat(100_000).getBytes(StandardCharsets.UTF_8);
          case OF_ANOTHER -> Files.readAllBytes(another.resolve(name));
          case PIECE_TWICE -> joined(Arrays.copyOf(bytes, at + 1), bytes);
          case MISSING -> new byte[0];
        };
    if (left.length == 0) {
      // Without its signature file a bundle is one of before: another file is to be missing.
      Files.delete(bundle.resolve(name.equals("signature.json") ? "policy.onnx" : name));
    } else {
      Files.write(file, left);
    }
    return damage + " " + name + " at " + at;
  }

  private static byte[] joined(byte[] first, byte[] second) {
    byte[] both = Arrays.copyOf(first, first.length + second.length);
    System.arraycopy(second, 0, both, first.length, second.length);
    return both;
  }

  @Test
  void noneOfManyDamagedBundlesGoesLiveAndEachIsAnswered() throws Exception {
    Path right = folder.resolve("right");
    TestBundles.bundle(TestBundles.spec(), 1, 0).save(right);
    Path left = folder.resolve("left");
    TestBundles.bundle(TestBundles.spec(), -1, 0).save(left);
    Path other = folder.resolve("other");
    TestBundles.seeing(TestBundles.spec(), 7).save(other);
    String live = PolicyBundle.load(right).id();
    var random = new SplittableRandom(1);
    try (var robot = new RunningRobot(right, folder.resolve("rollouts"), "lock_step:=true")) {
      robot.arm.describe(PlanarArm.xml());
      for (int i = 0; i < BUNDLES; i++) {
        Path damaged = folder.resolve("damaged_" + i);
        copy(left, damaged);
        String what = damage(damaged, other, random);
        var response = robot.swap(damaged);
        assertFalse(response.success(), i + " went live: " + what);
        assertFalse(response.message().isBlank(), what);
        assertEquals(live, response.policyId(), what);
      }
      var whole = robot.swap(left);
      assertTrue(whole.success(), whole.message());
    }
  }
}
