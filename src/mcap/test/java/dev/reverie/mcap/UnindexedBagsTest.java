package dev.reverie.mcap;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.github.luben.zstd.Zstd;
import com.github.luben.zstd.ZstdInputStream;
import dev.reverie.mcap.rosbag2.Rosbag2;
import dev.reverie.testing.Prepared;
import dev.reverie.testing.Python;
import dev.reverie.testing.Refusal;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Bags that are well and that not everybody can read, and bags of which a part is gone. */
@Prepared
class UnindexedBagsTest {
  @TempDir Path folder;

  @BeforeEach
  void writeBags() throws Exception {
    Python.run("mcap/test/python/write_bags.py", folder);
  }

  private Path unindexed(String kind) throws Exception {
    Path bag = folder.resolve("version_9");
    Python.run("mcap/test/python/write_unindexed.py", bag, kind);
    return bag;
  }

  @Test
  void aFileInOrderWhoseEndTellsAllNeedsNoIndex() throws Exception {
    Path bag = unindexed("fastwrite");
    assertEquals(new McapVerifier.Report(List.of(), List.of()), Rosbag2.check(bag));
    assertEquals(List.of(), Rosbag2.recover(bag));
  }

  @Test
  void whatNoEndTellsIsFoundAndWrittenForOthers() throws Exception {
    for (String kind :
        List.of("no_summary", "channels_not_repeated", "chunks_without_index", "no_summary-back")) {
      Path bag = unindexed(kind);
      Path metadata = bag.resolve("metadata.yaml");
      String before = Files.readString(metadata);
      Files.delete(metadata);
      McapVerifier.Report report = Rosbag2.check(bag);
      assertEquals(List.of(), report.problems(), kind);
      assertTrue(report.notes().getFirst().contains("recovery writes"), report.toString());
      assertTrue(Rosbag2.recover(bag).getFirst().contains("50 messages recovered"), kind);
      assertEquals(50, read(bag).size(), kind);
      assertEquals(new McapVerifier.Report(List.of(), List.of()), Rosbag2.check(bag), kind);
      assertTrue(Files.readString(metadata).contains("message_count: 50"), before);
      assertTrue(Files.readString(metadata).contains("name: /text"), before);
    }
  }

  @Test
  void timesThatFallBackAreSorted() throws Exception {
    Path bag = unindexed("fastwrite-back");
    McapVerifier.Report report = Rosbag2.check(bag);
    assertTrue(report.notes().getFirst().contains("fall back 10 times"), report.toString());
    List<String> done = Rosbag2.recover(bag);
    assertTrue(done.stream().anyMatch(line -> line.contains("sorted")), done.toString());
    List<Long> times = new ArrayList<>();
    try (McapReader reader = McapReader.open(Rosbag2.files(bag).getFirst())) {
      reader.messages().forEach(message -> times.add(message.logNanos()));
    }
    assertEquals(times.stream().sorted().toList(), times);
    assertEquals(50, read(bag).size());
  }

  @Test
  void aTimeThatNoClockHasTakesNoMessage() throws Exception {
    List<String> before = read(folder.resolve("version_9"));
    for (String kind : List.of("fastwrite-wrapped", "chunks_without_index-wrapped")) {
      Path bag = unindexed(kind);
      String problem = Rosbag2.problems(bag).getFirst();
      assertTrue(problem.contains("1 messages have a time beyond the year 2262"), problem);
      List<String> done = Rosbag2.recover(bag);
      assertTrue(done.get(0).contains("50 messages recovered"), done.toString());
      assertTrue(done.get(1).contains("they have their other time now"), done.toString());
      assertEquals(before, read(bag), kind);
    }
  }

  @Test
  void aChannelThatIsDefinedAnewKeepsWhatFollowsIt() throws Exception {
    Path bag = unindexed("one_id_twice");
    assertTrue(Rosbag2.problems(bag).getFirst().contains("channel 1"));
    Rosbag2.recover(bag);
    List<String> lines = read(bag);
    assertEquals(51, lines.size());
    assertEquals(1, lines.stream().filter(line -> line.contains("\t/other\t")).count());
  }

  @Test
  void filesThatAreCompressedAsAWholeAreDecompressed() throws Exception {
    Path bag = folder.resolve("file_compressed");
    Refusal.of(McapException.class, () -> Rosbag2.files(bag), "rollouts recover");
    List<String> done = Rosbag2.recover(bag);
    assertTrue(done.getFirst().contains("was decompressed"), done.toString());
    assertEquals(50, read(bag).size());
    assertEquals(List.of(), Rosbag2.problems(bag));
    Path lone = Files.createDirectory(folder.resolve("lone"));
    byte[] packed =
        Zstd.compress(Files.readAllBytes(folder.resolve("version_8").resolve("version_8.mcap")));
    Files.write(lone.resolve("lone.mcap.zstd"), Arrays.copyOf(packed, packed.length - 40));
    Refusal.of(McapException.class, () -> Rosbag2.files(lone), "rollouts recover");
  }

