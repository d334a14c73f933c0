package dev.reverie.doctor;

import dev.reverie.arm.ArmFile;
import dev.reverie.policy.BundleException;
import dev.reverie.policy.BundleSpec;
import dev.reverie.policy.PolicyBundle;
import dev.reverie.policy.Task;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/** Checks of a policy bundle: by itself, and against the arm file. */
final class BundleChecks {
  private static final String ABOUT = "bundle";

  private BundleChecks() {}

  /**
   * Opens a bundle, which verifies all of it.
   *
   * @param findings gets how it is
   */
  static Optional<PolicyBundle> open(Path folder, List<Finding> findings) {
    try {
      PolicyBundle bundle = PolicyBundle.load(folder);
      BundleSpec spec = bundle.spec();
      findings.add(
          Finding.ok(
              ABOUT,
              "%s: whole; cameras %s, %d joints, %d actions every %s s, %s",
              bundle.id().substring(0, 12),
              spec.cameras().stream().map(BundleSpec.Camera::name).toList(),
              spec.jointNames().size(),
              spec.chunk().horizon(),
              spec.chunk().periodS(),
              bundle.pictures().isEmpty()
                  ? "no statistics of pictures"
                  : "statistics of pictures of " + bundle.pictures().keySet()));
      return Optional.of(bundle);
    } catch (BundleException e) {
      findings.add(
          Finding.error(
              ABOUT, "copy the whole folder again, or name another", "%s", e.getMessage()));
      return Optional.empty();
    }
  }

  /** Returns whether a bundle was made for the arm of an arm file. */
  static List<Finding> against(PolicyBundle bundle, ArmFile arm) {
    Task own = bundle.spec().task();
    Task file = arm.task();
    var findings = new ArrayList<Finding>();
    differ(findings, "joints", own.jointNames(), file.jointNames());
    for (BundleSpec.Camera camera : own.cameras()) {
      Optional<BundleSpec.Camera> same =
          file.cameras().stream().filter(other -> other.name().equals(camera.name())).findFirst();
      if (!arm.cameras().containsKey(camera.name())) {
        findings.add(
            Finding.error(
                ABOUT,
                "use a bundle made for this arm, or add the camera to the arm file",
                "sees the camera '%s', and the arm file has %s",
                camera.name(),
                arm.cameras().keySet()));
      } else if (same.isPresent()) {
        differ(findings, "camera " + camera.name(), camera, same.get());
      }
    }
    differ(findings, "action space", own.actionSpace(), file.actionSpace());
    differ(findings, "period in s", own.chunk().periodS(), file.chunk().periodS());
    if (findings.isEmpty()) {
      findings.add(Finding.ok(ABOUT, "made for the arm of '%s'", arm.name()));
    }
    return findings;
  }

  private static void differ(List<Finding> findings, String what, Object own, Object file) {
    if (!own.equals(file)) {
      findings.add(
          Finding.error(
              ABOUT,
              "use a bundle made for this arm, or this bundle's arm file",
              "its %s: %s; the arm file says %s",
              what,
              own,
              file));
    }
  }
}
