package dev.reverie.round;

import picocli.CommandLine.Option;

/** The task that is done, by the planar arm or in an exported scene by the Panda. */
final class TaskOption {
  @Option(
      names = "--task",
      paramLabel = "NAME",
      defaultValue = SimulatedScene.INSERT,
      description = "what is to be done, as docs/tasks.md has it (${DEFAULT-VALUE})")
  private String name;

  String name() {
    return name;
  }

  /** Returns whether it is the one that models/ are of. */
  boolean usual() {
    return name.equals(SimulatedScene.INSERT);
  }
}
