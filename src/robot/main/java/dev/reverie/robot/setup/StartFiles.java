package dev.reverie.robot.setup;

import dev.reverie.arm.ArmFile;
import dev.reverie.policy.BundleSpec;
import dev.reverie.policy.PolicyBundle;
import dev.reverie.policy.Task;
import dev.reverie.rcljava.Node;
import dev.reverie.rcljava.ParameterDeclaration;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;

/**
 * The files that a node starts with, by its parameters {@code arm} and {@code bundle}: an arm file,
 * a policy bundle or both. They decide on the names of the other parameters, and on their defaults.
 *
 * @param arm what the arm file says
 * @param bundle folder of the policy bundle that is live first
 * @param task what a policy of this arm sees and moves: the bundle's, else the arm file's
 */
public record StartFiles(Optional<ArmFile> arm, Optional<Path> bundle, Task task) {
  /**
   * Declares both parameters and reads their files.
   *
   * @throws RobotException where there is none of them, or where they contradict each other
   */
  public static StartFiles read(Node node) {
    String armFile =
        RobotParameters.declare(
            node, ParameterDeclaration.of("arm", ""), "arm file; empty: the bundle says it all");
    String folder =
        RobotParameters.declare(
            node,
            ParameterDeclaration.of("bundle", armFile.isEmpty() ? "models/base" : ""),
            "folder of the policy bundle that is live first; empty: none, for demonstrations");
    Optional<ArmFile> arm = armFile.isEmpty() ? Optional.empty() : Optional.of(read(armFile));
    if (folder.isEmpty()) {
      return new StartFiles(
          arm,
          Optional.empty(),
          arm.map(ArmFile::task)
              .orElseThrow(
                  () ->
                      new RobotException(
                          "there is neither a policy bundle nor an arm file; give one: --ros-args"
                              + " -p arm:=FILE (./reverie arm init writes it)")));
    }
    Path bundle = bundle(folder);
    BundleSpec spec = PolicyBundle.load(bundle).spec();
    arm.ifPresent(
        known ->
            SameArm.require(
                "bundle '%s'".formatted(bundle),
                spec.task(),
                "arm file '%s'".formatted(absolute(armFile)),
                known));
    return new StartFiles(arm, Optional.of(bundle), spec.task());
  }

  private static ArmFile read(String file) {
    return ArmFile.read(absolute(file));
  }

  private static Path bundle(String given) {
    Path folder = absolute(given);
    if (!Files.isDirectory(folder)) {
      throw new RobotException(
          "there is no policy bundle '%s'; give a folder: --ros-args -p bundle:=models/base"
              .formatted(folder));
    }
    return folder;
  }

  private static Path absolute(String path) {
    return Path.of(path).toAbsolutePath().normalize();
  }
}
