package dev.reverie.trainer.data;

import org.bytedeco.pytorch.Tensor;

/**
 * Facts about some steps of B rollouts before their frames are imagined.
 *
 * @param actions [B, K, D]
 * @param joints positions after each of them [B, K, J], rad; J is 0 where none are told
 */
public record Course(Tensor actions, Tensor joints) {
  /** Returns the course of actions alone. */
  public static Course of(Tensor actions) {
    return new Course(actions, Context.none(actions.size(0), actions.size(1)));
  }

  /** Returns the course of rollouts that follow each other. */
  public Course range(long first, long count) {
    return new Course(actions.narrow(0, first, count), joints.narrow(0, first, count));
  }
}
