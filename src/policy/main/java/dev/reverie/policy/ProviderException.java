package dev.reverie.policy;

/** An execution provider of ONNX Runtime cannot be used, or gives other numbers than the CPU. */
public final class ProviderException extends RuntimeException {
  ProviderException(String message) {
    super(message);
  }

  ProviderException(String message, Throwable cause) {
    super(message, cause);
  }
}
