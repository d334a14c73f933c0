package dev.reverie.console;

import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.KeyFactory;
import java.security.KeyStore;
import java.security.PrivateKey;
import java.security.cert.Certificate;
import java.security.cert.CertificateFactory;
import java.security.spec.InvalidKeySpecException;
import java.security.spec.PKCS8EncodedKeySpec;
import java.util.Base64;
import java.util.List;
import org.eclipse.jetty.util.ssl.SslContextFactory;

/** Reads a certificate and its key, PEM as openssl and every authority write them. */
final class Certificates {
  private static final String BEGIN = "-----BEGIN PRIVATE KEY-----";
  private static final String END = "-----END PRIVATE KEY-----";
  private static final String PASSWORD = "in memory";

  private Certificates() {}

  /**
   * Returns what a server proves itself with.
   *
   * @throws ConsoleException where the files hold no certificate and key
   */
  static SslContextFactory.Server read(Path certificate, Path key) {
    try {
      KeyStore store = KeyStore.getInstance("PKCS12");
      store.load(null, null);
      store.setKeyEntry(
          "console",
          key(key),
          PASSWORD.toCharArray(),
          chain(certificate).toArray(Certificate[]::new));
      var factory = new SslContextFactory.Server();
      factory.setKeyStore(store);
      factory.setKeyStorePassword(PASSWORD);
      factory.setSniRequired(false);
      return factory;
    } catch (IOException | GeneralSecurityException e) {
      throw new ConsoleException(
          "cannot use the certificate %s with the key %s: %s".formatted(certificate, key, e), e);
    }
  }

  private static List<Certificate> chain(Path file) throws IOException, GeneralSecurityException {
    byte[] bytes = Files.readAllBytes(file);
    List<Certificate> chain =
        List.copyOf(
            CertificateFactory.getInstance("X.509")
                .generateCertificates(new ByteArrayInputStream(bytes)));
    if (chain.isEmpty()) {
      throw new ConsoleException(file + " holds no certificate; give PEM");
    }
    return chain;
  }

  private static PrivateKey key(Path file) throws IOException, GeneralSecurityException {
    String text = Files.readString(file, StandardCharsets.US_ASCII);
    int begin = text.indexOf(BEGIN);
    int end = text.indexOf(END);
    if (begin < 0 || end < begin) {
      throw new ConsoleException(
          "%s holds no unencrypted key in PKCS #8 (%s); convert it: openssl pkcs8 -topk8 -nocrypt"
              .formatted(file, BEGIN));
    }
    byte[] der;
    try {
      der = Base64.getMimeDecoder().decode(text.substring(begin + BEGIN.length(), end));
    } catch (IllegalArgumentException e) {
      throw new ConsoleException("%s is damaged: %s".formatted(file, e.getMessage()), e);
    }
    for (String algorithm : List.of("RSA", "EC", "Ed25519")) {
      try {
        return KeyFactory.getInstance(algorithm).generatePrivate(new PKCS8EncodedKeySpec(der));
      } catch (InvalidKeySpecException e) {
        // One of another algorithm.
      }
    }
    throw new ConsoleException(file + " holds a key that is neither RSA, EC nor Ed25519");
  }
}
