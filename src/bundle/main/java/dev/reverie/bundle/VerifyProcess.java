package dev.reverie.bundle;

import dev.reverie.policy.BundleException;
import dev.reverie.policy.BundleLimits;
import dev.reverie.policy.BundleSignature;
import dev.reverie.policy.OnnxPolicy;
import dev.reverie.policy.PolicyBundle;
import dev.reverie.policy.SigningKeys;
import dev.reverie.policy.TrialJava;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;

/**
 * The process in which {@code verify} tries a bundle. On standard output it says what it found, a
 * line each behind a blank, and why it refuses the bundle, behind a {@code !}. Its exit status is 0
 * where a robot would take the bundle, else 1.
 */
final class VerifyProcess {
  private final PrintStream says;

  private VerifyProcess(PrintStream says) {
    this.says = says;
  }

  /**
   * Tries a bundle.
   *
   * @param arguments its folder, and one of public keys, which may be empty
   */
  public static void main(String[] arguments) {
    var process = new VerifyProcess(new PrintStream(System.out, false, StandardCharsets.UTF_8));
    System.setOut(System.err); // what libraries print is no answer
    Thread.ofPlatform().name("ends with verify").daemon().start(VerifyProcess::awaitEnd);
    int status = 0;
    try {
      process.verify(Path.of(arguments[0]), arguments[1]);
    } catch (RuntimeException | Error e) { // whoever asked gets an answer
      process.say('!', TrialJava.reason(e));
      status = 1;
    }
    Runtime.getRuntime().halt(status);
  }

  private static void awaitEnd() {
    try {
      while (System.in.read() >= 0) {} // nothing is ever said there
    } catch (IOException e) { // it has ended
    }
    Runtime.getRuntime().halt(1);
  }

  private void say(char kind, String text) {
    text.lines().forEach(line -> says.println(kind + line));
    says.flush();
  }

  private void tell(String text, Object... values) {
    say(' ', text.formatted(values));
  }

  private void verify(Path folder, String keys) {
    PolicyBundle bundle = PolicyBundle.load(folder);
    tell("format, hashes and graph are sound: policy %s", bundle.id());
    if (keys.isEmpty()) {
      tell("signatures: %d, compared with no key; --keys does", BundleSignature.count(folder));
    } else {
      BundleSignature.require(folder, bundle.id(), SigningKeys.publicKeys(Path.of(keys)));
      tell("signed by somebody whose key is in %s", keys);
    }
    BundleLimits limits = BundleLimits.begin(bundle);
    double began = System.nanoTime();
    try (OnnxPolicy policy = RobotCheck.open(bundle)) {
      limits.requireLoaded();
      boolean probed = bundle.spec().files().containsKey("probe.safetensors");
      tell(
          "ONNX Runtime runs it, loaded in %.1f s%s",
          (System.nanoTime() - began) / 1e9,
          probed ? "; it gives what the probe says" : "; it has no probe");
      double inferenceS = RobotCheck.act(bundle, policy);
      limits.requireMemory();
      int words = bundle.spec().language().words().size();
      tell(
          "it acts on %s; an inference takes %.4f s here at most",
          words == 0 ? "an instruction" : "each of its %d words".formatted(words), inferenceS);
      limits.requireInference(inferenceS);
    } catch (IllegalStateException | IllegalArgumentException e) {
      throw new BundleException("its policy fails: " + e.getMessage(), e);
    }
  }
}
