package dev.reverie.arm;

/** Thrown where the URDF or the policy's action space cannot be used; tells what to repair. */
public final class ArmException extends RuntimeException {
  ArmException(String message) {
    super(message);
  }

  ArmException(String message, Throwable cause) {
    super(message, cause);
  }
}
