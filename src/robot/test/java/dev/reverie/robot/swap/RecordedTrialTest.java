package dev.reverie.robot.swap;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.reverie.arm.PlanarArm;
import dev.reverie.msgs.Stamps;
import dev.reverie.msgs.reverie.Command;
import dev.reverie.msgs.sensor_msgs.Image;
import dev.reverie.msgs.std_msgs.Header;
import dev.reverie.policy.BundleException;
import dev.reverie.policy.BundleSpec;
import dev.reverie.policy.PolicyBundle;
import dev.reverie.robot.TestBundles;
import dev.reverie.robot.setup.Execution;
import dev.reverie.robot.setup.SwapParameters;
import dev.reverie.robot.swap.Trial.Answer;
import dev.reverie.robot.swap.Trial.Question;
import dev.reverie.robot.swap.Trial.Terms;
import dev.reverie.rollout.CameraImage;
import dev.reverie.rollout.EpisodeHead;
import dev.reverie.rollout.EpisodeOutcome;
import dev.reverie.rollout.EpisodeWriter;
import dev.reverie.rollout.JointNames;
import dev.reverie.rollout.RolloutTopic;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A policy is tried at recorded episodes before it goes live. */
class RecordedTrialTest {
  private static final long PERIOD = 100_000_000L;
  private static final int TICKS = 6;
  private static final String INSTRUCTION = "insert the peg into the red slot";
  private static final double[] POSE = PlanarArm.inverse(0.4, 0.43);

  @TempDir Path folder;

  /** Records an arm that stays where it is. */
  private Path record(String name, List<String> joints, String configuration) {
    return record(name, joints, configuration, "");
  }

  private Path record(String name, List<String> joints, String configuration, String urdf) {
    return record(name, joints, configuration, urdf, 0);
  }

  /**
   * Records an arm that stays where it is.
   *
   * @param broken tick whose picture is none; 0: each is one
   */
  private Path record(
      String name, List<String> joints, String configuration, String urdf, int broken) {
    var head =
        new EpisodeHead(
            name, INSTRUCTION, Command.POLICY, "0".repeat(64), 0, 1, joints, "world", PERIOD);
    var picture =
        new CameraImage(
            TestBundles.PIXELS,
            TestBundles.PIXELS,
            new byte[3 * TestBundles.PIXELS * TestBundles.PIXELS]);
    Path rollouts = folder.resolve("rollouts");
    try (var episode = EpisodeWriter.begin(rollouts, head, PERIOD, configuration)) {
      if (!urdf.isEmpty()) {
        episode.write(
            RolloutTopic.ROBOT_DESCRIPTION, PERIOD, new dev.reverie.msgs.std_msgs.String(urdf));
      }
      for (int t = 1; t <= TICKS + 1; t++) {
        episode.observe(t * PERIOD, POSE, t == broken ? Map.of() : Map.of("camera", picture));
        if (t == broken) {
          episode.write(RolloutTopic.images("camera"), t * PERIOD, noPicture(t * PERIOD));
        }
        if (t <= TICKS) {
          if (t % TestBundles.HORIZON == 1) {
            episode.chunk(t * PERIOD, TestBundles.HORIZON, new float[2 * TestBundles.HORIZON]);
          }
          episode.step(t * PERIOD, POSE, POSE);
        }
      }
      long end = (TICKS + 1) * PERIOD;
      episode.end(new EpisodeOutcome(EpisodeOutcome.Kind.SUCCESS, end, "test", ""), end);
      return episode.bag();
    }
  }

  private static Image noPicture(long stamp) {
    return new Image()
        .withHeader(new Header(Stamps.time(stamp), "camera"))
        .withEncoding("of nobody");
  }

  private Path record(String name) {
    return record(name, PlanarArm.JOINTS, "{}");
  }

