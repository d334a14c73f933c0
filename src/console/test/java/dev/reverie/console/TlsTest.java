package dev.reverie.console;

import static java.util.Objects.requireNonNull;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.reverie.testing.Commands;
import dev.reverie.testing.Prepared;
import dev.reverie.testing.Refusal;
import java.io.IOException;
import java.io.InputStream;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.Key;
import java.security.KeyStore;
import java.security.cert.Certificate;
import java.util.Base64;
import java.util.List;
import java.util.Optional;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLHandshakeException;
import javax.net.ssl.TrustManagerFactory;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The console with a certificate that keytool makes and that signs itself. */
@Prepared
class TlsTest {
  private static final String PASSWORD = "changeit";

  @TempDir static Path folder;
  private static Path certificate = Path.of("");
  private static Path key = Path.of("");
  private static SSLContext trusting = Browser.USUAL;

  @BeforeAll
  static void makeCertificate() throws Exception {
    Path store = folder.resolve("store.p12");
    Commands.run(
        120,
        List.of(
            Path.of(System.getProperty("java.home"), "bin/keytool").toString(),
            "-genkeypair",
            "-alias",
            "console",
            "-keyalg",
            "EC",
            "-dname",
            "CN=robot",
            "-ext",
            "san=ip:127.0.0.1",
            "-storetype",
            "PKCS12",
            "-storepass",
            PASSWORD,
            "-keystore",
            store.toString()));
    KeyStore made = KeyStore.getInstance("PKCS12");
    try (InputStream in = Files.newInputStream(store)) {
      made.load(in, PASSWORD.toCharArray());
    }
    Certificate own = requireNonNull(made.getCertificate("console"));
    Key secret = requireNonNull(made.getKey("console", PASSWORD.toCharArray()));
    certificate = pem("certificate.pem", "CERTIFICATE", own.getEncoded());
    key = pem("key.pem", "PRIVATE KEY", secret.getEncoded());

    KeyStore trusted = KeyStore.getInstance("PKCS12");
    trusted.load(null, null);
    trusted.setCertificateEntry("console", own);
    var managers = TrustManagerFactory.getInstance(TrustManagerFactory.getDefaultAlgorithm());
    managers.init(trusted);
    trusting = SSLContext.getInstance("TLS");
    trusting.init(null, managers.getTrustManagers(), null);
  }

  private static Path pem(String name, String what, byte[] der) throws IOException {
    String text = Base64.getMimeEncoder(64, new byte[] {'\n'}).encodeToString(der);
    return Files.writeString(
        folder.resolve(name),
        "-----BEGIN %s-----%n%s%n-----END %s-----%n".formatted(what, text, what));
  }

  @Test
  void thePageComesByTlsAloneAndNeedsTheTokenAndItsOwnOrigin() throws Exception {
    try (var console = new TestConsole(Optional.of(Certificates.read(certificate, key)))) {
      String url = console.console.url();
      assertTrue(url.startsWith("https://127.0.0.1:"), url);
      try (var browser = new Browser(url, trusting)) {
        assertEquals(200, browser.get("").status());
        assertEquals(401, browser.get("api/rollouts").status());
        assertEquals(401, browser.signIn("guess", "Ada").status());
        Browser.Answer signedIn = browser.signIn(TestConsole.TOKENS.operator(), "Ada");
        String cookie = signedIn.whole().headers().firstValue("Set-Cookie").orElse("");
        assertTrue(cookie.contains("Secure") && cookie.contains("HttpOnly"), cookie);
        browser.openPage(); // a WebSocket by TLS too
        browser.await("a state", state -> state.get("people").toString().contains("Ada"));
        assertEquals(503, browser.ask("{\"ask\":\"reset_stop\"}").status(), "no node is there");
        browser.origin = url.substring(0, url.length() - 1).replace("https", "http");
        assertEquals(403, browser.ask("{\"ask\":\"stop\"}").status(), "a page that came plainly");
      }
      try (var stranger = new Browser(url)) {
        assertThrows(SSLHandshakeException.class, () -> stranger.get(""), "nobody vouches for it");
      }
      String plainly = "http://127.0.0.1:%d/".formatted(URI.create(url).getPort());
      try (var plain = new Browser(plainly)) {
        assertThrows(IOException.class, () -> plain.get(""), "plain HTTP is not answered");
        assertThrows(IOException.class, () -> plain.signIn(TestConsole.TOKENS.operator(), "Ada"));
      }
      try (var after = new Browser(url, trusting)) {
        assertEquals(200, after.get("app.css").status());
      }
    }
  }

  @Test
  void filesThatAreNoCertificateOrKeyAreRefusedWithTheRemedy() throws Exception {
    Path none = Files.writeString(folder.resolve("none.pem"), "no certificate");
    Path old = folder.resolve("old.pem");
    Files.writeString(old, Files.readString(key).replace("PRIVATE KEY", "EC PRIVATE KEY"));
    Path cut = folder.resolve("cut.pem");
    Files.writeString(cut, Files.readString(key).replaceFirst("(?m)^[A-Za-z0-9+/=]{20}", ""));
    refused(() -> Certificates.read(none, key), none.toString());
    refused(() -> Certificates.read(folder.resolve("gone.pem"), key), "gone.pem");
    refused(() -> Certificates.read(certificate, certificate), "openssl pkcs8 -topk8 -nocrypt");
    refused(() -> Certificates.read(certificate, old), "openssl pkcs8 -topk8 -nocrypt");
    refused(() -> Certificates.read(certificate, cut), cut.toString());
  }

  private static void refused(Runnable work, String... words) {
    Refusal.of(ConsoleException.class, work::run, words);
  }

  @Test
  void withoutTlsItListensOnThisMachineAlone() {
    String open = run("--host", "0.0.0.0");
    assertTrue(open.startsWith("2 --host 0.0.0.0 is seen by other machines"), open);
    assertTrue(
        open.contains("give --certificate and --key, or use ssh -L 8440:localhost:8440"), open);
    String half = run("--host", "0.0.0.0", "--certificate", certificate.toString());
    assertTrue(half.startsWith("2 give both --certificate and --key"), half);
    String none = run("--host", "[::1");
    assertTrue(none.startsWith("2 --host [::1 is no address"), none);
  }

  private static String run(String... args) {
    var printed = new StringWriter();
    var out = new PrintWriter(printed);
    String[] all = new String[args.length + 2];
    System.arraycopy(args, 0, all, 2, args.length);
    all[0] = "--tokens";
    all[1] = folder.resolve("tokens.json").toString();
    return ConsoleCommand.commandLine().setOut(out).setErr(out).execute(all) + " " + printed;
  }
}
