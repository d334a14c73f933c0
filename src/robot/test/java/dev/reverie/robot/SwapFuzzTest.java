package dev.reverie.robot;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.reverie.arm.PlanarArm;
import dev.reverie.policy.BundleSignature;
import dev.reverie.policy.BundleSpec;
import dev.reverie.policy.PolicyBundle;
import dev.reverie.rcljava.Parameter;
import dev.reverie.testing.Prepared;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.KeyPair;
import java.security.KeyPairGenerator;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Base64;
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

  /** Words of libraries, which tell nobody what to do. */
  private static final List<String> RAW =
      List.of(
          "Exception",
          "java.",
          "fasterxml",
          "[Source",
          "protobuf",
          "onnxruntime",
          "ORT_",
          "Error code",
          ".cc:",
          "\tat ",
          "null)",
          "it says of it");

  private static final BundleSpec.Lineage OTHER =
      new BundleSpec.Lineage(
          "", List.of(), BundleSpec.Lineage.NONE.settings(), new BundleSpec.Measured(1, 2));

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

  private static String damage(
      Path bundle, Path another, List<String> files, SplittableRandom random) throws IOException {
    String name = files.get(random.nextInt(files.size()));
    Path file = bundle.resolve(name);
    byte[] bytes = Files.readAllBytes(file);
    Damage damage = Damage.values()[random.nextInt(Damage.values().length)];
    int at = random.nextInt(bytes.length);
    byte[] whole = bytes.clone();
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
    if (Arrays.equals(left, whole)) {
      return damage(bundle, another, files, random);
    }
    if (left.length == 0) {
      // Without its signature file a bundle of format 1 is one of before: another is to be missing.
      boolean before = files == FILES && name.equals("signature.json");
      Files.delete(bundle.resolve(before ? "policy.onnx" : name));
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
        String what = damage(damaged, other, FILES, random);
        var response = robot.swap(damaged);
        assertFalse(response.success(), i + " went live: " + what);
        assertFalse(response.message().isBlank(), what);
        assertEquals(live, response.policyId(), what);
      }
      var whole = robot.swap(left);
      assertTrue(whole.success(), whole.message());
    }
  }

  @Test
  void noneOfFormat2InTwoGraphsGoesLive() throws Exception {
    noneGoesLive("flow", BoundBundles.flow(0.1f), BoundBundles.flow(-0.1f), 200, 2);
  }

  @Test
  void noneOfFormat2ThatMakesChunksOfNoiseGoesLive() throws Exception {
    noneGoesLive("noise", BoundBundles.ofNoise(0.1f), BoundBundles.ofNoise(-0.1f), 120, 3);
  }

  private void noneGoesLive(
      String name, PolicyBundle first, PolicyBundle second, int bundles, long seed)
      throws Exception {
    Path keys = Files.createDirectory(folder.resolve("keys"));
    KeyPair known = KeyPairGenerator.getInstance("Ed25519").generateKeyPair();
    Files.writeString(
        keys.resolve("lab.pem"),
        "-----BEGIN PUBLIC KEY-----\n%s\n-----END PUBLIC KEY-----\n"
            .formatted(Base64.getEncoder().encodeToString(known.getPublic().getEncoded())));
    Path live = signed(name, first, known);
    Path next = signed("next", second, known);
    Path other = signed("other", first.withLineage(OTHER), known);
    String id = PolicyBundle.load(live).id();
    List<String> files = new ArrayList<>(PolicyBundle.load(live).spec().files().keySet());
    files.addAll(List.of("bundle.json", "signature.json"));
    var random = new SplittableRandom(seed);
    List<String> faults = new ArrayList<>();
    try (var robot =
        new RunningRobot(
            live,
            folder.resolve("rollouts"),
            "lock_step:=true",
            "swap.keys:=" + Parameter.quoted(keys))) {
      robot.arm.describe(PlanarArm.xml());
      for (int i = 0; i < bundles; i++) {
        Path damaged = folder.resolve("damaged_" + i);
        copy(next, damaged);
        String what =
            switch (random.nextInt(8)) {
              case 0 -> damage(damaged, other, files, random);
              case 1 -> signature(damaged, random);
              default -> new BundleDamage(damaged, random).damage(known.getPrivate());
            };
        var response = robot.swap(damaged, BundleDamage.allowed(what));
        String said = "%d %s: %s".formatted(i, what, response.message());
        boolean ours = RAW.stream().noneMatch(response.message()::contains);
        if (response.success() || !ours || !response.message().contains(";")) {
          faults.add(said);
        }
        if (!id.equals(response.policyId())) {
          faults.add(said);
          assertTrue(robot.swap(live).success(), said);
        }
      }
      assertEquals(List.of(), faults);
      var whole = robot.swap(next);
      assertTrue(whole.success(), whole.message());
    }
  }

  private Path signed(String name, PolicyBundle bundle, KeyPair by) {
    Path saved = folder.resolve(name);
    bundle.save(saved);
    BundleSignature.sign(saved, by.getPrivate());
    return saved;
  }

  /** Takes away what a bundle is signed with, or makes it that of somebody else. */
  private static String signature(Path bundle, SplittableRandom random) throws Exception {
    Path file = bundle.resolve("signature.json");
    String text = Files.readString(file);
    String id = PolicyBundle.load(bundle).id();
    int which = random.nextInt(5);
    switch (which) {
      case 0 -> Files.delete(file);
      case 1 -> BundleSignature.renew(bundle);
      case 2 -> {
        BundleSignature.renew(bundle);
        KeyPair unknown = KeyPairGenerator.getInstance("Ed25519").generateKeyPair();
        BundleSignature.sign(bundle, unknown.getPrivate());
      }
      case 3 -> Files.writeString(file, text.replace(id, "0".repeat(64)));
      default -> {
        int at = text.indexOf("[ \"") + 3 + random.nextInt(80);
        char other = text.charAt(at) == 'A' ? 'B' : 'A';
        Files.writeString(file, text.substring(0, at) + other + text.substring(at + 1));
      }
    }
    return "signature " + which;
  }
}
