package dev.reverie.robot.arm;

/** Thrown where the URDF or the policy's action space cannot be used; tells what to repair. */
public final class ArmException extends RuntimeException {
  private static final long serialVersionUID = 1L;

  ArmException(String message) {
    super(message);
  }

  ArmException(String message, Throwable cause) {
    super(message, cause);
  }
}
