package dev.reverie.policy;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertDoesNotThrow;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.reverie.testing.Refusal;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.KeyPair;
import java.security.KeyPairGenerator;
import java.security.PrivateKey;
import java.util.Base64;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class BundleSignatureTest {
  private final Path folder;
  private final Path parent;
  private final String id = TinyPolicy.bundle().id();

  BundleSignatureTest(@TempDir Path parent) {
    this.parent = parent;
    folder = parent.resolve("bundle");
    TinyPolicy.bundle().save(folder);
  }

  private static KeyPair pair() throws Exception {
    return KeyPairGenerator.getInstance("Ed25519").generateKeyPair();
  }

  private static String pem(String label, byte[] key) {
    return "-----BEGIN %s-----\n%s\n-----END %s-----\n"
        .formatted(label, Base64.getMimeEncoder().encodeToString(key), label);
  }

  @Test
  void everyFlippedByteOfTheSpecAndOfTheSignatureIsFound() throws Exception {
    for (String name : List.of("bundle.json", "signature.json")) {
      Path file = folder.resolve(name);
      byte[] bytes = Files.readAllBytes(file);
      for (int i = 0; i < bytes.length; i++) {
        for (int bit = 1; bit < 256; bit <<= 3) {
          bytes[i] ^= (byte) bit;
          Files.write(file, bytes);
          assertThrows(BundleException.class, () -> PolicyBundle.load(folder), name + " " + i);
          bytes[i] ^= (byte) bit;
        }
      }
      Files.write(file, bytes);
    }
    assertEquals(id, PolicyBundle.load(folder).id());
  }

  @Test
  void aBundleOfFormat2WithoutTheFileIsNotKnownToBeWhole() throws Exception {
    Path newer = parent.resolve("newer");
    PolicyBundle bundle = BoundPolicy.bundle(new HeadSpec.Gaussian());
    bundle.save(newer);
    Files.delete(newer.resolve("signature.json"));
    Refusal.of(
        BundleException.class,
        () -> PolicyBundle.load(newer),
        "there is no file signature.json",
        "policy sign " + newer + " --changed");
    assertEquals(bundle.id(), BundleSignature.renew(newer));
    assertEquals(bundle.id(), PolicyBundle.load(newer).id());
  }

  @Test
  void whoMayReadTheOtherFilesMayReadTheSignature() throws Exception {
    assertEquals(
        Files.getPosixFilePermissions(folder.resolve("bundle.json")),
        Files.getPosixFilePermissions(folder.resolve("signature.json")));
    assertEquals(id, BundleSignature.renew(folder));
    assertEquals(
        Files.getPosixFilePermissions(folder.resolve("bundle.json")),
        Files.getPosixFilePermissions(folder.resolve("signature.json")));
  }

  @Test
  void aSpecThatWasChangedOnPurposeIsTakenByWord() throws Exception {
    Path spec = folder.resolve("bundle.json");
    Files.writeString(spec, Files.readString(spec) + "\n");
    Refusal.of(BundleException.class, () -> PolicyBundle.load(folder), "was changed", "--changed");
    String now = BundleSignature.renew(folder);
    assertNotEquals(id, now);
    assertEquals(now, PolicyBundle.load(folder).id());
  }

  @Test
  void aSpecThatIsNoneIsNotTakenByWordAndTheFileStaysAsItWas() throws Exception {
    Path spec = folder.resolve("bundle.json");
    byte[] signature = Files.readAllBytes(folder.resolve("signature.json"));
    Files.writeString(
        spec, Files.readString(spec).replaceFirst("\"horizon\" : [0-9]+", "\"horizon\" : 77"));
    assertThrows(BundleException.class, () -> BundleSignature.renew(folder));
    assertArrayEquals(signature, Files.readAllBytes(folder.resolve("signature.json")));
  }

  @Test
  void aBundleOfFormat1MayLackTheFileAndLoadsWhereNoKeyIsAskedFor() throws Exception {
    Files.delete(folder.resolve("signature.json"));
    assertEquals(id, PolicyBundle.load(folder).id());
    var keys = List.of(pair().getPublic());
    Refusal.of(
        BundleException.class, () -> BundleSignature.require(folder, id, keys), "has no signature");
  }

  @Test
  void aSignatureFileThatIsALinkToNowhereIsDamage() throws Exception {
    Path file = folder.resolve("signature.json");
    Files.delete(file);
    Files.createSymbolicLink(file, Path.of("gone.json"));
    Refusal.of(
        BundleException.class,
        () -> PolicyBundle.load(folder),
        "there is no file signature.json",
        "copy the whole folder again");
  }

  @Test
  void theSignatureOfAKnownKeyIsTakenAndThatOfAnotherIsNot() throws Exception {
    KeyPair known = pair();
    KeyPair other = pair();
    var keys = List.of(other.getPublic(), known.getPublic());
    Refusal.of(
        BundleException.class, () -> BundleSignature.require(folder, id, keys), "no signature");
    BundleSignature.sign(folder, pair().getPrivate());
    Refusal.of(
        BundleException.class,
        () -> BundleSignature.require(folder, id, keys),
        "signed by nobody whom this robot knows");
    BundleSignature.sign(folder, known.getPrivate());
    assertDoesNotThrow(() -> BundleSignature.require(folder, id, keys));
    assertEquals(id, PolicyBundle.load(folder).id(), "signing leaves the id");
    String elsewhere = "0".repeat(64);
    Refusal.of(
        BundleException.class,
        () -> BundleSignature.require(folder, elsewhere, keys),
        "signed by nobody");
  }

  @Test
  void keysAreReadAsOpensslWritesThem() throws Exception {
    Path keys = Files.createDirectory(parent.resolve("keys"));
    Refusal.of(BundleException.class, () -> SigningKeys.publicKeys(keys), "no file", ".pem");
    KeyPair pair = pair();
    Files.writeString(keys.resolve("lab.pem"), pem("PUBLIC KEY", pair.getPublic().getEncoded()));
    Path secret = parent.resolve("secret.pem");
    Files.writeString(secret, pem("PRIVATE KEY", pair.getPrivate().getEncoded()));
    PrivateKey mine = SigningKeys.privateKey(secret);
    BundleSignature.sign(folder, mine);
    assertDoesNotThrow(() -> BundleSignature.require(folder, id, SigningKeys.publicKeys(keys)));

    Files.writeString(keys.resolve("rsa.pem"), pem("PUBLIC KEY", rsa()));
    Refusal.of(
        BundleException.class,
        () -> SigningKeys.publicKeys(keys),
        "rsa.pem",
        "no public key of Ed25519");
    Files.writeString(keys.resolve("rsa.pem"), "lab");
    Refusal.of(BundleException.class, () -> SigningKeys.publicKeys(keys), "-----BEGIN PUBLIC KEY");
    Refusal.of(
        BundleException.class,
        () -> SigningKeys.publicKeys(folder.resolve("bundle.json")),
        "bundle.json is no folder of keys",
        "the folder in which it lies");
    Refusal.of(
        BundleException.class,
        () -> SigningKeys.publicKeys(parent.resolve("none")),
        "cannot be read");
  }

  private static byte[] rsa() throws Exception {
    return KeyPairGenerator.getInstance("RSA").generateKeyPair().getPublic().getEncoded();
  }

  @Test
  void aDamagedBundleIsNotSigned() throws Exception {
    Path weights = folder.resolve("policy.safetensors");
    byte[] bytes = Files.readAllBytes(weights);
    bytes[bytes.length - 1] ^= 1;
    Files.write(weights, bytes);
    PrivateKey key = pair().getPrivate();
    Refusal.of(BundleException.class, () -> BundleSignature.sign(folder, key), "was changed");
    assertTrue(Files.readString(folder.resolve("signature.json")).contains("[ ]"));
  }
}
