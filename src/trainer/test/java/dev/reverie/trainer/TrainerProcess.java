package dev.reverie.trainer;

import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/** The trainer in a process of its own. */
final class TrainerProcess {
  private TrainerProcess() {}

  /** Starts a command; its standard output is for the caller. */
  static Process start(Path errors, Map<String, String> environment, List<String> arguments)
      throws IOException {
    List<String> command =
        new ArrayList<>(
            List.of(
                "env",
                "--default-signal=HUP", // which nohup before the tests would have it ignore
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "--enable-native-access=ALL-UNNAMED",
                "--sun-misc-unsafe-memory-access=allow",
                "-XX:+UseSerialGC",
                "-Dorg.bytedeco.javacpp.nopointergc=true",
                "-cp",
                System.getProperty("java.class.path"),
                TrainCommand.class.getName()));
    command.addAll(arguments);
    ProcessBuilder builder = new ProcessBuilder(command).redirectError(errors.toFile());
    builder.environment().putAll(environment);
    return builder.start();
  }

  /**
   * Returns the arguments for {@code demonstrations}, {@code task.json} and {@code settings.json}
   * in a folder.
   */
  static List<String> pretrain(Path folder, Path models) {
    return List.of(
        "pretrain",
        "--demonstrations",
        folder.resolve("demonstrations").toString(),
        "--out",
        models.toString(),
        "--task",
        folder.resolve("task.json").toString(),
        "--settings",
        folder.resolve("settings.json").toString());
  }

  /**
   * Returns the arguments for {@code rollouts}, {@code demonstrations} and {@code models} in a
   * folder.
   */
  static List<String> improve(Path folder, Path work) {
    return List.of(
        "train",
        "improve",
        "--rollouts",
        folder.resolve("rollouts").toString(),
        "--demonstrations",
        folder.resolve("demonstrations").toString(),
        "--base",
        folder.resolve("models/base").toString(),
        "--models",
        folder.resolve("models").toString(),
        "--work",
        work.toString(),
        "--out",
        work.resolve("improved").toString(),
        "--settings",
        folder.resolve("settings.json").toString());
  }
}
