package dev.reverie.doctor;

import ai.onnxruntime.OrtEnvironment;
import ai.onnxruntime.OrtException;
import ai.onnxruntime.OrtProvider;
import ai.onnxruntime.OrtSession;
import dev.reverie.policy.OnnxWords;
import java.io.File;
import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.TimeUnit;

/** Checks of the computer that the node runs on, which need no ROS 2. */
final class Machine {
  private static final double GIB = 1L << 30;
  private static final double LOW_GIB = 5;
  private static final double FULL_GIB = 0.25; // about a minute of two raw cameras

  /** Ranges that rcl knows; it takes any other for LOCALHOST. */
  private static final List<String> RANGES =
      List.of("SUBNET", "LOCALHOST", "OFF", "SYSTEM_DEFAULT");

  private static final int MAX_DOMAIN = 232; // beyond, UDP ports overflow (ROS 2 documentation)
  private static final List<String> DISTRIBUTIONS = List.of("jazzy", "kilted", "rolling");

  private Machine() {}

  /**
   * Looks at all of it.
   *
   * @param joined whether this process is in a ROS graph
   * @param found whether something of the arm is in it
   */
  static List<Finding> check(
      Map<String, String> environment, Path rollouts, boolean joined, boolean found) {
    var findings = new ArrayList<Finding>();
    findings.add(distribution(environment));
    findings.add(domain(environment, found));
    findings.add(Middleware.implementation(environment));
    findings.add(
        Middleware.sharedMemory(environment, Middleware.Memory.seen(Path.of("/dev/shm"), joined)));
    findings.add(folder(rollouts));
    boolean gpu = Files.exists(Path.of("/dev/nvidia0"));
    findings.add(gpu(gpu, provider(), gpu && provider() ? unusable() : Optional.empty()));
    findings.add(clock());
    findings.add(load());
    return findings;
  }

  static Finding distribution(Map<String, String> environment) {
    String name = environment.getOrDefault("ROS_DISTRO", "");
    if (name.isEmpty()) {
      return Finding.error(
          "ROS 2",
          "source /opt/ros/jazzy/setup.bash, or start this by ./reverie",
          "none is sourced");
    }
    return DISTRIBUTIONS.contains(name)
        ? Finding.ok("ROS 2", name)
        : Finding.warning("ROS 2", "use jazzy or kilted", "%s, which is not tested", name);
  }

  static Finding domain(Map<String, String> environment, boolean found) {
    String about = "ROS domain";
    String text = environment.getOrDefault("ROS_DOMAIN_ID", "0");
    String range = environment.getOrDefault("ROS_AUTOMATIC_DISCOVERY_RANGE", "SUBNET");
    int domain;
    try {
      domain = Integer.parseInt(text.isEmpty() ? "0" : text);
    } catch (NumberFormatException e) {
      return Finding.error(
          about, "give a number from 0 to 101", "ROS_DOMAIN_ID is '%s', no number", text);
    }
    if (domain < 0 || domain > MAX_DOMAIN) {
      return Finding.error(
          about, "give a number from 0 to 101", "ROS_DOMAIN_ID is %d, out of range", domain);
    }
    if (!range.isEmpty() && !RANGES.contains(range)) {
      return Finding.error(
          about,
          "give one of " + RANGES,
          "ROS_AUTOMATIC_DISCOVERY_RANGE is '%s', which counts as LOCALHOST",
          range);
    }
    String value = "%d, discovery range %s".formatted(domain, range);
    return !found && text.equals(environment.get("REVERIE_OWN_DOMAIN"))
        ? Finding.warning(
            about,
            "to see an arm: ROS_DOMAIN_ID=0 (or the arm's) ROS_AUTOMATIC_DISCOVERY_RANGE=SUBNET"
                + " ./reverie doctor ...; and the same for ./reverie robot",
            "%s: this checkout's own, and nothing of an arm is in it",
            value)
        : Finding.ok(about, value);
  }