  private Answer replay(PolicyBundle policy, ReplayAsked asked, String urdf) {
    Path saved = folder.resolve("bundle");
    policy.save(saved);
    var replay =
        new ReplayTerms(
            asked, folder.resolve("rollouts").toString(), "", urdf, JointNames.SAME, 0.1, true, 0);
    var terms =
        new Terms(
            saved.toString(),
            "",
            "",
            policy.spec().task().json(),
            List.of(),
            "",
            new PolicyRuntime(1, Execution.CPU, true),
            Map.of(),
            replay);
    try (var trials = new Trials(SwapParameters.DEFAULT)) {
      return trials.run(new Question(terms, List.of()), () -> true, answer -> {});
    } catch (BundleException e) {
      return Answer.refused(String.valueOf(e.getMessage()));
    }
  }

  private static ReplayAsked at(Path... bags) {
    return new ReplayAsked(List.of(bags).stream().map(Path::toString).toList(), 0, 0.2, 0.05);
  }

  private static void refused(Answer answer, String... words) {
    assertEquals(PolicyState.REFUSED, answer.state(), answer.text());
    for (String word : words) {
      assertTrue(answer.text().contains(word), answer.text());
    }
  }

  @Test
  void aPolicyThatDoesWhatWasRecordedPassesWithItsFigures() {
    PolicyBundle still = TestBundles.bundle(TestBundles.spec(), 0, 0);
    Answer answer = replay(still, at(record("one"), record("two")), PlanarArm.xml());
    assertEquals(PolicyState.REPLAYED, answer.state(), answer.text());
    assertEquals(still.id(), answer.id());
    assertEquals(2, answer.replayed().episodes());
    assertEquals(2 * TICKS, answer.replayed().ticks());
    assertEquals(0, answer.replayed().limited());
    assertEquals(0, answer.replayed().difference(), 1e-3);
  }

  @Test
  void aPolicyThatGoesElsewhereIsRefusedWithTheJointAndTheTick() {
    PolicyBundle wild = TestBundles.bundle(TestBundles.spec(), 1, 1);
    Answer answer = replay(wild, at(record("one")), PlanarArm.xml());
    refused(answer, "0.05 is allowed", "replay_max_difference", "episode one, tick");
    assertTrue(answer.replayed().difference() > 0.05, answer.text());
  }

  @Test
  void aPolicyThatTheGateLimitsTooOftenIsRefused() {
    String slow = PlanarArm.xml().replace("velocity=\"8\"", "velocity=\"0.01\"");
    PolicyBundle wild = TestBundles.bundle(TestBundles.spec(), 1, 1);
    Answer answer = replay(wild, at(record("one")), slow);
    refused(answer, "would limit 6 of 6 ticks", "share of 1.000", "replay_max_limited");
    assertEquals(TICKS, answer.replayed().limited());
  }

  @Test
  void episodesOfAnotherArmAndFoldersWithoutAnyAreRefused() throws IOException {
    PolicyBundle still = TestBundles.bundle(TestBundles.spec(), 0, 0);
    Path other = record("other", List.of("pan", "lift", "wrist"), "{}");
    refused(
        replay(still, at(other), PlanarArm.xml()),
        "is of another arm",
        "[pan, lift, wrist]",
        "name episodes of this arm");
    Path empty = Files.createDirectory(folder.resolve("empty"));
    PolicyBundle again = TestBundles.bundle(TestBundles.spec(), 0.1, 0);
    deleteBundle();
    refused(replay(again, at(empty), PlanarArm.xml()), "no episode in", "empty");
  }

  @Test
  void anArmOfTheSameNamesWithAnotherSkeletonIsAnotherArm() {
    PolicyBundle still = TestBundles.bundle(TestBundles.spec(), 0, 0);
    String longer = PlanarArm.xml().replaceFirst("0\\.42 0 0", "0.47 0 0");
    assertNotEquals(PlanarArm.xml(), longer);
    Path other = record("longer", PlanarArm.JOINTS, "{}", longer);
    refused(
        replay(still, at(other), PlanarArm.xml()),
        "is of another arm",
        "its URDF, whose joints are",
        "within 5 mm and 0.02 rad");
  }

