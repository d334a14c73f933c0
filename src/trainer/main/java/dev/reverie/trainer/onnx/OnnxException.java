package dev.reverie.trainer.onnx;

/** A graph or an input that the executor cannot run; the message names it and the remedy. */
public final class OnnxException extends RuntimeException {
  OnnxException(String message) {
    super(message);
  }

  OnnxException(String message, Throwable cause) {
    super(message, cause);
  }
}
