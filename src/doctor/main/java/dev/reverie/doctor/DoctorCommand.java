package dev.reverie.doctor;

import dev.reverie.arm.ArmException;
import dev.reverie.arm.ArmFile;
import dev.reverie.arm.JointSpace;
import dev.reverie.arm.UrdfFile;
import dev.reverie.doctor.Finding.Severity;
import dev.reverie.policy.PolicyBundle;
import dev.reverie.rcljava.Context;
import dev.reverie.rcljava.ProgramArguments;
import dev.reverie.rcljava.RclException;
import java.io.PrintWriter;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/** {@code reverie doctor}: looks at the arm before it moves. */
@Command(
    name = "doctor",
    description =
        "Looks at machine, ROS graph, arm, cameras, controller and policy; moves nothing.",
    footer = {
      "",
      "With --urdf or --bundle alone the files are looked at, and what of the bundle's arm is there.",
      "Status: 0 no errors (there may be warnings), 1 errors, 2 wrong arguments."
    },
    mixinStandardHelpOptions = true)
public final class DoctorCommand implements Callable<Integer> {
  @Option(names = "--arm", paramLabel = "FILE", description = "Arm file: what the arm is to have.")
  private @Nullable Path arm;

  @Option(names = "--bundle", paramLabel = "FOLDER", description = "Policy bundle that is to run.")
  private @Nullable Path bundle;

  @Option(
      names = "--urdf",
      paramLabel = "FILE",
      description = "URDF to look at, instead of what comes as robot_description.")
  private @Nullable Path urdf;

  @Option(
      names = "--rollouts",
      paramLabel = "DIR",
      defaultValue = "out/rollouts",
      description = "Folder that episodes are recorded into (${DEFAULT-VALUE}).")
  private Path rollouts = Path.of("out/rollouts");

  @Option(
      names = "--seconds",
      paramLabel = "N",
      defaultValue = "3",
      description = "How long to listen to the graph (${DEFAULT-VALUE}).")
  private double seconds;

  @Option(names = "--json", description = "For programs: errors, warnings, findings.")
  private boolean json;

  @Spec private CommandSpec spec;

  private final String[] rosArguments;
  private final List<Finding> findings = new ArrayList<>();

  private DoctorCommand(String... rosArguments) {
    this.rosArguments = rosArguments.clone();
  }

  static CommandLine commandLine(String... rosArguments) {
    return new CommandLine(new DoctorCommand(rosArguments));
  }

  public static void main(String[] args) {
    System.exit(ProgramArguments.of(args).run(ros -> commandLine(ros)::execute));
  }

  @Override
  public Integer call() throws InterruptedException {
    if (!(seconds > 0 && seconds <= 600)) {
      throw new ParameterException(
          spec.commandLine(), "--seconds %s; give more than 0, at most 600".formatted(seconds));
    }
    look();
    boolean terminal = System.console() != null && System.console().isTerminal();
    PrintWriter out = spec.commandLine().getOut();
    out.print(json ? Printout.json(findings) : Printout.text(findings, terminal));
    out.flush();
    return Printout.count(findings, Severity.ERROR) > 0
        ? CommandLine.ExitCode.SOFTWARE
        : CommandLine.ExitCode.OK;
  }

  private void look() throws InterruptedException {
    boolean filesAlone = arm == null && (urdf != null || bundle != null);
    Optional<ArmFile> armFile = readArm();
    Optional<PolicyBundle> policy =
        Optional.ofNullable(bundle).flatMap(folder -> BundleChecks.open(folder, findings));
    if (policy.isPresent() && armFile.isPresent()) {
      findings.addAll(BundleChecks.against(policy.get(), armFile.get()));
    }
    Optional<String> text = readUrdf(armFile);
    if (filesAlone && bundle == null) {
      text.ifPresent(xml -> findings.addAll(DescriptionChecks.alone(xml)));
      return;
    }
    try (Context context = Context.init(rosArguments);
        var listening = new Listening(context)) {
      graph(listening, armFile, policy, text, filesAlone);
    } catch (RclException e) {
      if (!filesAlone) {
        findings.addAll(Machine.check(System.getenv(), rollouts, false, false));
      }
      findings.add(
          filesAlone
              ? Finding.ok("ROS graph", "not looked at: %s", e.getMessage())
              : Finding.error("ROS graph", "as it says, or source ROS 2", "%s", e.getMessage()));
      if (filesAlone) {
        Wanted wanted = Wanted.of(armFile, policy, name -> name);
        text.ifPresent(urdf -> DescriptionChecks.fits(urdf, wanted, findings));
      }
    }
  }

