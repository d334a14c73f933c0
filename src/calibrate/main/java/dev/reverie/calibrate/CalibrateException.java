package dev.reverie.calibrate;

/** Tells why there is no calibration, and what to do. */
public final class CalibrateException extends RuntimeException {
  CalibrateException(String message) {
    super(message);
  }

  CalibrateException(String message, Throwable cause) {
    super(message, cause);
  }
}
