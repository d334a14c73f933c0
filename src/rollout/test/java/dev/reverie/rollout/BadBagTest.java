package dev.reverie.rollout;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.reverie.mcap.McapCompression;
import dev.reverie.mcap.McapMetadata;
import dev.reverie.mcap.McapOptions;
import dev.reverie.mcap.McapRecovery;
import dev.reverie.mcap.McapWriter;
import dev.reverie.mcap.rosbag2.Rosbag2;
import dev.reverie.mcap.rosbag2.Rosbag2Appender;
import dev.reverie.mcap.rosbag2.Rosbag2Topic;
import dev.reverie.mcap.rosbag2.Rosbag2Writer;
import dev.reverie.msgs.CdrReader;
import dev.reverie.msgs.CdrWriter;
import dev.reverie.msgs.MessageType;
import dev.reverie.msgs.reverie.Command;
import dev.reverie.msgs.reverie.Episode;
import dev.reverie.msgs.sensor_msgs.Image;
import dev.reverie.msgs.sensor_msgs.JointState;
import dev.reverie.msgs.std_msgs.Bool;
import dev.reverie.rollout.EpisodeOutcome.Kind;
import dev.reverie.testing.Refusal;
import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Bags with something wrong, which is told with the bag's name, the value and what helps. */
class BadBagTest {
  private final Path folder;

  BadBagTest(@TempDir Path folder) {
    this.folder = folder;
  }

  /** A type that passes itself off as another. */
  private record Disguised<T>(MessageType<T> real, String name, String definition)
      implements MessageType<T> {
    @Override
    public T read(CdrReader in) {
      return real.read(in);
    }

    @Override
    public void write(T message, CdrWriter out) {
      real.write(message, out);
    }
  }

  private static <T> MessageType<T> disguised(MessageType<T> real, MessageType<?> as) {
    return new Disguised<>(real, as.name(), as.definition());
  }

  @Test
  void aTypeOfAnotherVersionIsRefused() {
    RecordedArm arm = new RecordedArm(folder, "one", 8);
    try (arm) {
      arm.begin();
      arm.observe(0);
      MessageType<Command> other =
          new Disguised<>(Command.TYPE, Command.TYPE.name(), "int32 something_else\n");
      arm.write("/robot/command", other, new Command(), RecordedArm.stamp(0));
    }
    assertRefused(
        arm.bag(),
        "was recorded with another definition of reverie/msg/Command; read it with the version of Reverie that recorded it");
  }

  @Test
  void bytesOfAnotherTypeAreRefusedWithTheirTopic() {
    MessageType<dev.reverie.msgs.std_msgs.String> text = dev.reverie.msgs.std_msgs.String.TYPE;
    var words = new dev.reverie.msgs.std_msgs.String("no joints");
    RecordedArm joints = new RecordedArm(folder, "joints", 8);
    try (joints) {
      joints.begin();
      joints.observe(0);
      joints.command(0, Command.POLICY);
      joints.write("/joint_states", disguised(text, JointState.TYPE), words, 1);
    }
    assertRefused(
        joints.bag(),
        "a message of /joint_states is no sensor_msgs/msg/JointState",
        "leave the bag out");
    RecordedArm images = new RecordedArm(folder, "images", 8);
    try (images) {
      images.begin();
      images.observe(0);
      images.command(0, Command.POLICY);
      images.write("/camera/image_raw", disguised(Bool.TYPE, Image.TYPE), new Bool(true), 1);
    }
    assertRefused(
        images.bag(), "an image of /camera/image_raw cannot be read", "leave the bag out");
  }

  @Test
  void messagesThatAreNotCdrAreRefused() {
    Path bag = folder.resolve("bag");
    try (McapWriter writer = writer(bag)) {
      byte[] definition = Episode.TYPE.definition().getBytes(StandardCharsets.UTF_8);
      int schema = writer.addSchema(Episode.TYPE.name(), "ros2msg", definition);
      int channel = writer.addChannel(schema, "/robot/episode", "json", Map.of());
      writer.write(channel, 0, 1, 1, "{}".getBytes(StandardCharsets.UTF_8));
    }
    assertRefused(
        bag, "/robot/episode is encoded as 'json', but only 'cdr' is read", "ros2 bag convert");
  }

