package dev.reverie.replay;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import dev.reverie.arm.PlanarArm;
import dev.reverie.msgs.Stamps;
import dev.reverie.msgs.reverie.ActionChunk;
import dev.reverie.msgs.reverie.Command;
import dev.reverie.msgs.reverie.Outcome;
import dev.reverie.msgs.sensor_msgs.Image;
import dev.reverie.msgs.sensor_msgs.JointState;
import dev.reverie.msgs.std_msgs.Header;
import dev.reverie.replay.RecordedEpisodes.Copy;
import dev.reverie.robot.TestArm;
import dev.reverie.robot.TestBundles;
import dev.reverie.rollout.BagMessages;
import dev.reverie.rollout.RolloutTopic;
import dev.reverie.rollout.RolloutWriter;
import dev.reverie.testing.Prepared;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.lang.foreign.MemorySegment;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Function;
import java.util.function.UnaryOperator;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import picocli.CommandLine;

/** Bags that are not what a policy was made for: each is named with its reason, others go on. */
@Prepared
class ReplayRefusalTest {
  @TempDir Path folder;

  private final Map<String, String> reasons = new HashMap<>();

  @Test
  void whatDoesNotFitIsRefusedByNameAndTheRestIsReplayed() throws Exception {
    Path bundle = folder.resolve("bundle");
    TestBundles.seeing(TestBundles.spec(), 3).save(bundle);
    Path good =
        RecordedEpisodes.lockStep(bundle, folder.resolve("made"), Outcome.SUCCESS).getFirst();
    Path all = folder.resolve("all of it's 機械, größer");
    spoil(good, all, "whole", UnaryOperator.identity());
    without(good, all, "blind", Image.TYPE.name());
    without(good, all, "numb", JointState.TYPE.name());
    without(good, all, "nameless", dev.reverie.msgs.std_msgs.String.TYPE.name());
    spoil(
        good,
        all,
        "otherjoints",
        copy ->
            copy.with(JointState.TYPE, s -> s.withName(List.of("a", "b", "c")))
                .with(Command.TYPE, c -> c.withJointNames(List.of("a", "b", "c"))));
    RecordedEpisodes.spoilt(
        good,
        all,
        "othercamera",
        copy ->
            Optional.of(
                new Copy(
                    copy.topic().replace("camera/image_raw", "wrist/image_raw"),
                    copy.type(),
                    copy.logNanos(),
                    copy.data())));
    spoil(
        good,
        all,
        "othertype",
        copy ->
            copy.topic().endsWith("/robot_description")
                ? copy.withType(JointState.TYPE.name())
                    .withData(JointState.TYPE.encode(new JointState()))
                : copy);
    spoil(
        good,
        all,
        "othershape",
        copy ->
            copy.with(
                Image.TYPE,
                i -> i.withWidth(8).withHeight(32).withStep(24).withData(new byte[8 * 32 * 3])));
    spoil(
        good,
        all,
        "otherrate",
        copy ->
            copy.with(
                ActionChunk.TYPE, c -> c.withPeriod(Stamps.duration(TestArm.PERIOD_NANOS / 5))));
    spoil(good, all, "otherclock", ReplayRefusalTest::jumpBack);
    addOldJointState(spoil(good, all, "otherjointclock", UnaryOperator.identity()));
    spoil(
        good,
        all,
        "twice",
        copy ->
            copy.with(
                Command.TYPE,
                c -> c.tick() == 5 ? c.withHeader(moved(c.header(), -TestArm.PERIOD_NANOS)) : c));
    truncate(spoil(good, all, "cut", UnaryOperator.identity()));
    Files.write(Files.createDirectories(all.resolve("empty")).resolve("empty_0.mcap"), new byte[0]);
    copyFolder(all.resolve("whole"), all.resolve("wholeagain"));

    JsonNode result =
        ReplayTest.replay(3, folder, "result", all, folder.resolve("nowhere"), "--policy", bundle);
    result
        .at("/refused")
        .forEach(
            one ->
                reasons.put(
                    Path.of(one.at("/bag").asText()).getFileName().toString(),
                    one.at("/reason").asText()));
    assertEquals(1, result.at("/episodes").size(), reasons.toString());
    refused("blind", "no topic of type sensor_msgs/msg/Image");
    refused("numb", "no topic of type sensor_msgs/msg/JointState");
    refused("nameless", "no robot_description");
    refused("otherjoints", "another arm", "'shoulder'", "a policy of that arm");
    refused("othercamera", "no camera 'camera'", "--camera camera=TOPIC");
    refused("othertype", "robot_description", "JointState");
    refused("othershape", "camera");
    refused("otherrate", "0.02 s a tick", "every 0.1 s");
    refused("otherclock", "clock jumped back by 0.400 s");
    refused(
        "otherjointclock", "clock jumps back by 2.000 s on", "/joint_states", "leave the bag out");
    refused("twice", "answer the same observation", "leave the bag out");
    refused("cut", "damaged", "recover");
    refused("empty", "empty_0.mcap");
    refused("wholeagain", "the same episode as", "whole; remove the copy");
    refused("nowhere", "there is no folder");
    assertEquals(15, reasons.size(), reasons.toString());

    ReplayTest.replay(
        0,
        folder,
        "named",
        all.resolve("othercamera"),
        "--policy",
        bundle,
        "--camera",
        "camera=" + cameraTopic(all.resolve("othercamera")));
    ReplayTest.replay(1, folder, "none", all.resolve("cut"), "--policy", bundle);
  }