  private Optional<ArmFile> readArm() {
    if (arm == null) {
      return Optional.empty();
    }
    try {
      ArmFile file = ArmFile.read(arm);
      findings.add(
          Finding.ok(
              "arm file",
              "'%s': %d joints, cameras %s",
              file.name(),
              file.joints().size(),
              file.cameras().keySet()));
      findings.addAll(ArmFileChecks.check(file));
      return Optional.of(urdf == null ? file : file.withUrdf(urdf));
    } catch (ArmException e) {
      findings.add(Finding.error("arm file", "repair the file", "%s", e.getMessage()));
      return Optional.empty();
    }
  }

  private Optional<String> readUrdf(Optional<ArmFile> armFile) {
    Optional<Path> file =
        Optional.ofNullable(urdf)
            .or(
                () ->
                    armFile
                        .map(each -> each.description().urdf())
                        .filter(name -> !name.isEmpty())
                        .map(Path::of));
    try {
      return file.map(UrdfFile::readSound);
    } catch (ArmException e) {
      findings.add(DescriptionChecks.refused(e));
      return Optional.empty();
    }
  }

  private void graph(
      Listening listening,
      Optional<ArmFile> armFile,
      Optional<PolicyBundle> policy,
      Optional<String> text,
      boolean filesAlone)
      throws InterruptedException {
    Wanted wanted = named(listening, Wanted.of(armFile, policy, listening::resolve));
    List<String> topics = new ArrayList<>(wanted.jointStates());
    wanted.cameras().values().forEach(camera -> topics.add(camera.topic()));
    topics.add(wanted.description());
    boolean there = listening.await(topics);
    if (filesAlone && !there) {
      findings.add(
          Finding.ok("ROS graph", "nothing of the arm is there: only the files were looked at"));
      text.ifPresent(urdf -> DescriptionChecks.fits(urdf, wanted, findings));
      return;
    }
    findings.addAll(Machine.check(System.getenv(), rollouts, true, there));
    if (wanted.task().isEmpty()) {
      listening.awaitMore();
    }
    Map<String, Wanted.Camera> looked =
        wanted.task().isPresent() ? wanted.cameras() : listening.cameras();
    check(wanted, looked, listening.listen(wanted, looked, seconds), text);
  }

  private Wanted named(Listening listening, Wanted wanted) {
    try {
      return wanted.withNames(listening.names(wanted.names(), wanted.task()));
    } catch (IllegalArgumentException e) {
      findings.add(
          Finding.error(
              "joints",
              "correct joint_names or joint_prefix, as for the robot node",
              "%s",
              e.getMessage()));
      return wanted;
    }
  }

  private void check(
      Wanted wanted, Map<String, Wanted.Camera> looked, Seen seen, Optional<String> text) {
    findings.addAll(NodeChecks.check(wanted, seen));
    Optional<String> description = text;
    if (text.isEmpty()) {
      findings.addAll(DescriptionChecks.published(wanted, seen));
      description = seen.descriptions().stream().findFirst();
    }
    Optional<JointSpace> joints =
        description.flatMap(urdf -> DescriptionChecks.fits(urdf, wanted, findings));
    findings.addAll(JointChecks.check(wanted, seen, joints));
    looked.forEach(
        (name, camera) -> findings.addAll(CameraChecks.check(name, camera, wanted, seen)));
    wanted
        .bundle()
        .ifPresent(policy -> findings.addAll(PictureChecks.check(policy, seen.cameras())));
    findings.addAll(ControllerChecks.check(wanted, seen));
  }
}
