package dev.reverie.policy;

/** Thrown where a policy bundle cannot be used; the message names the value and the remedy. */
public final class BundleException extends RuntimeException {
  /** Creates a refusal that nothing else caused. */
  public BundleException(String message) {
    super(message);
  }

  /** Creates a refusal with what caused it. */
  public BundleException(String message, Throwable cause) {
    super(message, cause);
  }
}
