package dev.reverie.policy;

import dev.reverie.rollout.FileErrors;
import java.io.IOException;
import java.nio.charset.CharacterCodingException;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Files;
import java.nio.file.NotDirectoryException;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.security.GeneralSecurityException;
import java.security.KeyFactory;
import java.security.KeyPair;
import java.security.KeyPairGenerator;
import java.security.NoSuchAlgorithmException;
import java.security.PrivateKey;
import java.security.PublicKey;
import java.security.spec.PKCS8EncodedKeySpec;
import java.security.spec.X509EncodedKeySpec;
import java.util.Base64;
import java.util.List;
import java.util.stream.Stream;

/**
 * Reads keys of Ed25519 from PEM files, as {@code openssl genpkey -algorithm ed25519} and {@code
 * openssl pkey -pubout} write them.
 */
public final class SigningKeys {
  private static final String ENDING = ".pem";

  private SigningKeys() {}

  /**
   * Reads the public keys of a folder: each of its files that end in {@code .pem}.
   *
   * @throws BundleException where there is none, or one cannot be read
   */
  public static List<PublicKey> publicKeys(Path folder) {
    List<Path> files;
    try (Stream<Path> all = Files.list(folder)) {
      files = all.filter(file -> file.toString().endsWith(ENDING)).sorted().toList();
    } catch (NotDirectoryException e) {
      throw new BundleException(
          "%s is no folder of keys; give the folder in which it lies, with public keys alone"
              .formatted(folder),
          e);
    } catch (IOException e) {
      throw new BundleException(
          "the folder of keys %s cannot be read: %s".formatted(folder, FileErrors.reason(e)), e);
    }
    if (files.isEmpty()) {
      throw new BundleException(
          "the folder of keys %s has no file that ends in %s; put public keys there, or no folder"
              .formatted(folder, ENDING));
    }
    return files.stream().map(SigningKeys::publicKey).toList();
  }

  private static PublicKey publicKey(Path file) {
    try {
      return KeyFactory.getInstance("Ed25519")
          .generatePublic(new X509EncodedKeySpec(pem(file, "PUBLIC KEY")));
    } catch (GeneralSecurityException e) {
      throw wrong(file, "public", e);
    }
  }

  /**
   * Reads a private key.
   *
   * @throws BundleException where the file holds none of Ed25519
   */
  public static PrivateKey privateKey(Path file) {
    try {
      return KeyFactory.getInstance("Ed25519")
          .generatePrivate(new PKCS8EncodedKeySpec(pem(file, "PRIVATE KEY")));
    } catch (GeneralSecurityException e) {
      throw wrong(file, "private", e);
    }
  }

  /**
   * Makes a pair of keys. The private one may be read by its owner alone.
   *
   * @param file of the private key; must not exist yet
   * @return file of the public key, beside it
   * @throws BundleException where a file exists already or cannot be written
   */
  public static Path create(Path file) {
    String name = String.valueOf(file.getFileName());
    String stem = name.endsWith(ENDING) ? name.substring(0, name.length() - 4) : name;
    Path open = file.resolveSibling(stem + ".pub" + ENDING);
    try {
      KeyPair pair = KeyPairGenerator.getInstance("Ed25519").generateKeyPair();
      write(open, "PUBLIC KEY", pair.getPublic().getEncoded(), "rw-r--r--");
      write(file, "PRIVATE KEY", pair.getPrivate().getEncoded(), "rw-------");
      return open;
    } catch (FileAlreadyExistsException e) {
      throw new BundleException(
          "%s exists already; give another name, since a key that is replaced signs nothing any more"
              .formatted(e.getFile()),
          e);
    } catch (IOException e) {
      throw new BundleException(
          "the key %s cannot be written: %s".formatted(file, FileErrors.reason(e, file)), e);
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException("every Java has Ed25519", e);
    }
  }

  private static void write(Path file, String label, byte[] key, String rights) throws IOException {
    Files.createFile(
        file, PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString(rights)));
    Files.writeString(
        file,
        "-----BEGIN %1$s-----\n%2$s\n-----END %1$s-----\n"
            .formatted(label, Base64.getMimeEncoder(64, new byte[] {'\n'}).encodeToString(key)));
  }

  private static BundleException wrong(Path file, String kind, GeneralSecurityException cause) {
    return new BundleException(
        "%s is no %s key of Ed25519; make one with ./reverie policy sign --new-key FILE"
            .formatted(file, kind),
        cause);
  }

  private static byte[] pem(Path file, String label) {
    String begin = "-----BEGIN " + label + "-----";
    String end = "-----END " + label + "-----";
    try {
      String text = Files.readString(file);
      int from = text.indexOf(begin);
      int to = text.indexOf(end);
      if (from < 0 || to < from) {
        throw new BundleException(
            "%s has no part that begins with %s; give a PEM file".formatted(file, begin));
      }
      return Base64.getMimeDecoder().decode(text.substring(from + begin.length(), to));
    } catch (CharacterCodingException | IllegalArgumentException e) {
      throw new BundleException(
          "the key %s is no text in base64; give a PEM file".formatted(file), e);
    } catch (IOException e) {
      throw new BundleException(
          "the key %s cannot be read: %s".formatted(file, FileErrors.reason(e)), e);
    }
  }
}
