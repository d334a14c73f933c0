package dev.reverie.rcljava;

import java.util.ArrayList;
import java.util.List;

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
}