  private static McapWriter writer(Path bag) {
    assertTrue(bag.toFile().mkdirs());
    return McapWriter.create(bag.resolve(bag.getFileName() + "_0.mcap"), McapOptions.ROS2);
  }

  @Test
  void topicsWithoutASchemaAreNoEpisode() {
    Path bag = folder.resolve("bag");
    try (McapWriter writer = writer(bag)) {
      writer.write(writer.addChannel(0, "/robot/episode", "cdr", Map.of()), 0, 1, 1, new byte[4]);
    }
    assertRefused(bag, "no topic of type reverie/msg/Episode", "/robot/episode");
  }

  @Test
  void anotherFormatIsRefused() {
    Path bag = RecordedArm.episode(folder, "one", 3);
    Rosbag2Appender.append(
        bag,
        appender ->
            appender.addMetadata(new McapMetadata("reverie_rollout", Map.of("format", "2"))));
    assertRefused(bag, "has the rollout format '2', but this version reads 1; use a newer Reverie");
  }

  @Test
  void twoRobotsInOneBagAreRefused() {
    RecordedArm arm = new RecordedArm(folder, "one", 8);
    try (arm) {
      arm.begin();
      arm.write("/other/episode", Episode.TYPE, new Episode(), 1);
    }
    assertRefused(
        arm.bag(),
        "more than one topic of type reverie/msg/Episode",
        "/other/episode",
        "record each robot's episodes into bags of their own");
  }

  @Test
  void twoEpisodesInOneBagAreRefused() {
    RecordedArm arm = new RecordedArm(folder, "one", 8);
    try (arm) {
      arm.begin();
      arm.observe(0);
      arm.write("/robot/episode", Episode.TYPE, new Episode().withEpisodeId("two"), 1);
    }
    assertRefused(arm.bag(), "has the episodes 'one' and 'two' in one bag; give each its own");
  }

  @Test
  void aBagWithACopyOfItsFileIsNotReadAsOneOfTwiceAsMuch() throws IOException {
    RecordedArm arm = new RecordedArm(folder, "one", 8);
    try (arm) {
      arm.begin();
      arm.observe(0);
    }
    Path file = Rosbag2.files(arm.bag()).getFirst();
    Files.copy(file, arm.bag().resolve("copy.mcap"));
    assertRefused(
        arm.bag(),
        "tells twice how its episode began",
        "[copy.mcap, %s]".formatted(file.getFileName()));
  }

  @Test
  void jointStatesThatAreNoNumbersAreNamed() {
    RecordedArm arm = new RecordedArm(folder, "one", 8);
    try (arm) {
      arm.begin();
      arm.image(RecordedArm.stamp(0), "rgb8", 3, RecordedArm.pixels(0, 8));
      arm.joints(RecordedArm.stamp(0), RecordedArm.JOINTS, new double[] {0, Double.NaN, 0});
      arm.command(0, Command.POLICY);
    }
    assertRefused(
        arm.bag(),
        "no joint state of /joint_states tells finite positions of all of [shoulder, elbow, wrist]",
        "leave the bag out");
  }

  @Test
  void anEpisodeInWhichNothingWasDoneIsNamed() {
    RecordedArm arm = new RecordedArm(folder, "one", 8);
    try (arm) {
      arm.begin();
      arm.observe(3);
      arm.command(3, Command.POLICY);
      arm.end(Kind.SUCCESS, RecordedArm.stamp(1));
    }
    assertRefused(arm.bag(), "no command before its outcome", "leave the bag out");
  }

  @Test
  void aPictureThatSaysItIsHugeIsRefusedWithItsTopic() {
    RecordedArm arm = new RecordedArm(folder, "one", 8);
    try (arm) {
      arm.begin();
      arm.chunk(0);
      for (int t = 0; t < 2; t++) {
        arm.joints(RecordedArm.stamp(t), RecordedArm.JOINTS, RecordedArm.positions(t));
        arm.compressed("/camera/image_raw/compressed", RecordedArm.stamp(t), bomb(t));
        arm.command(t, Command.POLICY);
      }
    }
    assertRefused(
        arm.bag(),
        "/camera/image_raw/compressed: a picture says it has 60000x60000 pixels",
        "send smaller ones");
  }

  private static byte[] bomb(int t) {
    return t == 0 ? PictureBombs.hugePng(60_000) : PictureBombs.hugeJpeg(60_000);
  }

