package dev.reverie.policy;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * Starts Java processes in which a bundle of a stranger is tried: whatever it does there, be it
 * endless, too large or a crash of native code, only that process is to be killed. It ends by
 * itself when its standard input does, that is with whoever started it.
 */
public final class TrialJava {
  /** Other programs of the machine run first. */
  private static final Path NICE = Path.of("/usr/bin/nice");

  /** Keeps a Ctrl-C for whoever started it from the process. */
  private static final Path SETSID = Path.of("/usr/bin/setsid");

  /** Characters of a reason; a bundle's own words in it may be of any length. */
  private static final int TOLD = 4000;

  private TrialJava() {}

  /**
   * Starts one with this process's classes; what it says on standard error is seen on that of this
   * process.
   *
   * @param main has the method {@code main}
   * @param memoryMb MiB that its heap may have, if this process's may have so many
   */
  public static Process start(Class<?> main, long memoryMb, String... arguments)
      throws IOException {
    List<String> command = new ArrayList<>();
    if (Files.isExecutable(SETSID)) {
      command.add(SETSID.toString());
    }
    if (Files.isExecutable(NICE)) {
      command.addAll(List.of(NICE.toString(), "-n", "19"));
    }
    long heap = Math.min(Runtime.getRuntime().maxMemory() >> 20, memoryMb);
    command.addAll(
        List.of(
            Path.of(System.getProperty("java.home"), "bin", "java").toString(),
            "-Xmx%dm".formatted(heap),
            "-XX:+UseSerialGC",
            "-XX:TieredStopAtLevel=1",
            "-Xrs", // a signal ends it at once: nothing of it is worth an orderly end
            "-XX:-CreateCoredumpOnCrash",
            "-XX:ErrorFile=/dev/null",
            "-XX:+DisplayVMOutputToStderr",
            "--enable-native-access=ALL-UNNAMED",
            "--sun-misc-unsafe-memory-access=allow"));
    Optional.ofNullable(System.getProperty("org.bytedeco.javacpp.cachedir"))
        .ifPresent(folder -> command.add("-Dorg.bytedeco.javacpp.cachedir=" + folder));
    command.addAll(List.of("-cp", System.getProperty("java.class.path"), main.getName()));
    command.addAll(List.of(arguments));
    return new ProcessBuilder(command).redirectError(ProcessBuilder.Redirect.INHERIT).start();
  }

  /** Says in words why a bundle could not be tried to its end: a few lines that can be printed. */
  public static String reason(Throwable e) {
    String reason = whole(e).replaceAll("[\\p{Cntrl}&&[^\n]]", "?");
    return reason.length() <= TOLD ? reason : reason.substring(0, TOLD) + "...";
  }

  private static String whole(Throwable e) {
    return switch (e) {
      case OutOfMemoryError _ ->
          "the policy needs more than the %d MB that Java may have here (%s); use a smaller one, or give it more: REVERIE_JAVA_OPTIONS=-Xmx.."
              .formatted(Runtime.getRuntime().maxMemory() >> 20, e.getMessage());
      case StackOverflowError _ -> "the bundle is nested too deeply; export the policy again";
      case Error _ -> e.toString();
      default -> e.getMessage() == null ? e.toString() : e.getMessage();
    };
  }
}
