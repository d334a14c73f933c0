package dev.reverie.mcap;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.reverie.mcap.Samples.Sample;
import dev.reverie.testing.Prepared;
import dev.reverie.testing.Python;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Lets the reference implementation (PyPI: mcap) read our files, and reads its. */
@Prepared
class McapInteropTest {
  @TempDir Path folder;

  @ParameterizedTest
  @EnumSource(McapCompression.class)
  void theReferenceReaderFindsEveryMessageByIndexAndByStream(McapCompression compression)
      throws Exception {
    Path file = folder.resolve("file with spaces, größer.mcap");
    List<Sample> written = new ArrayList<>();
    McapOptions options = McapOptions.ROS2.withChunkBytes(16 << 10).withCompression(compression);
    try (McapWriter writer = McapWriter.create(file, options)) {
      writer.addMetadata(new McapMetadata("demo", Map.of("one", "1", "two", "2")));
      written.addAll(Samples.write(writer, 300, 1));
      writer.attach(new McapAttachment(5, 6, "note", "text/plain", Samples.bytes("hello")));
    }
    McapAppender.append(file, options, writer -> written.addAll(Samples.write(writer, 20, 2)));
    List<String> lines = Python.run("mcap/test/python/read_mcap.py", file, "/number");
    assertTrue(lines.contains("header\tros2\t" + McapWriter.LIBRARY), lines.getFirst());
    assertTrue(lines.contains("records\tchecked"));
    assertTrue(lines.contains("metadata\tdemo\tone=1\ttwo=2"));
    assertTrue(
        lines.contains(
            "attachment\tnote\ttext/plain\t5\t6\t" + Samples.hash(Samples.bytes("hello"))));
    assertTrue(lines.stream().anyMatch(line -> line.startsWith("statistics\t320\t")), lines.get(1));
    assertEquals(written.stream().map(Sample::line).toList(), messages(lines, "streamed"));

    assertEquals(
        written.stream().map(Sample::line).sorted().toList(),
        messages(lines, "indexed").stream().sorted().toList());
  }

  @Test
  void filesOfTheReferenceWriterAreReadInEachOfItsWays() throws Exception {
    Python.run("mcap/test/python/write_mcap.py", folder);
    List<Path> files;
    try (Stream<Path> entries = Files.list(folder)) {
      files = entries.filter(path -> path.toString().endsWith(".mcap")).sorted().toList();
    }
    assertEquals(15, files.size());
    for (Path file : files) {
      List<String> expected =
          Files.readAllLines(
              file.resolveSibling(file.getFileName().toString().replace(".mcap", ".txt")));
      try (McapReader reader = McapReader.open(file)) {
        List<String> read = new ArrayList<>();
        reader.messages().forEach(message -> read.add(Sample.of(message).line()));
        assertEquals(expected, read, file.toString());
        List<String> oneTopic = new ArrayList<>();
        reader
            .messages(McapQuery.topics("/topic_1"))
            .forEach(message -> oneTopic.add(Sample.of(message).line()));
        assertEquals(
            expected.stream().filter(line -> line.startsWith("/topic_1\t")).toList(),
            oneTopic,
            file.toString());
        int extras = expected.isEmpty() ? 0 : 1;
        assertEquals(extras, Samples.count(reader.attachments()), file.toString());
        assertEquals(extras, reader.metadata().size(), file.toString());
      }
      assertEquals(List.of(), McapVerifier.problems(file), file.toString());
    }
  }

  private static List<String> messages(List<String> lines, String kind) {
    return lines.stream()
        .filter(line -> line.startsWith(kind + "\t"))
        .map(line -> line.split("\t", -1))
        .map(part -> String.join("\t", part[1], part[4], part[5], part[6], part[7]))
        .toList();
  }
}
