package dev.reverie.console;

import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.security.MessageDigest;
import java.time.Duration;
import java.util.Base64;
import java.util.List;
import java.util.Optional;
import javax.crypto.Mac;
import javax.crypto.spec.SecretKeySpec;

/**
 * Signs in who has a token: the cookie that they get says who they are, and is signed, so that the
 * console keeps no list and knows them after a restart. New tokens end all passes.
 */
final class Passes {
  static final Duration LIFETIME = Duration.ofHours(12);

  private static final String ALGORITHM = "HmacSHA256";
  private static final Base64.Encoder ENCODER = Base64.getUrlEncoder().withoutPadding();

  private final SecretKeySpec key;

  Passes(Tokens tokens) {
    String secret = "console pass\n" + tokens.operator() + "\n" + tokens.viewer();
    key = new SecretKeySpec(secret.getBytes(StandardCharsets.UTF_8), ALGORITHM);
  }

  /** The value of a cookie, good until {@link #LIFETIME} after now. */
  String issue(Visitor visitor, long nowMillis) {
    String name = ENCODER.encodeToString(visitor.person().getBytes(StandardCharsets.UTF_8));
    String claim =
        "%s.%d.%s".formatted(visitor.role().name(), nowMillis + LIFETIME.toMillis(), name);
    return claim + "." + sign(claim);
  }

  /** Whom a cookie is of; empty where it was not issued here, or its time is over. */
  Optional<Visitor> read(String cookie, long nowMillis) {
    int end = cookie.lastIndexOf('.');
    if (end < 0 || cookie.length() > 512) {
      return Optional.empty();
    }
    String claim = cookie.substring(0, end);
    byte[] signature = cookie.substring(end + 1).getBytes(StandardCharsets.UTF_8);
    if (!MessageDigest.isEqual(signature, sign(claim).getBytes(StandardCharsets.UTF_8))) {
      return Optional.empty();
    }
    List<String> parts = List.of(claim.split("\\.", 3));
    if (Long.parseLong(parts.get(1)) < nowMillis) {
      return Optional.empty();
    }
    byte[] name = Base64.getUrlDecoder().decode(parts.get(2));
    return Optional.of(
        new Visitor(Role.valueOf(parts.get(0)), new String(name, StandardCharsets.UTF_8)));
  }

  private String sign(String claim) {
    try {
      Mac mac = Mac.getInstance(ALGORITHM);
      mac.init(key);
      return ENCODER.encodeToString(mac.doFinal(claim.getBytes(StandardCharsets.UTF_8)));
    } catch (GeneralSecurityException e) {
      throw new IllegalStateException(ALGORITHM + " is not there", e);
    }
  }
}
