package dev.reverie.console;

import picocli.CommandLine.Option;

/** The robot node that a command is about. */
final class RobotOption {
  @Option(
      names = "--node",
      paramLabel = "NAME",
      defaultValue = "/robot",
      description = "Full name of the robot node (${DEFAULT-VALUE}).")
  private String name = "";

  String name() {
    return name;
  }
}
