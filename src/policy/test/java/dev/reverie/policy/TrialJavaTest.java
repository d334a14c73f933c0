package dev.reverie.policy;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import org.junit.jupiter.api.Test;

class TrialJavaTest {
  @Test
  void whatABundleSaysInAReasonIsOfSomeLengthAndCanBePrinted() {
    String reason = TrialJava.reason(new BundleException("'\0\u001b[31m' " + "x".repeat(100_000)));
    assertTrue(reason.startsWith("'??[31m' xxx"), reason);
    assertTrue(reason.endsWith("x..."), reason);
    assertEquals(4003, reason.length());
    String text = "the file 'Gr\u00fc\u00dfe' is\nmissing";
    assertEquals(text, TrialJava.reason(new BundleException(text)));
  }
}
