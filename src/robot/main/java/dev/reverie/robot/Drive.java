package dev.reverie.robot;

import dev.reverie.arm.Reference;

/** Brings what the arm is asked to do to its controller. Thread-safe. */
interface Drive extends AutoCloseable {
  /** Begins to bring a reference; another one than before begins where the arm is. */
  void follow(Reference reference);

  /** Tells of a new plan of the reference. */
  void planned(double[] measured);

  /** Tells that the arm is stopped: nothing more once it rests. */
  void release();

  @Override
  default void close() {}
}
