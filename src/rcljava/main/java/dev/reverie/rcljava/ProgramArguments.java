package dev.reverie.rcljava;

import java.util.ArrayList;
import java.util.List;
import java.util.function.Function;
import java.util.function.ToIntFunction;

/**
 * Parts the arguments of a program that can do something without ROS 2 too; others give all of them
 * to {@link Context#init}.
 *
 * @param own without those of ROS 2
 * @param ros from {@code --ros-args} to {@code --} or the end, for {@link Context#init}
 */
public record ProgramArguments(List<String> own, List<String> ros) {
  /** Copies the lists. */
  public ProgramArguments {
    own = List.copyOf(own);
    ros = List.copyOf(ros);
  }

  /** Parts the arguments of a program. */
  public static ProgramArguments of(String... args) {
    List<String> own = new ArrayList<>();
    List<String> ros = new ArrayList<>();
    boolean inside = false;
    for (String arg : args) {
      inside |= arg.equals("--ros-args");
      (inside ? ros : own).add(arg);
      inside &= !arg.equals("--");
    }
    return new ProgramArguments(own, ros);
  }

  /**
   * Runs a program.
   *
   * @param program takes the arguments of ROS 2, and then its own; returns its exit status
   */
  public int run(Function<String[], ToIntFunction<String[]>> program) {
    return program.apply(ros.toArray(String[]::new)).applyAsInt(own.toArray(String[]::new));
  }
}
