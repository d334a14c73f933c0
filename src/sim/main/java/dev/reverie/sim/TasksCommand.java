package dev.reverie.sim;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.Callable;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/** Tells the tasks of the planar arm to people and to programs. */
@Command(
    name = "tasks",
    mixinStandardHelpOptions = true,
    description =
        "Tell what the planar arm can be asked to do, as JSON: of each task its instructions, its time limit, and what a policy sees and moves.")
final class TasksCommand implements Callable<Integer> {
  @Option(names = "--out", paramLabel = "FILE", description = "write it there, and print nothing")
  private @Nullable Path out;

  @Override
  public Integer call() throws IOException {
    if (out == null) {
      System.out.println(json());
    } else {
      Files.writeString(out, json());
    }
    return 0;
  }

  static String json() {
    return Task.ALL.stream().map(TasksCommand::json).collect(Collectors.joining(",\n", "[", "]"));
  }

  private static String json(Task task) {
    return """
    {"name": "%s", "limit_ticks": %d, "instructions": [%s], "policy": %s}"""
        .formatted(task.name(), task.limitTicks(), quoted(task.instructions()), policy(task));
  }

  /** Returns the policy in the words of {@code bundle.json}. */
  private static String policy(Task task) {
    return String.format(
        Locale.ROOT,
        """
        {"cameras": [{"name": "camera", "width": %1$d, "height": %1$d, "rectify": false,
          "crop": {"x": 0, "y": 0, "width": 1, "height": 1}}],
        "joint_names": [%2$s],
        "action_space": {"kind": "end_effector_delta", "frame": "world", "tip_link": "tip",
          "axes": ["x", "z"], "scale_m": [%3$s, %3$s], "hold_orientation": true,
          "workspace": {"min": [%4$s, %5$s], "max": [%6$s, %7$s]}},
        "chunk": {"horizon": 4, "period_s": 0.1}, "head": {"kind": "tokens", "bins": 21}}""",
        task.pictureSide(),
        quoted(PegArm.JOINTS),
        Expert.STEP_M,
        PegArm.MIN_X_M,
        PegArm.MIN_Z_M,
        PegArm.MAX_X_M,
        PegArm.MAX_Z_M);
  }

  private static String quoted(List<String> words) {
    return words.stream().map(word -> "\"" + word + "\"").collect(Collectors.joining(", "));
  }
}