  @Test
  void aWrongChecksumIsToldAndTheOtherMessagesAreRecovered() throws Exception {
    Path bag = RecordedArm.episode(folder, "one", 20);
    Path file = bag.resolve("one_0.mcap");
    byte[] bytes = Files.readAllBytes(file);
    bytes[bytes.length / 3] ^= 1;
    Files.write(file, bytes);
    assertRefused(bag, "is damaged: Chunk at byte", "reverie rollouts recover '" + bag + "'");
    List<String> done = Rollouts.recover(bag);
    assertTrue(done.get(1).startsWith("lost: Chunk at byte"), done.toString());
    assertEquals(List.of(), Rosbag2.problems(bag));
  }

  @Test
  void anyFlippedByteLeavesAnEpisodeThatIsReadAndWhatIsDoubtfulIsNoted() throws Exception {
    Path whole = RecordedArm.episode(folder.resolve("whole"), "one", 20);
    Path plain = folder.resolve("plain.mcap");
    McapRecovery.recover(
        whole.resolve("one_0.mcap"),
        plain,
        McapOptions.ROS2.withCompression(McapCompression.NONE).withChunkBytes(8 << 10));
    byte[] bytes = Files.readAllBytes(plain);
    for (int at = 0; at < bytes.length; at += 997) {
      Path bag = Files.createDirectories(folder.resolve("flipped " + at));
      byte[] changed = bytes.clone();
      changed[at] ^= (byte) (1 << at % 8);
      Files.write(bag.resolve("one_0.mcap"), changed);
      assertTrue(!Rollouts.verify(bag).isEmpty(), "byte " + at + " is not noticed");
      List<String> done = Rollouts.recover(bag);
      BagReport report = Rollouts.check(bag, Alignment.DEFAULT);
      boolean doubtful = done.toString().contains("out of damaged chunks");
      assertEquals(List.of(), report.problems(), "byte " + at);
      assertEquals(
          doubtful,
          report.notes().toString().contains("recovered out of damaged chunks"),
          report.toString());
      assertEquals(List.of(), Rollouts.recover(bag), "a second time there is nothing to do");
    }
  }

  @Test
  void aBagThatGitLfsDidNotFetchIsCalledSoAndLeftAsItIs() throws Exception {
    Path bag = RecordedArm.episode(folder, "one", 3);
    Path file = bag.resolve("one_0.mcap");
    String pointer = "version https://git-lfs.github.com/spec/v1\noid sha256:4d7a\nsize 12345\n";
    Files.writeString(file, pointer);
    assertRefused(bag, file + " is a Git LFS pointer", "git lfs pull");
    assertTrue(Rollouts.verify(bag).getFirst().contains("git lfs pull"));
    Refusal.of(EpisodeException.class, () -> Rollouts.recover(bag), "git lfs pull");
    assertEquals(pointer, Files.readString(file));
  }

  @Test
  void anEmptyFileIsRefusedAndRecoveredToAnEmptyBag() throws Exception {
    Path bag = RecordedArm.episode(folder, "one", 3);
    Path file = bag.resolve("one_0.mcap");
    Files.write(file, new byte[0]);
    assertRefused(bag, file + " has 0 bytes", "reverie rollouts recover '" + bag + "'");
    assertTrue(Rollouts.recover(bag).getFirst().contains("0 messages recovered"));
    assertTrue(Rollouts.lostEpisode(bag).orElseThrow().contains(" is empty"));
  }

  @Test
  void aBagThatIsBeingRecordedIsRefusedUntilItIsClosed() {
    RecordedArm arm = new RecordedArm(folder, "one", 8);
    try (arm) {
      arm.begin();
      arm.chunk(0);
      for (int t = 0; t < 3; t++) {
        arm.observe(t);
        arm.command(t, Command.POLICY);
      }
      assertRefused(arm.bag(), "is being recorded");
      assertTrue(Rollouts.summary(arm.bag()).recording());
      assertTrue(Rollouts.check(arm.bag(), Alignment.DEFAULT).recording());
      assertTrue(Rollouts.verify(arm.bag()).getFirst().contains("is being recorded"));
    }
    assertEquals(2, dev.reverie.rollout.Episode.read(arm.bag()).steps().size());
    assertEquals(List.of(), Rollouts.verify(arm.bag()));
  }