  @Test
  void aResultThatCouldNotBeWrittenIsRefusedFirst() throws Exception {
    Path file = Files.writeString(folder.resolve("file"), "of somebody");
    String gone = folder.resolve("gone").toString();
    for (String option : List.of("--json", "--html")) {
      for (Path bad : List.of(folder, file.resolve("a"), folder.resolve("gone/a"))) {
        var said = new StringWriter();
        CommandLine line = ReplayCommand.commandLine().setErr(new PrintWriter(said, true));
        assertEquals(1, line.execute(gone, "--policy", gone, option, bad.toString()));
        assertTrue(said.toString().contains(option + " " + bad + ": "), said::toString);
        assertTrue(said.toString().contains("; give a file"), said::toString);
      }
    }
  }

  private static String cameraTopic(Path bag) {
    return BagMessages.open(bag).types().entrySet().stream()
        .filter(e -> e.getValue().equals(Image.TYPE.name()))
        .findFirst()
        .orElseThrow()
        .getKey();
  }

  private void refused(String bag, String... words) {
    String reason = reasons.getOrDefault(bag, "it was not refused");
    for (String word : words) {
      assertTrue(reason.contains(word), bag + ": " + reason);
    }
  }

  private static Path spoil(Path bag, Path folder, String id, UnaryOperator<Copy> change) {
    return RecordedEpisodes.spoilt(bag, folder, id, change.andThen(Optional::of));
  }

  private static void without(Path bag, Path folder, String id, String type) {
    Function<Copy, Optional<Copy>> filter =
        copy -> copy.type().equals(type) ? Optional.empty() : Optional.of(copy);
    RecordedEpisodes.spoilt(bag, folder, id, filter);
  }

  /** Makes every stamp from the sixth tick on half a second earlier. */
  private static Copy jumpBack(Copy copy) {
    return copy.with(JointState.TYPE, s -> s.withHeader(earlier(s.header())))
        .with(Image.TYPE, i -> i.withHeader(earlier(i.header())))
        .with(Command.TYPE, c -> c.withHeader(earlier(c.header())));
  }

  private static Header earlier(Header header) {
    boolean jumped = Stamps.nanos(header.stamp()) >= 16 * TestArm.PERIOD_NANOS;
    return jumped ? moved(header, -500_000_000L) : header;
  }

  private static Header moved(Header header, long nanos) {
    return header.withStamp(Stamps.time(Stamps.nanos(header.stamp()) + nanos));
  }

  /** Nothing that was acted on, but the arm's clock was set back after the last tick. */
  private static void addOldJointState(Path bag) {
    String topic =
        BagMessages.open(bag).types().keySet().stream()
            .filter(name -> name.endsWith("/joint_states"))
            .findFirst()
            .orElseThrow();
    var old =
        new JointState()
            .withHeader(new Header(Stamps.time(TestArm.PERIOD_NANOS), ""))
            .withName(PlanarArm.JOINTS)
            .withPosition(new double[3]);
    long late = Long.MAX_VALUE / 2;
    RolloutWriter.append(
        bag,
        RolloutTopic.inBag(topic, JointState.TYPE, false),
        late,
        late,
        MemorySegment.ofArray(JointState.TYPE.encode(old)));
  }

  private static void truncate(Path bag) throws Exception {
    Path file = bag.resolve(bag.getFileName() + "_0.mcap");
    try (FileChannel channel = FileChannel.open(file, StandardOpenOption.WRITE)) {
      channel.truncate(channel.size() / 8); // within the messages
    }
  }

  private static void copyFolder(Path from, Path to) throws Exception {
    Files.createDirectories(to);
    try (var files = Files.list(from)) {
      for (Path file : files.toList()) {
        Files.copy(file, to.resolve(file.getFileName()));
      }
    }
  }
}
