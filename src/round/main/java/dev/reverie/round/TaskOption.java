package dev.reverie.round;

import picocli.CommandLine.Option;

/** Which task the planar arm is at. */
final class TaskOption {
  @Option(
      names = "--task",
      paramLabel = "NAME",
      defaultValue = SimulatedScene.INSERT,
      description = "of the planar arm, as docs/tasks.md has them (${DEFAULT-VALUE})")
  private String name;

  String name() {
    return name;
  }

  /** Whether it is the one that models/ are of. */
  boolean usual() {
    return name.equals(SimulatedScene.INSERT);
  }
}
