package dev.reverie.doctor;

import dev.reverie.arm.ArmException;
import dev.reverie.arm.ArmFile;
import dev.reverie.arm.ArmModel;
import dev.reverie.arm.JointBounds;
import dev.reverie.arm.Topics;
import dev.reverie.arm.Urdf;
import dev.reverie.arm.UrdfFile;
import dev.reverie.rcljava.Context;
import dev.reverie.rcljava.ProgramArguments;
import dev.reverie.rcljava.RclException;
import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** {@code reverie arm}: writes an arm file from what is there, and checks one. */
@Command(
    name = "arm",
    description = "Writes an arm file from the running ROS graph, and checks one.",
    mixinStandardHelpOptions = true,
    synopsisSubcommandLabel = "COMMAND")
public final class ArmCommand {
  private final String[] rosArguments;

  @Spec private CommandSpec spec;

  private ArmCommand(String... rosArguments) {
    this.rosArguments = rosArguments.clone();
  }

  static CommandLine commandLine(String... rosArguments) {
    CommandLine commandLine = new CommandLine(new ArmCommand(rosArguments));
    commandLine.setExecutionExceptionHandler(
        (e, command, result) -> {
          if (e instanceof ArmException
              || e instanceof RclException
              || e instanceof IllegalArgumentException
              || e instanceof IOException) {
            command
                .getErr()
                .println("reverie arm: " + (e instanceof IOException ? e : e.getMessage()));
            return CommandLine.ExitCode.SOFTWARE;
          }
          throw e;
        });
    return commandLine;
  }

  public static void main(String[] args) {
    System.exit(ProgramArguments.of(args).run(ros -> commandLine(ros)::execute));
  }

  @Command(
      description = "Writes an arm file from what is there of an arm; moves nothing, asks nothing.",
      mixinStandardHelpOptions = true)
  int init(
      @Option(
              names = "--out",
              paramLabel = "FILE",
              defaultValue = "arm.yaml",
              description = "Arm file to write; the URDF goes beside it (${DEFAULT-VALUE}).")
          Path out,
      @Option(names = "--force", description = "Replaces a file that is there.") boolean force,
      @Option(
              names = "--name",
              defaultValue = "",
              description = "Of the arm (default: of its URDF).")
          String name,
      @Option(
              names = "--controller",
              paramLabel = "TOPIC",
              defaultValue = "",
              description =
                  "Topic or action of the commands (default: of the controller that moves most"
                      + " joints).")
          String controller,
      @Option(
              names = "--joints",
              paramLabel = "NAME",
              split = ",",
              description = "Joints that are commanded (default: the controller's).")
          @Nullable List<String> joints,
      @Option(
              names = "--joint-states",
              paramLabel = "TOPIC",
              split = ",",
              description = "Topics of joint states (default: as few as tell all joints).")
          @Nullable List<String> jointStates,
      @Option(
              names = "--camera",
              paramLabel = "NAME=TOPIC",
              description = "A camera; repeat for several (default: all that show colours).")
          @Nullable Map<String, String> cameras,
      @Option(
              names = "--policy-camera",
              paramLabel = "NAME",
              description = "A camera that a policy sees; repeat for several (default: one).")
          @Nullable List<String> policyCameras,
      @Option(
              names = "--period",
              paramLabel = "S",
              defaultValue = "0",
              description = "Seconds between actions (default: 0.1, more for a slow camera).")
          double periodS,
      @Option(
              names = "--seconds",
              paramLabel = "N",
              defaultValue = "3",
              description = "How long to listen (${DEFAULT-VALUE}).")
          double seconds)
      throws InterruptedException {
    ArmFiles files = ArmFiles.of(out, force);
    if (!(seconds > 0 && seconds <= 600)) {
      throw new IllegalArgumentException(
          "--seconds is %s; give more than 0, at most 600".formatted(seconds));
    }
    if (periodS != 0 && !(periodS >= ArmFile.Action.MIN_PERIOD_S && periodS <= 10)) {
      throw new IllegalArgumentException(
          "--period is %s; give %s to 10 s, or leave it out"
              .formatted(periodS, ArmFile.Action.MIN_PERIOD_S));
    }
    Topics.requireName("--controller", controller);
    for (String topic : jointStates == null ? List.<String>of() : jointStates) {
      Topics.requireName("--joint-states", topic);
    }
    if (cameras != null) {
      cameras.forEach((camera, topic) -> Topics.requireName("--camera " + camera, topic));
    }
    Seen seen;
    try (Context context = Context.init(rosArguments);
        Listening listening = new Listening(context)) {
      seen = listen(listening, seconds);
    }
    Optional<String> text = seen.descriptions().stream().findFirst();
    String urdfName = String.valueOf(files.urdf().getFileName());
    var said =
        new ArmProposal.Said(
            name,
            controller,
            joints == null ? List.of() : joints,
            jointStates == null ? List.of() : jointStates,
            cameras == null ? Map.of() : new LinkedHashMap<>(cameras),
            policyCameras == null ? Set.of() : Set.copyOf(policyCameras),
            periodS);
    ArmProposal proposal = ArmProposal.of(seen, text.map(Urdf::parse), urdfName, said);
    files.write(
        "# Made by ./reverie arm init from what was there; every key: docs/format-arm.md\n"
            + proposal.arm().yaml(),
        text);
    return told(out, proposal, text);
  }