  @Test
  void anEpisodeOfTheSameSkeletonPasses() {
    PolicyBundle still = TestBundles.bundle(TestBundles.spec(), 0, 0);
    Path same = record("same", PlanarArm.JOINTS, "{}", PlanarArm.xml());
    Answer answer = replay(still, at(same), PlanarArm.xml());
    assertEquals(PolicyState.REPLAYED, answer.state(), answer.text());
  }

  @Test
  void aJointThatIsOddAndThatNobodyUsesIsNoOtherArm() {
    String odd =
        PlanarArm.xml()
            .replace(
                "</robot>",
                """
                <link name="odd"/>
                <joint name="odd" type="continuous">
                  <parent link="world"/><child link="odd"/><axis xyz="0 0 0"/>
                </joint></robot>
                """);
    PolicyBundle still = TestBundles.bundle(TestBundles.spec(), 0, 0);
    Answer answer = replay(still, at(record("odd", PlanarArm.JOINTS, "{}", odd)), odd);
    assertEquals(PolicyState.REPLAYED, answer.state(), answer.text());
  }

  @Test
  void aPolicyThatSeesNothingIsTriedToo() {
    BundleSpec seeing = TestBundles.spec();
    var blind =
        new BundleSpec(
            List.of(),
            seeing.jointNames(),
            seeing.actionSpace(),
            seeing.chunk(),
            seeing.head(),
            seeing.language(),
            List.of(),
            BundleSpec.Lineage.NONE);
    Answer answer = replay(TestBundles.bundle(blind, 0, 0), at(record("one")), PlanarArm.xml());
    assertEquals(PolicyState.REPLAYED, answer.state(), answer.text());
    assertEquals(TICKS, answer.replayed().ticks());
  }

  @Test
  void anEpisodeWithAPictureThatIsNoneIsPassedOverAmongTheLastAndRefusedWhereItIsNamed()
      throws IOException {
    PolicyBundle still = TestBundles.bundle(TestBundles.spec(), 0, 0);
    var _ = record("1");
    Path broken = record("2", PlanarArm.JOINTS, "{}", "", 5);
    Answer answer = replay(still, new ReplayAsked(List.of(), 1, 0.2, 0.05), PlanarArm.xml());
    assertEquals(PolicyState.REPLAYED, answer.state(), answer.text());
    assertEquals(1, answer.replayed().episodes());
    assertEquals(TICKS, answer.replayed().ticks());
    deleteBundle();
    refused(
        replay(still, at(broken), PlanarArm.xml()),
        "it cannot be replayed",
        "of nobody",
        "name episodes of this arm");
  }

  @Test
  void theLastEpisodesOfTheNodeAreThoseOfThisArmThatCanBeUsed() throws IOException {
    PolicyBundle still = TestBundles.bundle(TestBundles.spec(), 0, 0);
    var lastTwo = new ReplayAsked(List.of(), 2, 0.2, 0.05);
    Path other = record("4", List.of("pan", "lift", "wrist"), "{}");
    refused(replay(still, lastTwo, PlanarArm.xml()), "rollouts_dir", "is of another arm");
    for (String name : List.of("1", "2", "3")) {
      var _ = record(name);
    }
    assertTrue(Files.isDirectory(other));
    deleteBundle();
    Answer answer = replay(still, lastTwo, PlanarArm.xml());
    assertEquals(PolicyState.REPLAYED, answer.state(), answer.text());
    assertEquals(2, answer.replayed().episodes());
  }

  private void deleteBundle() throws IOException {
    try (var files = Files.list(folder.resolve("bundle"))) {
      for (Path file : files.toList()) {
        Files.delete(file);
      }
    }
    Files.delete(folder.resolve("bundle"));
  }
}
