package dev.reverie.importer;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.reverie.policy.Task;
import dev.reverie.rollout.Alignment;
import dev.reverie.rollout.AtomicFolder;
import dev.reverie.rollout.Episode;
import dev.reverie.rollout.EpisodeOutcome;
import dev.reverie.rollout.EpisodeReader;
import dev.reverie.rollout.PictureDecoder;
import dev.reverie.rollout.Rollouts;
import dev.reverie.rollout.Step;
import dev.reverie.testing.Prepared;
import dev.reverie.testing.Python;
import dev.reverie.testing.Refusal;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Bags that another recorder made, imported with the files of docs/import.md. */
@Prepared
class BagImportTest {
  private static final Path ROOT = Path.of(System.getProperty("reverie.root", "../.."));

  private final Path folder;
  private final List<String> told = new ArrayList<>();

  BagImportTest(@TempDir Path folder) throws IOException {
    this.folder = folder;
    Matcher blocks =
        Pattern.compile("(?s)`(\\w+\\.yaml)`[^`]*```yaml\n(.*?)```")
            .matcher(Files.readString(ROOT.resolve("docs/import.md")));
    while (blocks.find()) {
      Files.writeString(folder.resolve(blocks.group(1)), blocks.group(2));
    }
    Files.copy(ROOT.resolve("src/arm/test/resources/planar_arm.urdf"), folder.resolve("arm.urdf"));
  }

  private Path bag(String options) throws Exception {
    Path bag = folder.resolve("bag");
    Python.run("importer/test/python/write_bag.py", bag, options);
    return bag;
  }

  /** Changes the mapping, of which what is replaced must be there. */
  private void change(String from, String to) throws IOException {
    Path mapping = folder.resolve("mapping.yaml");
    String before = Files.readString(mapping);
    assertTrue(before.contains(from), before);
    Files.writeString(mapping, before.replace(from, to));
  }

  private BagImport.Result run(Path bag) {
    return new BagImport(Mapping.read(folder.resolve("mapping.yaml")))
        .run(List.of(bag), folder.resolve("rollouts"), told::add);
  }

  private List<Episode> episodes() {
    return Rollouts.bags(folder.resolve("rollouts")).stream()
        .map(b -> Episode.read(b, Alignment.DEFAULT, PictureDecoder.ofJdk()))
        .toList();
  }

  private void assertRefused(Path bag, String... words) {
    Refusal.of(ImportException.class, () -> run(bag), words);
    assertTrue(Files.notExists(folder.resolve("rollouts")));
  }

  @Test
  void theExampleOfThePageBecomesEpisodes() throws Exception {
    BagImport.Result result = run(bag("{}"));
    assertEquals(new BagImport.Result(2, 40, 0), result);
    assertEquals(List.of(), told);
    List<Episode> episodes = episodes();
    assertEquals(
        List.of(EpisodeOutcome.Kind.SUCCESS, EpisodeOutcome.Kind.FAILURE),
        episodes.stream().map(e -> e.outcome().kind()).toList());
    for (Episode episode : episodes) {
      assertEquals("put it down", episode.instruction());
      assertEquals(List.of("front"), episode.cameras()); // which the policy sees, as the arm says
      assertEquals(List.of("shoulder", "elbow", "wrist"), episode.jointNames());
      assertEquals(List.of(), episode.gaps());
      assertEquals(20, episode.steps().size());
      for (int t = 0; t < 20; t++) {
        Step step = episode.steps().get(t);
        double[] measured = {-2 + 0.01 * t, 1 + 0.01 * t, 0.01 * t};
        double[] target = {-1.99 + 0.01 * t, 1.01 + 0.01 * t, 0.01 + 0.01 * t};
        assertArrayEquals(measured, step.jointPositions(), 1e-9);
        assertArrayEquals(target, step.command().positions(), 1e-9);
        assertArrayEquals(new float[] {0.05f, 0.05f, 0.05f}, step.action(), 1e-5f);
        byte[] front = Objects.requireNonNull(step.images().get("front")).rgb();
        assertEquals((byte) (4 * 3 * t), front[0]);
      }
    }
    for (Path bag : Rollouts.bags(folder.resolve("rollouts"))) {
      assertEquals(List.of(), Rollouts.verify(bag));
      Episode other =
          EpisodeReader.open(bag, Alignment.DEFAULT, PictureDecoder.ofJdk())
              .read("wrist", picture -> picture);
      for (Step step : other.steps()) {
        assertEquals(16, Objects.requireNonNull(step.images().get("wrist")).width());
      }
      List<String> others = Python.run("mcap/test/python/read_bag.py", bag);
      assertTrue(others.stream().anyMatch(l -> l.startsWith("topic\t/robot_description")));
    }
  }

