package dev.reverie.trainer.data;

import org.bytedeco.pytorch.Tensor;

/**
 * What is known of some steps of B rollouts before their frames are imagined.
 *
 * @param actions [B, K, D]
 * @param joints positions after each of them [B, K, J], rad; J is 0 where none are told
 */
public record Course(Tensor actions, Tensor joints) {
  /** Of actions alone. */
  public static Course of(Tensor actions) {
    return new Course(actions, Context.none(actions.size(0), actions.size(1)));
  }

  /** That of rollouts that follow each other. */
  public Course range(long first, long count) {
    return new Course(actions.narrow(0, first, count), joints.narrow(0, first, count));
  }
}