  @Test
  void foreignBagsAndFoldersAreRefused() throws Exception {
    Path bag = folder.resolve("foreign");
    try (Rosbag2Writer writer = Rosbag2Writer.create(bag, "jazzy", McapOptions.ROS2)) {
      Rosbag2Topic topic =
          new Rosbag2Topic(
              "/chatter",
              dev.reverie.msgs.std_msgs.String.TYPE.name(),
              dev.reverie.msgs.std_msgs.String.TYPE.definition());
      byte[] cdr =
          dev.reverie.msgs.std_msgs.String.TYPE.encode(
              new dev.reverie.msgs.std_msgs.String("hello"));
      writer.write(topic, 1, 1, MemorySegment.ofArray(cdr));
    }
    Refusal.of(
        EpisodeException.class,
        () -> read(bag),
        "no topic of type reverie/msg/Episode",
        "/chatter",
        "Give a bag");
    Refusal.of(EpisodeException.class, () -> read(folder.resolve("nothing")), "is not there");
    Path empty = Files.createDirectory(folder.resolve("empty"));
    Refusal.of(EpisodeException.class, () -> read(empty), "no .mcap file");
  }

  @Test
  void whatIsMissingIsNamed() {
    RecordedArm blind = new RecordedArm(folder, "blind", 8);
    try (blind) {
      blind.begin();
      blind.joints(RecordedArm.stamp(0), RecordedArm.JOINTS, RecordedArm.positions(0));
      blind.command(0, Command.POLICY);
    }
    Refusal.of(
        EpisodeException.class,
        () -> read(blind.bag()),
        "sensor_msgs/msg/Image",
        "leave the bag out");
    RecordedArm idle = new RecordedArm(folder, "idle", 8);
    try (idle) {
      idle.begin();
      idle.observe(0);
    }
    Refusal.of(
        EpisodeException.class, () -> read(idle.bag()), "reverie/msg/Command", "leave the bag out");
    RecordedArm lost = new RecordedArm(folder, "lost", 8);
    try (lost) {
      lost.begin();
      lost.observe(0);
      lost.command(0, Command.POLICY);
      lost.observe(1);
    }
    Refusal.of(
        EpisodeException.class,
        () -> read(lost.bag()),
        "action chunk 0",
        "not in the bag",
        "leave the bag out");
    RecordedArm headless = new RecordedArm(folder, "headless", 8);
    try (headless) {
      headless.observe(0);
      headless.end(Kind.SUCCESS, RecordedArm.stamp(1));
    }
    Refusal.of(EpisodeException.class, () -> read(headless.bag()), "no BEGUN", "leave the bag out");
  }

  @Test
  void anUnknownEncodingIsNamedWithThoseThatAreKnown() {
    RecordedArm arm = new RecordedArm(folder, "one", 8);
    try (arm) {
      arm.begin();
      arm.chunk(0);
      for (int t = 0; t < 2; t++) {
        arm.joints(RecordedArm.stamp(t), RecordedArm.JOINTS, RecordedArm.positions(t));
        arm.image(RecordedArm.stamp(t), "yuv420", 2, new byte[128]);
        arm.command(t, Command.POLICY);
      }
    }
    Refusal.of(
        EpisodeException.class, () -> read(arm.bag()), "/camera/image_raw", "yuv420", "rgb8");
  }

  @Test
  void aClockThatJumpsBackIsNamed() {
    RecordedArm arm = new RecordedArm(folder, "one", 8);
    try (arm) {
      arm.begin();
      arm.chunk(0);
      for (int t = 0; t < 4; t++) {
        arm.observe(t < 2 ? t + 10 : t); // the arm's computer was started again
        arm.command(t, RecordedArm.stamp(t < 2 ? t + 10 : t), Command.POLICY);
      }
    }
    Refusal.of(
        EpisodeException.class,
        () -> read(arm.bag()),
        "jumped back by 0.900 s",
        "commands 1 and 2",
        "leave the bag out");
    assertEquals("", Rollouts.summary(arm.bag()).problem()); // it is listed all the same
  }

  private static void assertRefused(Path bag, String... words) {
    String[] parts = Arrays.copyOf(words, words.length + 1);
    parts[words.length] = bag.toString();
    Refusal.of(EpisodeException.class, () -> read(bag), parts);
  }

  private static dev.reverie.rollout.Episode read(Path bag) {
    return dev.reverie.rollout.Episode.read(bag, Alignment.DEFAULT, PictureDecoder.ofJdk());
  }
}
