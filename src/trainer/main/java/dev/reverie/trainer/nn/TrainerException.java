package dev.reverie.trainer.nn;

/** The trainer cannot go on with what it was given; the message says with what, and what to do. */
public class TrainerException extends RuntimeException {
  public TrainerException(String message) {
    super(message);
  }

  public TrainerException(String message, Throwable cause) {
    super(message, cause);
  }
}
