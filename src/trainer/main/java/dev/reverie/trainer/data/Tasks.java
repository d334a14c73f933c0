package dev.reverie.trainer.data;

import dev.reverie.trainer.nn.Check;
import dev.reverie.trainer.nn.TrainerException;
import java.util.Arrays;
import java.util.HashSet;
import java.util.List;
import java.util.Set;

/**
 * Groups of instructions that ask for the same task. What succeeds under one of them succeeds under
 * all, and is a failure under those of another task; an instruction that is in no group is a task
 * by itself.
 *
 * @param same groups of instructions, as they are recorded
 */
public record Tasks(List<List<String>> same) {
  /** Every instruction is a task by itself. */
  public static final Tasks DEFAULT = new Tasks(List.of());

  public Tasks {
    same = same.stream().map(List::copyOf).toList();
    Set<String> seen = new HashSet<>();
    for (List<String> group : same) {
      Check.that(group.size() > 1, "instructions.same", group, "groups of two or more");
      for (String text : group) {
        Check.that(seen.add(text), "instructions.same", text, "each instruction once");
      }
    }
  }

  /**
   * The number of each instruction's task, counted in the order of the instructions.
   *
   * @param texts the distinct instructions [I]
   * @return [I]
   * @throws TrainerException where a group names an instruction that is not among them
   */
  long[] of(List<String> texts) {
    for (List<String> group : same) {
      for (String text : group) {
        if (!texts.contains(text)) {
          throw new TrainerException(
              "instructions.same names '%s', and recorded are %s".formatted(text, texts));
        }
      }
    }
    long[] tasks = new long[texts.size()];
    long next = 0;
    for (int i = 0; i < tasks.length; i++) {
      int first = texts.indexOf(firstOfGroup(texts, texts.get(i)));
      tasks[i] = first < i ? tasks[first] : next++;
    }
    return tasks;
  }

  /** Number of tasks that these instructions ask for. */
  public int count(List<String> texts) {
    return (int) Arrays.stream(of(texts)).distinct().count();
  }

  /** The first of the texts that asks for the same. */
  private String firstOfGroup(List<String> texts, String text) {
    List<String> group =
        same.stream().filter(one -> one.contains(text)).findFirst().orElse(List.of(text));
    return texts.stream().filter(group::contains).findFirst().orElse(text);
  }

  /** Says the groups in what a run is made of; nothing where there are none. */
  @Override
  public String toString() {
    return same.isEmpty() ? "" : ", instructions that ask for the same " + same;
  }
}