  @Test
  void theRolloutsTellWhatAPolicyOfTheArmSeesAndMoves() throws Exception {
    run(bag("{}"));
    Task task = Mapping.read(folder.resolve("mapping.yaml")).arm().task();
    for (Path bag : Rollouts.bags(folder.resolve("rollouts"))) {
      EpisodeReader reader = EpisodeReader.open(bag, Alignment.DEFAULT);
      assertEquals(Optional.of(task), Task.recorded(reader.configuration(), bag));
      assertEquals(Set.of("front", "wrist"), reader.namedCameras().keySet());
    }
  }

  @Test
  void rowsOfNumbersAndLeadersCommandToo() throws Exception {
    change(
        "  names: {Joint1: shoulder, Joint2: elbow, Joint3: wrist}\nrobot",
        "  joints: [wrist, elbow, shoulder]\nrobot");
    run(bag("{\"commands\": \"array\"}"));
    double[] target = {-1.99, 1.01, 0.01};
    assertArrayEquals(target, episodes().getFirst().steps().getFirst().command().positions(), 1e-9);
  }

  @Test
  void aLeaderArmCommands() throws Exception {
    run(bag("{\"commands\": \"leader\"}"));
    double[] target = {-1.99, 1.01, 0.01};
    assertArrayEquals(target, episodes().getFirst().steps().getFirst().command().positions(), 1e-9);
  }

  @Test
  void episodesAreCutByGapsByFilesOrNotAtAll() throws Exception {
    Path bag = bag("{}");
    change("episodes: {topic: /recording}", "episodes: {gap_s: 0.5}");
    assertEquals(2, run(bag).episodes());
    removeRollouts();
    change("episodes: {gap_s: 0.5}", "episodes: {file: times.txt}");
    Files.writeString(folder.resolve("times.txt"), "# seconds\n0.5, 1.5\n3.2 4.2 failure\n");
    BagImport.Result result = run(bag);
    assertEquals(2, result.episodes());
    assertTrue(result.steps() >= 18 && result.steps() <= 20, result.toString());
    assertEquals(EpisodeOutcome.Kind.FAILURE, episodes().getLast().outcome().kind());
    removeRollouts();
    for (String line : List.of("2 1", "0 Infinity", "0 1e300", "0 NaN", "0 1 perhaps")) {
      Files.writeString(folder.resolve("times.txt"), line);
      assertRefused(bag, "times.txt, line 1 is '" + line, "give 'BEGIN END' in seconds");
    }
    change("episodes: {file: times.txt}", "episodes: whole");
    assertEquals(1, run(bag).episodes());
    assertEquals(2, episodes().getFirst().pieces().size()); // nothing was seen between the two
  }

  private void removeRollouts() throws IOException {
    AtomicFolder.delete(folder.resolve("rollouts"));
  }

  @Test
  void aMappingThatIsNoUtf8OrHasNumbersThatAreNoneIsToldSo() throws Exception {
    Path file = folder.resolve("mapping.yaml");
    Files.write(file, new byte[] {'a', ':', ' ', (byte) 0xf6});
    Refusal.of(
        ImportException.class, () -> Mapping.read(file), "mapping.yaml is no text in UTF-8; save");
    Files.writeString(file, "episodes:\n  gap_s: .inf\n");
    Refusal.of(
        ImportException.class,
        () -> Mapping.read(file),
        "none as 'episodes.gap_s' in line 2: .inf; give");
  }

  @Test
  void aTickWithoutItsPictureCostsItsStep() throws Exception {
    run(bag("{\"lost_images\": [14, 15, 16]}"));
    Episode episode = episodes().getFirst();
    assertEquals(18, episode.steps().size());
    assertEquals(2, episode.pieces().size());
  }