  @Test
  void filesThatSomebodyDecompressedAreReadAndTheMetadataIsWrittenAnew() throws Exception {
    Path bag = folder.resolve("file_compressed");
    Path packed;
    try (Stream<Path> files = Files.list(bag)) {
      packed = files.filter(file -> file.toString().endsWith(".zstd")).findFirst().orElseThrow();
    }
    Path plain = bag.resolve("file_compressed.mcap");
    try (InputStream in = new ZstdInputStream(Files.newInputStream(packed))) {
      Files.copy(in, plain);
    }
    assertEquals(List.of(plain), Rosbag2.files(bag), "with the compressed one beside");
    Files.delete(packed);
    assertEquals(List.of(plain), Rosbag2.files(bag));
    String problem = Rosbag2.problems(bag).getFirst();
    assertTrue(problem.contains("says that the files are compressed"), problem);
    assertEquals(
        List.of("metadata.yaml says that its files are not compressed"), Rosbag2.recover(bag));
    assertEquals(List.of(), Rosbag2.problems(bag));
    assertEquals(50, read(bag).size());
  }

  @Test
  void filesThatTheProgramZstdCompressedAreDecompressed() throws Exception {
    Path bag = folder.resolve("version_9");
    Path file = bag.resolve("version_9.mcap");
    Files.write(bag.resolve("version_9.mcap.zst"), Zstd.compress(Files.readAllBytes(file)));
    Files.delete(file);
    Refusal.of(McapException.class, () -> Rosbag2.files(bag), "rollouts recover");
    assertEquals(
        List.of("version_9.mcap.zst was decompressed; it stays beside"), Rosbag2.recover(bag));
    assertEquals(50, read(bag).size());
  }

  @Test
  void aCompressionThatNobodyKnowsIsNotPromisedToBeRecovered() throws Exception {
    Path bag = folder.resolve("file_compressed");
    Path metadata = bag.resolve("metadata.yaml");
    Files.writeString(metadata, Files.readString(metadata).replace("zstd", "lz4"));
    try (Stream<Path> files = Files.list(bag)) {
      for (Path packed : files.filter(file -> file.toString().endsWith(".zstd")).toList()) {
        Files.move(packed, Path.of(packed.toString().replace(".zstd", ".lz4")));
      }
    }
    McapException thrown = assertThrows(McapException.class, () -> Rosbag2.files(bag));
    String told = String.valueOf(thrown.getMessage());
    assertTrue(told.contains("(lz4)") && told.contains("ros2 bag convert"), told);
    assertFalse(told.contains("recover"), told);
  }

  @Test
  void metadataThatNamesAnotherStorageIsWrittenAnew() throws Exception {
    Path bag = folder.resolve("version_9");
    Path metadata = bag.resolve("metadata.yaml");
    String yaml = Files.readString(metadata);
    for (String storage : List.of("sqlite3", "''")) {
      String lie = yaml.replace("storage_identifier: mcap", "storage_identifier: " + storage);
      Files.writeString(metadata, lie);
      String problem = Rosbag2.problems(bag).getFirst();
      assertTrue(problem.contains("they are plain MCAP; recovery"), problem);
      assertEquals(List.of("metadata.yaml was written anew"), Rosbag2.recover(bag));
      assertEquals(50, read(bag).size());
    }
  }

  @Test
  void aFileThatNamesNoProfileGetsIt() throws Exception {
    Path bag = unindexed("no_profile");
    McapVerifier.Report report = Rosbag2.check(bag);
    assertEquals(List.of(), report.problems());
    assertTrue(report.notes().getFirst().contains("names no profile"), report.toString());
    assertTrue(Rosbag2.recover(bag).getFirst().contains("50 messages recovered"));
    assertEquals(50, read(bag).size());
  }

  @Test
  void aDatabaseIsNamedWithTheRemedyAlsoWithoutItsMetadata() throws Exception {
    Path bag = folder.resolve("sqlite");
    Files.delete(bag.resolve("metadata.yaml"));
    Refusal.of(McapException.class, () -> Rosbag2.files(bag), "sqlite3", "ros2 bag convert");
    Path file = bag.resolve("sqlite.db3");
    Refusal.of(McapException.class, () -> Rosbag2.files(file), "sqlite3", "ros2 bag convert");
  }

  @Test
  void aPartThatIsGoneIsNamedAndTheOthersAreRead() throws Exception {
    Path bag = folder.resolve("split");
    Files.delete(bag.resolve("split_7.mcap"));
    assertTrue(Rosbag2.problems(bag).getFirst().contains("split_7.mcap"));
    List<String> done = Rosbag2.recover(bag);
    assertTrue(done.getFirst().contains("lost: split_7.mcap"), done.toString());
    assertEquals(110, read(bag).size());
  }

  @Test
  void aFileThatIsALinkToNowhereIsToldAsThat() throws Exception {
    Path file = folder.resolve("version_9").resolve("version_9.mcap");
    Files.delete(file);
    Files.createSymbolicLink(file, folder.resolve("gone.mcap"));
    Refusal.of(
        McapException.class,
        () -> McapReader.open(file),
        "it is a link to a file that is not there");
  }

  @Test
  void oneFileAloneIsRead() throws Exception {
    Path file = folder.resolve("version_9").resolve("version_9.mcap");
    assertEquals(List.of(file), Rosbag2.files(file));
    assertEquals(List.of(), Rosbag2.problems(file));
    assertEquals(List.of(), Rosbag2.recover(file));
    byte[] bytes = Files.readAllBytes(file);
    Files.write(file, Arrays.copyOf(bytes, bytes.length - 200));
    assertTrue(Rosbag2.recover(file).getFirst().contains("messages recovered"));
    assertEquals(List.of(), Rosbag2.problems(file));
  }

  /** The messages that another reader finds. */
  private static List<String> read(Path bag) throws Exception {
    return Python.run("mcap/test/python/read_bag.py", bag).stream()
        .filter(line -> line.startsWith("message\t"))
        .toList();
  }
}