  /** Looks at the folder that rollouts go into; the nearest one that exists, where it does not. */
  static Finding folder(Path rollouts) {
    String about = "rollouts folder";
    Path folder = rollouts.toAbsolutePath().normalize();
    Path there = folder;
    while (!Files.exists(there) && there.getParent() != null) {
      there = there.getParent();
    }
    if (!Files.isDirectory(there)) {
      return Finding.error(about, "give a folder by --rollouts", "%s is no folder", there);
    }
    if (!Files.isWritable(there)) {
      return Finding.error(
          about,
          "give this user the right to write there, or another folder: --rollouts, and"
              + " -p rollouts_dir:= of the node",
          "%s cannot be written",
          there);
    }
    double free = usable(there) / GIB;
    if (free < FULL_GIB) {
      return Finding.error(
          about, "make room, or use another disk", "%.2f GiB are free in %s", free, there);
    }
    return free < LOW_GIB
        ? Finding.warning(
            about, "make room before long recordings", "%.1f GiB are free in %s", free, there)
        : Finding.ok(about, "%s, %.0f GiB free", folder, free);
  }

  private static double usable(Path folder) {
    File file = folder.toFile();
    return file.getUsableSpace();
  }

  private static boolean provider() {
    return OrtEnvironment.getAvailableProviders().contains(OrtProvider.CUDA);
  }

  /** Returns why the CUDA provider that was built in cannot be used; empty where it can. */
  private static Optional<String> unusable() {
    try (var options = new OrtSession.SessionOptions()) {
      options.addCUDA(0);
      return Optional.empty();
    } catch (OrtException e) {
      return Optional.of(OnnxWords.fault(e));
    }
  }

  /**
   * Says what ONNX Runtime can do with a GPU.
   *
   * @param provider whether the CUDA provider was built in
   * @param unusable why it cannot be used
   */
  static Finding gpu(boolean device, boolean provider, Optional<String> unusable) {
    String cpu = "the node runs policies on the CPU";
    if (!device) {
      return Finding.ok("GPU", "none: %s", cpu);
    }
    if (!provider) {
      return Finding.ok(
          "GPU",
          "there is one, and this ONNX Runtime has no CUDA provider: %s; ./reverie setup --gpu"
              + " gets the one that has, for NVIDIA",
          cpu);
    }
    return unusable
        .map(
            why ->
                Finding.warning(
                    "GPU",
                    "install CUDA 12 and cuDNN 9, or go back: ./reverie setup --no-gpu; " + cpu,
                    "the CUDA provider of ONNX Runtime cannot be used: %s",
                    why))
        .orElseGet(
            () ->
                Finding.ok(
                    "GPU",
                    "there is one, and ONNX Runtime's CUDA provider can use it: the node runs"
                        + " policies on it, unless execution is cpu"));
  }

  private static Finding clock() {
    Optional<String> chrony = said("chronyc", "-c", "tracking");
    if (chrony.isPresent()) {
      return clock(chrony.get().contains("Normal"));
    }
    Optional<String> timedatectl = said("timedatectl", "show", "-p", "NTPSynchronized", "--value");
    return timedatectl
        .map(text -> clock(text.strip().equals("yes")))
        .orElseGet(
            () ->
                Finding.ok(
                    "clock", "neither chrony nor timedatectl says whether it is synchronised"));
  }

  private static Finding clock(boolean synchronised) {
    return synchronised
        ? Finding.ok("clock", "synchronised")
        : Finding.warning(
            "clock",
            "where arm or cameras run on another machine, synchronise both: apt install chrony",
            "not synchronised with any server");
  }

  private static Finding load() {
    int cores = Runtime.getRuntime().availableProcessors();
    double load = ManagementFactory.getOperatingSystemMXBean().getSystemLoadAverage();
    return load > cores
        ? Finding.warning(
            "processor",
            "end what else runs: ticks come late on a busy machine",
            "load %.1f on %d cores",
            load,
            cores)
        : Finding.ok("processor", "load %.1f on %d cores", load, cores);
  }

  /** Returns what a program prints; empty where it is not there, fails or takes too long. */
  private static Optional<String> said(String... command) {
    try {
      Process process =
          new ProcessBuilder(command)
              .redirectError(ProcessBuilder.Redirect.DISCARD)
              .redirectInput(ProcessBuilder.Redirect.from(new File("/dev/null")))
              .start();
      if (!process.waitFor(2, TimeUnit.SECONDS)) {
        process.destroyForcibly();
        return Optional.empty();
      }
      String text = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
      return process.exitValue() == 0 ? Optional.of(text) : Optional.empty();
    } catch (IOException e) {
      return Optional.empty();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      return Optional.empty();
    }
  }
}