  @Test
  void stampsThatCannotBeBelievedAreToldAndTheBagsTimesTaken() throws Exception {
    assertEquals(40, run(bag("{\"zero_stamps\": true}")).steps());
    assertTrue(told.toString().contains("stamps of /front/image_raw are zero"), told.toString());
    removeRollouts();
    removeBag();
    told.clear();
    assertEquals(40, run(bag("{\"fall_back\": true}")).steps());
    assertTrue(
        told.toString().contains("stamps of /joint_states fall back by 2.0"), told.toString());
  }

  private void removeBag() throws IOException {
    AtomicFolder.delete(folder.resolve("bag"));
  }

  @Test
  void messagesWithoutStampsArePutIntoTheClockOfTheOthers() throws Exception {
    assertEquals(40, run(bag("{\"clock_lead\": 100000000000}")).steps());
    assertEquals(List.of(), told);
    double[] target = {-1.99, 1.01, 0.01};
    assertArrayEquals(target, episodes().getFirst().steps().getFirst().command().positions(), 1e-9);
  }

  @Test
  void whatABagLacksIsNamedWithTheNearest() throws Exception {
    Path bag = bag("{\"leave_out\": [\"/success\"]}");
    change("/front/image_raw", "/front/image");
    assertRefused(
        bag,
        bag.toString(),
        "mapping.yaml",
        "cameras: front: there is no topic '/front/image'",
        "'/front/image_raw'",
        "no topic '/success'");
    change("/front/image", "/tas");
    assertRefused(
        bag,
        "cameras: front: there is no topic '/tas'; of those of such a type the nearest are"
            + " '/front/image_raw', '/hand_camera/compressed'");
    change("/tas", "/front/image");
    change("/front/image", "/task");
    assertRefused(bag, "topic '/task' is a std_msgs/msg/String", "sensor_msgs/msg/Image");
  }

  @Test
  void jointsThatNobodyTellsAreNamed() throws Exception {
    Path bag = bag("{}");
    change(
        "  topics: [/joint_states]\n  names: {Joint1: shoulder, Joint2: elbow, Joint3: wrist}",
        "  topics: [/joint_states]");
    assertRefused(bag, "tells the joints [shoulder, elbow, wrist]", "Joint1", "names:");
  }

  @Test
  void aJointOfAnotherArmThatHasTheOwnNameIsLeftOut() throws Exception {
    Path arm = folder.resolve("arm.yaml");
    Files.writeString(arm, Files.readString(arm).replace("wrist]", "finger]"));
    Path urdf = folder.resolve("arm.urdf");
    Files.writeString(urdf, Files.readString(urdf).replace("\"wrist\"", "\"finger\""));
    change("Joint3: wrist}\ncommands", "Joint3: finger}\ncommands"); // there is a 'finger' too
    change("Joint3: wrist}\nrobot", "Joint3: finger}\nrobot");
    run(bag("{}"));
    assertMeasuredAndSent();
  }

  @Test
  void commandsThatMoveNothingAreNamed() throws Exception {
    Path bag = bag("{}");
    change("  names: {Joint1: shoulder, Joint2: elbow, Joint3: wrist}\nrobot", "robot");
    assertRefused(bag, "sends one of the joints", "[Joint1, Joint2, Joint3]");
  }

  @Test
  void degreesAreSaidAndNotTakenForRadians() throws Exception {
    Path bag = bag("{\"degrees\": true}");
    assertRefused(bag, "no joint's angle", "unit: deg");
    change("arm: arm.yaml", "arm: arm.yaml\nunit: deg");
    assertEquals(40, run(bag).steps());
    assertEquals(-2, episodes().getFirst().steps().getFirst().jointPositions()[0], 1e-9);
  }

  private void assertMeasuredAndSent() {
    Step first = episodes().getFirst().steps().getFirst();
    assertArrayEquals(new double[] {-2, 1, 0}, first.jointPositions(), 1e-9);
    assertArrayEquals(new double[] {-1.99, 1.01, 0.01}, first.command().positions(), 1e-9);
  }

