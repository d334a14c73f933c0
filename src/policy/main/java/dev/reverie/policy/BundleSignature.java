package dev.reverie.policy;

import dev.reverie.mcap.Durable;
import dev.reverie.rollout.FileErrors;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.PrivateKey;
import java.security.PublicKey;
import java.security.Signature;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Base64;
import java.util.List;
import java.util.Optional;

/**
 * The file {@code signature.json} of a bundle: its id, which covers every byte of every other file,
 * {@code bundle.json} included, and who has signed it. Bundles of format 1 may lack it.
 *
 * @param bundle id of the bundle
 * @param ed25519 signatures in base64, of the line {@code reverie policy bundle <id>\n} in UTF-8
 *     (Ed25519, RFC 8032); empty: nobody has signed it
 */
public record BundleSignature(String bundle, List<String> ed25519) {
  static final String FILE = "signature.json";
  private static final String ALGORITHM = "Ed25519";

  /** Copies the list. */
  public BundleSignature {
    ed25519 = List.copyOf(ed25519);
  }

  /**
   * Signs a bundle, beside whoever has signed it before. The id stays.
   *
   * @param folder of the bundle, which is checked first
   * @param key Ed25519
   * @throws BundleException where the bundle is damaged, or the file cannot be written
   */
  public static void sign(Path folder, PrivateKey key) {
    String id = PolicyBundle.load(folder).id();
    List<String> signatures =
        new ArrayList<>(isThere(folder) ? read(folder).ed25519() : List.<String>of());
    try {
      Signature signature = Signature.getInstance(ALGORITHM);
      signature.initSign(key);
      signature.update(message(id));
      String mine = Base64.getEncoder().encodeToString(signature.sign());
      if (!signatures.contains(mine)) {
        signatures.add(mine);
      }
    } catch (GeneralSecurityException e) {
      throw new BundleException(
          "the key cannot sign: %s; give a private key of Ed25519".formatted(e.getMessage()), e);
    }
    new BundleSignature(id, signatures).write(folder);
  }

  /**
   * Takes a bundle whose {@code bundle.json} was changed on purpose: its id is another one from now
   * on, and nobody has signed it.
   *
   * @return the id
   * @throws BundleException where the bundle is none as it is now; the file stays as it was then
   */
  public static String renew(Path folder) {
    try {
      byte[] json = PolicyBundle.read(folder, PolicyBundle.SPEC);
      String id = PolicyBundle.id(BundleJson.parse(json), json);
      Path file = folder.resolve(FILE);
      Optional<byte[]> before =
          Files.isRegularFile(file) ? Optional.of(Files.readAllBytes(file)) : Optional.empty();
      new BundleSignature(id, List.of()).write(folder);
      try {
        return PolicyBundle.load(folder).id();
      } catch (BundleException e) {
        if (before.isPresent()) {
          Files.write(file, before.get());
        } else {
          Files.delete(file);
        }
        throw e;
      }
    } catch (IOException e) {
      throw new BundleException(
          "cannot take %s as it is: %s".formatted(folder, FileErrors.reason(e)), e);
    }
  }

  private void write(Path folder) {
    try {
      Durable.write(folder.resolve(FILE), BundleJson.write(this));
    } catch (IOException e) {
      throw new BundleException(
          "cannot write %s: %s".formatted(folder.resolve(FILE), FileErrors.reason(e)), e);
    }
  }

  /**
   * Refuses a bundle that nobody has signed who may.
   *
   * @param folder of the bundle
   * @param id as it was computed from the other files
   * @param keys of whoever may sign
   */
  public static void require(Path folder, String id, List<PublicKey> keys) {
    if (!isThere(folder)) {
      throw new BundleException(
          "bundle %s is not signed: it has no %s; sign it with a key that this robot knows"
              .formatted(folder, FILE));
    }
    List<String> signatures = read(folder).ed25519();
    if (signatures.isEmpty()) {
      throw new BundleException(
          "bundle %s is not signed: its %s has no signature; sign it with a key that this robot knows"
              .formatted(folder, FILE));
    }
    if (signatures.stream().noneMatch(one -> keys.stream().anyMatch(key -> isBy(key, id, one)))) {
      throw new BundleException(
          "bundle %s is signed by nobody whom this robot knows: none of its %d signatures is of one of %d keys; sign it with one of them, or add the public key"
              .formatted(folder, signatures.size(), keys.size()));
    }
  }

  /** Returns how many signatures a bundle's folder has, whoever made them. */
  public static int count(Path folder) {
    return isThere(folder) ? read(folder).ed25519().size() : 0;
  }

  private static boolean isBy(PublicKey key, String id, String base64) {
    try {
      Signature signature = Signature.getInstance(ALGORITHM);
      signature.initVerify(key);
      signature.update(message(id));
      return signature.verify(Base64.getDecoder().decode(base64));
    } catch (GeneralSecurityException | IllegalArgumentException e) {
      return false; // no signature at all, or one of another kind
    }
  }

  private static byte[] message(String id) {
    return "reverie policy bundle %s\n".formatted(id).getBytes(StandardCharsets.UTF_8);
  }

  /**
   * Refuses a bundle of which a file is otherwise than when its signature file was written.
   *
   * @param format of the bundle; the first one may lack the file
   */
  static void requireWhole(Path folder, String id, int format) {
    if (!isThere(folder)) {
      if (format > 1) {
        throw new BundleException(
            "there is no file %s, which says whether the others are whole; copy the whole folder again, or where it was taken away on purpose: ./reverie policy sign %s --changed"
                .formatted(FILE, folder));
      }
      return;
    }
    BundleSignature written = read(folder);
    if (!written.bundle.equals(id)) {
      throw new BundleException(
          "%s was changed: with it the bundle is %s, and %s is of %s; copy the whole folder again, or where it was changed on purpose: ./reverie policy sign %s --changed"
              .formatted(PolicyBundle.SPEC, id, FILE, written.bundle, folder));
    }
  }

  /** A link to nowhere is there too: it is of a folder that was not copied whole. */
  private static boolean isThere(Path folder) {
    return Files.exists(folder.resolve(FILE), LinkOption.NOFOLLOW_LINKS);
  }

  private static BundleSignature read(Path folder) {
    try {
      byte[] bytes = PolicyBundle.read(folder, FILE);
      BundleSignature read = BundleJson.parse(bytes, FILE, BundleSignature.class);
      if (!Arrays.equals(bytes, BundleJson.write(read))) {
        throw new BundleException(
            "%s was changed: it is not as it was written; copy the whole folder again"
                .formatted(FILE));
      }
      return read;
    } catch (IOException e) {
      throw new BundleException(
          "%s cannot be read: %s; copy the whole folder again"
              .formatted(FILE, FileErrors.reason(e)),
          e);
    }
  }
}