  private static Seen listen(Listening listening, double seconds) throws InterruptedException {
    listening.await(
        List.of(listening.resolve("joint_states"), listening.resolve("robot_description")));
    listening.awaitMore();
    Wanted wanted =
        Wanted.of(Optional.empty(), Optional.empty(), listening::resolve)
            .withJointStates(listening.jointStates());
    return listening.listen(wanted, listening.cameras(), seconds);
  }

  private int told(Path out, ArmProposal proposal, Optional<String> urdf) {
    PrintWriter print = spec.commandLine().getOut();
    print.println("found");
    proposal.found().forEach(line -> print.println("  " + line));
    print.println("assumed");
    proposal.assumed().forEach(line -> print.println("  " + line));
    print.printf("%s is written%n", out);
    int status = CommandLine.ExitCode.OK;
    if (urdf.isPresent()) {
      try {
        model(urdf.get(), proposal.arm());
      } catch (ArmException e) {
        print.println("to be repaired in it: " + e.getMessage());
        status = CommandLine.ExitCode.SOFTWARE;
      }
    }
    print.printf("next: ./reverie arm check %s, then ./reverie doctor --arm %s%n", out, out);
    print.flush();
    return status;
  }

  private static ArmModel model(String urdf, ArmFile arm) {
    return ArmModel.of(urdf, arm, arm.action().periodS(), StampChecks.MAX_AGE_S);
  }

  @Command(
      description = "Checks an arm file, and whether its URDF has what it names.",
      mixinStandardHelpOptions = true)
  int check(
      @Parameters(paramLabel = "FILE", description = "The arm file.") Path file,
      @Option(
              names = "--urdf",
              paramLabel = "FILE",
              description = "The arm's URDF (default: description.urdf of the arm file).")
          @Nullable Path urdf)
      throws IOException {
    ArmFile arm = ArmFile.read(file);
    PrintWriter print = spec.commandLine().getOut();
    print.printf(
        "%s: arm '%s', %d joints, cameras %s of which a policy sees %s, an action every %s s%n",
        file,
        arm.name(),
        arm.joints().size(),
        arm.cameras().keySet(),
        arm.task().cameraNames(),
        arm.action().periodS());
    List<String> notices = new ArrayList<>();
    ArmFileChecks.check(arm)
        .forEach(notice -> notices.add(notice.value() + "; " + notice.remedy()));
    boolean whole = checkUrdf(urdf == null ? arm : arm.withUrdf(urdf), print, notices);
    notices.forEach(notice -> print.println("  notice: " + notice));
    print.println(
        (whole ? "it is sound" : "the arm file is sound, as far as it goes without its URDF")
            + (notices.isEmpty() ? "" : "; what is not as it may be meant stands above"));
    print.flush();
    return CommandLine.ExitCode.OK;
  }

  /** Returns whether there was a URDF to hold the arm file against, which has what it names. */
  private static boolean checkUrdf(ArmFile arm, PrintWriter print, List<String> notices) {
    String file = arm.description().urdf();
    if (file.isEmpty()) {
      print.printf(
          "its URDF comes on the topic %s and was not looked at; give --urdf FILE%n",
          arm.description().topic());
      return false;
    }
    ArmModel model = model(UrdfFile.readSound(Path.of(file)), arm);
    for (JointBounds joint : model.joints().joints()) {
      print.printf("  %s: %s%n", joint.joint(), DescriptionChecks.limits(joint));
    }
    notices.addAll(model.notices());
    return true;
  }
}