  @Test
  void aJointMayHaveAnotherUnitThanTheOthers() throws Exception {
    String degrees = "57.29577951308232";
    String scales = "[%s, %s, 50]".formatted(degrees, degrees);
    Path bag = bag("{\"scales\": %s, \"command_scales\": %s}".formatted(scales, scales));
    assertRefused(bag, "joints: 'shoulder' is at -114.6", "units: {shoulder: UNIT}", "unit: deg");
    change("arm: arm.yaml", "arm: arm.yaml\nunit: deg\nunits: {wrist: 0..100:0..2}");
    assertEquals(40, run(bag).steps());
    assertMeasuredAndSent();
    removeRollouts();
    change("0..100:0..2", "1..100:0..2");
    assertRefused(
        bag,
        "joints: 'wrist' is at 0.000, which is no number of 1..100:0..2",
        "units: {wrist: UNIT}");
  }

  @Test
  void commandsMayHaveOtherUnitsThanMeasurements() throws Exception {
    Path bag = bag("{\"command_scales\": [1, -1, 500]}");
    assertRefused(bag, "commands on /controller/joint_trajectory: 'wrist' is at", "units: {wrist");
    change(
        "wrist}\nrobot", "wrist}\n  units: {wrist: 0..200:0..0.4, elbow: -10..10:10..-10}\nrobot");
    assertEquals(40, run(bag).steps());
    assertMeasuredAndSent();
  }

  @Test
  void aJointThatPushesHasNoDegreesAndOneThatTurnsNoMetres() throws Exception {
    Path bag = bag("{}");
    Path urdf = folder.resolve("arm.urdf");
    String before = Files.readString(urdf);
    Files.writeString(
        urdf, before.replaceFirst("(name=\"wrist\" type=)\"\\w+\"", "$1\"prismatic\""));
    assertTrue(Files.readString(urdf).contains("\"wrist\" type=\"prismatic\""), before);
    change("arm: arm.yaml", "arm: arm.yaml\nunits: {wrist: deg}");
    assertRefused(bag, "mapping.yaml: 'wrist' is in deg", "it pushes", "units: {wrist: m}");
    change("wrist: deg", "wrist: m");
    assertEquals(40, run(bag).steps());
    assertMeasuredAndSent();
    removeRollouts();
    change("{wrist: m}", "{elbow: m}");
    assertRefused(bag, "'elbow' is in m", "it turns", "units: {elbow: rad}");
  }

  @Test
  void actionsBeyondTheSpaceAreCountedAndTold() throws Exception {
    Path arm = folder.resolve("arm.yaml");
    Files.writeString(arm, Files.readString(arm).replace("0.2, 0.2, 0.2", "0.2, 0.2, 0.005"));
    assertEquals(40, run(bag("{}")).limited());
    assertTrue(told.getFirst().contains("beyond the action space of planar"), told.toString());
  }

