package dev.reverie.robot.swap;

import dev.reverie.msgs.reverie.Replayed;
import dev.reverie.robot.swap.Trial.Question;
import java.util.concurrent.Executor;

/** The parts of the node that a swap needs. */
interface SwapSurrounding {
  /** Runs work on the control thread. */
  Executor control();

  PolicyRuntime runtime();

  /** Returns whether a swap has to wait for the boundary of a chunk. */
  boolean midChunk();

  /** Returns what is to be tried; called on a thread of the loader. */
  Question question(PolicySwap.Request asked, String live, String spec);

  /**
   * Takes what becomes of a bundle.
   *
   * @param id of its policy; empty where it is not known
   * @param liveId of the policy that is live after it
   * @param reason why, and for people
   * @param replayed at recorded episodes, where it was
   */
  void told(
      PolicyState state, String folder, String id, String liveId, String reason, Replayed replayed);

  /** Drops what is left of the chunk that plays. */
  void dropChunk();

  /** Another policy went live. */
  void swapped();
}
