package dev.reverie.robot.control;

import dev.reverie.robot.setup.Seam;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.function.IntToDoubleFunction;

/**
 * The actions that are still to be played, from the chunks that play or wait. An action belongs
 * behind so many executed ones, never to a time: what a slow inference was overtaken by is skipped,
 * and while the arm is held nothing is. Not thread-safe.
 */
final class ActionQueue {
  private final Seam seam;
  private final IntToDoubleFunction turn;
  private final List<Chunk> chunks = new ArrayList<>(); // the oldest first
  private long blendFrom; // executed actions when the newest chunk came

  /**
   * Has no actions yet.
   *
   * @param turn difference between two values of a dimension that mean the same: chunks agree on
   *     what lies between them the short way round
   */
  ActionQueue(Seam seam, IntToDoubleFunction turn) {
    this.seam = seam;
    this.turn = turn;
  }

  /**
   * Action that is due.
   *
   * @param chunk the newest that it comes from
   * @param k its place there
   * @param values [D] in [-1, 1]: of the chunk, or what several chunks agree on
   */
  record Action(Chunk chunk, int k, float[] values) {
    /** Returns whether several chunks had a part in it, so that none of them says it. */
    boolean isMixed() {
      return !Arrays.equals(values, chunk.action(k));
    }
  }

  /**
   * Puts a chunk behind those that play; an older one that still waits is dropped.
   *
   * @param executed actions of the episode so far
   */
  void add(Chunk chunk, long executed) {
    chunks.removeIf(old -> !old.covers(executed));
    switch (seam) {
      case Seam.Switch _ -> chunks.subList(Math.min(1, chunks.size()), chunks.size()).clear();
      case Seam.Blend _ -> chunks.subList(0, Math.max(0, chunks.size() - 1)).clear();
      case Seam.Ensemble _ -> {}
    }
    chunks.add(chunk);
    blendFrom = executed;
  }

  /** Returns the action that is due after so many executed ones; empty if there is none. */
  Optional<Action> at(long executed) {
    List<Chunk> know = chunks.stream().filter(chunk -> chunk.covers(executed)).toList();
    if (know.isEmpty()) {
      return Optional.empty();
    }
    Chunk chunk = seam instanceof Seam.Switch ? know.getFirst() : know.getLast();
    int k = (int) (executed - chunk.first());
    float[] values =
        switch (seam) {
          case Seam.Switch _ -> chunk.action(k);
          case Seam.Blend(int actions) -> blended(know, executed, actions);
          case Seam.Ensemble(double m) -> averaged(know, executed, m);
        };
    return Optional.of(new Action(chunk, k, values));
  }

  private float[] blended(List<Chunk> know, long executed, int actions) {
    float[] next = of(know.getLast(), executed);
    if (know.size() == 1 || executed - blendFrom >= actions) {
      return next;
    }
    double share = (executed - blendFrom + 1.0) / (actions + 1.0);
    float[] last = of(know.getFirst(), executed);
    for (int d = 0; d < next.length; d++) {
      next[d] = whole(d, last[d] + share * (near(d, last[d], next[d]) - last[d]));
    }
    return next;
  }

  private float[] averaged(List<Chunk> know, long executed, double m) {
    float[] first = of(know.getFirst(), executed);
    double[] sum = new double[first.length];
    double weights = 0;
    for (int i = 0; i < know.size(); i++) {
      double weight = Math.exp(-m * i);
      weights += weight;
      float[] action = of(know.get(i), executed);
      for (int d = 0; d < sum.length; d++) {
        sum[d] += weight * near(d, first[d], action[d]);
      }
    }
    float[] mean = new float[sum.length];
    for (int d = 0; d < mean.length; d++) {
      mean[d] = whole(d, sum[d] / weights);
    }
    return mean;
  }

  /** The value that means the same as {@code to} and is nearest to {@code from}. */
  private double near(int d, double from, double to) {
    double apart = turn.applyAsDouble(d);
    return Math.abs(to - from) > apart / 2 ? from + Math.IEEEremainder(to - from, apart) : to;
  }

  /** The same as a value in [-1, 1], where it went round. */
  private float whole(int d, double value) {
    double apart = turn.applyAsDouble(d);
    return (float)
        (Math.abs(value) > 1 && Double.isFinite(apart)
            ? Math.clamp(Math.IEEEremainder(value, apart), -1, 1)
            : value);
  }

  private static float[] of(Chunk chunk, long executed) {
    return chunk.action((int) (executed - chunk.first()));
  }

  /**
   * Returns the action that the newest chunk has for after so many executed ones beyond those that
   * are to be played: what goes on where the next chunk is late.
   */
  Optional<Action> beyond(long executed) {
    return chunks.reversed().stream()
        .filter(chunk -> chunk.knows(executed))
        .findFirst()
        .map(
            chunk -> {
              int k = (int) (executed - chunk.first());
              return new Action(chunk, k, chunk.action(k));
            });
  }

  /**
   * The actions from those on that are executed, which go on until another chunk is there, [n, D]
   * row-major; none where chunks are mixed, since then the next one changes them.
   */
  float[] ahead(long executed) {
    int left = seam instanceof Seam.Switch ? remaining(executed) : 0;
    float[] all = new float[0];
    for (int i = 0; i < left; i++) {
      float[] action = at(executed + i).orElseThrow().values();
      all = i == 0 ? new float[left * action.length] : all;
      System.arraycopy(action, 0, all, i * action.length, action.length);
    }
    return all;
  }

  /** Actions that are left after so many executed ones. */
  int remaining(long executed) {
    int left = 0;
    while (at(executed + left).isPresent()) {
      left++;
    }
    return left;
  }

  /** Drops all actions: the arm is held, or a person takes over. */
  void clear() {
    chunks.clear();
  }
}