  @Test
  void everyWrongKeyIsNamedWithItsPlace() throws Exception {
    for (String[] wrong :
        new String[][] {
          {"arm: arm.yaml", "arm: other.yaml", "no arm file"},
          {"arm: arm.yaml", "arm: arm.yaml\narms: x", "unknown key 'arms'", "'arm'"},
          {"arm: arm.yaml\n", "", "has no 'arm'; give one, such as 'arm: arm.yaml'"},
          {"  front: /front/image_raw\n", "", "has no 'front', which the policy", "'wrist'"},
          {"/front/image_raw", "3", "cameras: front", "is 3"},
          {"{topic: /hand_camera/compressed}", "{topik: /x}", "cameras: wrist", "'topik'"},
          {"topics: [/joint_states]", "topics: []", "joints: topics", "is empty"},
          {
            "Joint3: wrist}\ncommands", "Joint3: wirst}\ncommands", "'wirst' is no joint", "'wrist'"
          },
          {"Joint3: wrist}\ncommands", "Joint3: elbow}\ncommands", "names: has 'elbow' twice"},
          {
            "topic: /controller",
            "topi: /controller",
            "commands",
            "unknown key 'topi'; the nearest are 'topic',"
          },
          {"{file: arm.urdf}", "arm.urdf", "robot_description", "give {topic: NAME}"},
          {"{file: arm.urdf}", "{file: none.urdf}", "cannot be read: '", "none.urdf' is not there"},
          {"instruction: {topic: /task}", "instruction: {}", "instruction", "one of them"},
          {"instruction: {topic: /task}\n", "", "has no 'instruction'"},
          {"{topic: /success}", "good", "outcome", "give one of [unlabelled, success, failure"},
          {"{topic: /recording}", "{gap_s: -1}", "episodes: gap_s", "give seconds"},
          {"{topic: /recording}", "each", "episodes", "give whole, {topic: NAME}"},
          {"{topic: /recording}", "{file: no.txt}", "no.txt' is not there; correct episodes:"},
          {"{topic: /recording}", "{topic: /r, gap_s: 1}", "give one of topic, gap_s and file"},
          {"arm: arm.yaml", "arm: arm.yaml\nstamps: mine", "stamps", "[header, received]"},
          {"arm: arm.yaml", "arm: arm.yaml\narm: arm.yaml", "line 2", "key 'arm' twice"},
          {
            "/hand_camera/compressed",
            "/front/image_raw",
            "camera 'front' and camera 'wrist' are both on topic '/front/image_raw'"
          },
          {"arm: arm.yaml", "arm: arm.yaml\nunit: grad", "unit: is", "[rad, deg]"},
          {"arm: arm.yaml", "arm: arm.yaml\nunits: deg", "units: is \"deg\"", "pairs"},
          {"arm: arm.yaml", "arm: arm.yaml\nunits: {wirst: deg}", "'wirst' is no joint", "'wrist'"},
          {"arm: arm.yaml", "arm: arm.yaml\nunits: {wrist: grad}", "units: wrist: is 'grad'; give"},
          {"arm: arm.yaml", "arm: arm.yaml\nunits: {wrist: 100}", "units: wrist: is 100"},
          {"arm: arm.yaml", "arm: arm.yaml\nunits: {wrist: 100..0:0..1}", "is '100..0:0..1'"},
          {"arm: arm.yaml", "arm: arm.yaml\nunits: {wrist: 0..1:1..1}", "is '0..1:1..1'"},
          {"arm: arm.yaml", "arm: arm.yaml\nunits: {wrist: 0..1e999:0..1}", "is '0..1e999:0..1'"},
          {"arm: arm.yaml", "arm: arm.yaml\nunits:", "'units' has no value"},
          {"wrist}\nrobot", "wrist}\n  units: {x: deg}\nrobot", "commands: units: x", "no joint"},
          {"arm: arm.yaml", "arm: [", "line"},
          {"arm: arm.yaml", "arm: arm.yaml\nstamps:", "'stamps' has no value"},
          {"{topic: /success}", "{topic: /success, success: [1]}", "outcome: success: is [1]"},
          {
            "  names: {Joint1: shoulder, Joint2: elbow, Joint3: wrist}\nrobot",
            "  joints: [wrist, wrist]\nrobot",
            "commands: joints: has 'wrist' twice"
          },
          {
            "commands:\n  topic: /controller/joint_trajectory\n  names: {Joint1: shoulder, Joint2: elbow, Joint3: wrist}\n",
            "commands: [/c, /c]\n",
            "commands: has '/c' twice"
          },
        }) {
      Path mapping = folder.resolve("mapping.yaml");
      String before = Files.readString(mapping);
      change(wrong[0], wrong[1]);
      Path bag = folder.resolve("bag");
      if (Files.notExists(bag)) {
        bag("{}");
      }
      String[] words = new String[wrong.length - 2];
      System.arraycopy(wrong, 2, words, 0, words.length);
      assertRefused(bag, words);
      Files.writeString(mapping, before);
    }
    Path list = Files.writeString(folder.resolve("list.yaml"), "- arm: arm.yaml\n");
    Refusal.of(
        ImportException.class,
        () -> Mapping.read(list),
        "list.yaml is a list of 1 entry; it must have keys",
        "docs/import.md");
    Refusal.of(
        ImportException.class,
        () -> Mapping.read(folder.resolve("none.yaml")),
        "there is no mapping",
        "docs/import.md");
    Refusal.of(
        ImportException.class, () -> Mapping.read(folder), "is a folder; give the mapping file");
  }
}
