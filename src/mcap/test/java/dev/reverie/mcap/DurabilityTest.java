package dev.reverie.mcap;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.reverie.mcap.Samples.Sample;
import dev.reverie.testing.Refusal;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class DurabilityTest {
  private static final McapOptions SMALL_CHUNKS =
      McapOptions.ROS2.withChunkBytes(4 << 10).withForceInterval(Duration.ofMillis(50));
  private static final int CUTS = Integer.getInteger("reverie.cuts", 60);

  @TempDir Path folder;

  @Test
  void afterAPowerCutAllThatWasForcedIsRecovered() throws IOException {
    SplittableRandom random = new SplittableRandom(1);
    Path cut = folder.resolve("cut.mcap");
    Path recovered = folder.resolve("recovered.mcap");
    for (int round = 0; round < CUTS; round++) {
      AtomicLong clock = new AtomicLong();
      McapOptions options = SMALL_CHUNKS.withCompression(McapCompression.values()[round % 3]);
      PowerCut disk = new PowerCut();
      McapWriter writer =
          new McapWriter(new DataSink(cut, disk), DiskReserve.none(folder), options, clock::get);
      writer.begin();
      List<Sample> written =
          Samples.write(writer, 20 + random.nextInt(300), round, () -> clock.addAndGet(3_000_000));
      long forced = writer.forcedMessages();
      disk.leave(cut, random);
      McapRecovery recovery = McapRecovery.recover(cut, recovered, McapOptions.ROS2);
      assertEquals(List.of(), McapVerifier.problems(recovered), "round " + round);
      List<Sample> read = Samples.readable(recovered);
      assertEquals(recovery.messages(), read.size());
      assertEquals(
          written.subList(0, (int) forced), read.subList(0, (int) forced), "round " + round);
      Files.delete(recovered);
    }
  }

  @Test
  void nothingOlderThanTheIntervalIsUnforced() {
    AtomicLong clock = new AtomicLong();
    PowerCut disk = new PowerCut();
    McapOptions options = McapOptions.ROS2.withForceInterval(Duration.ofMillis(900));
    McapWriter writer =
        new McapWriter(
            new DataSink(folder.resolve("a"), disk), DiskReserve.none(folder), options, clock::get);
    writer.begin();
    int channel = writer.addChannel(0, "/a", "raw", Map.of());
    long written = 0;
    for (long now = 0; now < 20_000_000_000L; now += 50_000_000L) { // the recorder's rhythm
      clock.set(now);
      if (now % 200_000_000L == 0) {
        writer.write(channel, 0, now, now, new byte[100]);
        written++;
      }
      writer.forceIfDue();
      long old = Math.max(0, (now - 950_000_000L) / 200_000_000L);
      assertTrue(writer.forcedMessages() >= old, writer.forcedMessages() + " at " + now);
    }
    assertTrue(writer.forcedMessages() >= written - 5);
    assertTrue(disk.forces() <= 21, disk.forces() + " forces in 20 s");
  }

  @Test
  void aChunkIsClosedByTheMessageThatCrossesOneMebibyte() {
    Path file = folder.resolve("file.mcap");
    try (McapWriter writer =
        McapWriter.create(file, McapOptions.ROS2.withForceInterval(Duration.ofHours(1)))) {
      int channel = writer.addChannel(0, "/a", "raw", Map.of());
      for (int i = 0; i < 25; i++) {
        writer.write(channel, i, i, i, new byte[100_000]);
      }
    }
    try (McapReader reader = McapReader.open(file)) {
      List<ChunkIndex> chunks = reader.summary().orElseThrow().chunks();
      assertEquals(3, chunks.size());
      assertEquals(List.of(10L, 21L, 24L), chunks.stream().map(ChunkIndex::endNanos).toList());
    }
  }

  @Test
  void aFullDiskTakesTheReserveAndTheFileIsWhole() throws IOException {
    Path whole = folder.resolve("whole.mcap");
    Samples.write(whole, SMALL_CHUNKS, 100, 7);
    long reserved = 16 << 10;
    for (long capacity = 1_000; capacity < Files.size(whole); capacity += 997) {
      Path file = folder.resolve("full" + capacity + ".mcap");
      DiskReserve reserve = new DiskReserve(folder, reserved);
      reserve.fill();
      Path held = folder.resolve(".reserve");
      long room = capacity;
      FileChannel disk =
          new SmallDisk(
              FileChannel.open(file, StandardOpenOption.CREATE_NEW, StandardOpenOption.WRITE),
              () -> Files.exists(held) ? room : room + reserved);
      McapWriter writer =
          new McapWriter(new DataSink(file, disk), reserve, SMALL_CHUNKS, System::nanoTime);
      writer.begin();
      int written = 0;
      while (!writer.reserveUsed() && written < 100) { // who records ends when the reserve is used
        Samples.write(writer, 1, written++);
      }
      writer.close();
      assertEquals(List.of(), McapVerifier.problems(file), "capacity " + capacity);
      assertEquals(written, Samples.readable(file).size(), "capacity " + capacity);
      assertFalse(Files.exists(held) && writer.reserveUsed());
    }
  }

  @Test
  void aReserveThatCannotBeIsRefused() throws IOException {
    Path file = Files.createFile(folder.resolve("no folder"));
    DiskReserve reserve = new DiskReserve(file, 1 << 20);
    Refusal.of(McapException.class, reserve::fill, "1 MiB");
  }

  @Test
  void whatStandsAfterADamagedLengthIsFound() throws IOException {
    Path file = folder.resolve("file.mcap");
    List<Sample> written = Samples.write(file, SMALL_CHUNKS, 200, 3);
    List<ChunkIndex> chunks;
    try (McapReader reader = McapReader.open(file)) {
      chunks = reader.summary().orElseThrow().chunks();
    }
    byte[] bytes = Files.readAllBytes(file);
    ChunkIndex damaged = chunks.get(2);
    // Too short, longer by a bit, by many chunks, beyond the file's end.
    for (long length : new long[] {0, 40, damaged.length() + 500, 30_000, Long.MAX_VALUE}) {
      byte[] changed = Arrays.copyOf(bytes, (int) chunks.getLast().offset() - 30); // no index
      ByteBuffer.wrap(changed)
          .order(ByteOrder.LITTLE_ENDIAN)
          .putLong((int) damaged.offset() + 1, length);
      Files.write(file, changed);
      Path recovered = folder.resolve("recovered" + length + ".mcap");
      McapRecovery.recover(file, recovered, SMALL_CHUNKS);
      assertEquals(List.of(), McapVerifier.problems(recovered));
      List<Sample> others =
          written.stream()
              .filter(s -> s.logNanos() < damaged.startNanos() || s.logNanos() > damaged.endNanos())
              .filter(s -> s.logNanos() < chunks.getLast().startNanos())
              .toList();
      assertTrue(Samples.readable(recovered).containsAll(others), "length " + length);
    }
  }
}
