package dev.reverie.trainer.data;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.reverie.policy.BundleSpec;
import dev.reverie.rollout.EpisodeOutcome;
import dev.reverie.rollout.Rollouts;
import dev.reverie.testing.Refusal;
import dev.reverie.trainer.nn.LibtorchTest;
import dev.reverie.trainer.nn.TrainerException;
import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.FileTime;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class EpisodeCacheTest extends LibtorchTest {
  private static final int FRAME_BYTES = 3 * 48 * 48;

  private final Path folder;
  private final Path cached;
  private final Path bag;
  private final List<String> log = new CopyOnWriteArrayList<>();

  EpisodeCacheTest(@TempDir Path folder) {
    this.folder = folder;
    cached = folder.resolve("cache");
    Bags.write(folder, Examples.episodes("e", 2), Examples.spec().jointNames(), 4);
    bag = folder.resolve("e0");
  }

  @Test
  void anEpisodeIsDecodedOnceAndIsTheSameAfterwards() throws IOException {
    EpisodeCache.Entry decoded = cache().open(bag);
    Seen whole = seen(decoded);
    EpisodeCache.Entry again = cache().open(bag);
    assertFalse(decoded.cached());
    assertTrue(again.cached());
    assertEquals("e0", again.episode().id());
    assertEquals("go right", again.episode().instruction());
    assertTrue(again.episode().success());
    assertEquals(decoded.sha256(), again.sha256());
    assertSame(whole, again);
    assertEquals(1, files().size());
    assertEquals(List.of(), log);
  }

  @Test
  void whoNeedsFramesAloneTakesEpisodesOfAnyOutcomeAndLeavesTheOthersAlone() throws IOException {
    Rollouts.label(bag, EpisodeOutcome.Kind.ABORTED, "ada", "the arm was moved away");
    EpisodeCache frames =
        new EpisodeCache(
            new EpisodeCache.Config(cached, false),
            EpisodeDecoder.ofFrames(Examples.spec()),
            log::add);
    assertFalse(frames.open(bag).episode().success());
    assertTrue(frames.open(bag).cached());
    Refusal.of(IllegalArgumentException.class, () -> cache().open(bag), "it was aborted");
    assertEquals(1, files().size());
  }

  @Test
  void aLabelMakesAnotherEpisodeOfABag() {
    assertTrue(cache().open(bag).episode().success());
    Rollouts.label(bag, EpisodeOutcome.Kind.FAILURE, "ada", "it fell over");
    EpisodeCache.Entry again = cache().open(bag);
    assertFalse(again.cached());
    assertFalse(again.episode().success());
  }

  @Test
  void aBagIsKnownByItsContentAndNotByItsName() throws IOException {
    cache().open(bag);
    Path moved = Files.createDirectories(folder.resolve("elsewhere")).resolve("e0");
    Files.move(bag, moved);
    assertTrue(cache().open(moved).cached());
  }

  @Test
  void whatThePolicySeesIsPartOfTheKey() throws IOException {
    cache().open(bag);
    EpisodeCache small = cache(new BundleSpec.Camera("camera", 24, 24));
    assertFalse(small.open(bag).cached());
    assertArrayEquals(new long[] {7, 3, 24, 24}, small.open(bag).episode().frames().shape());
    BundleSpec.Crop left = new BundleSpec.Crop(0, 0, 0.5, 1);
    assertFalse(cache(new BundleSpec.Camera("camera", 48, 48, false, left)).open(bag).cached());
    assertTrue(cache().open(bag).cached());
    assertEquals(3, files().size());
  }

  /**
   * Pins the frames of a bag: where this fails, it gives other frames than before; raise the
   * decoder's version.
   */
  @Test
  void aVersionOfTheDecoderAlwaysGivesTheSame() {
    DecodedEpisode episode =
        cache(new BundleSpec.Camera("camera", 24, 24, true, BundleSpec.Crop.NONE))
            .open(bag)
            .episode();
    assertEquals(
        323948093L, EpisodeFrames.checksum(episode.frames().data()), "of versions 1 and 2");
  }

  @Test
  void noDamageOfAFileIsEverUsed() throws IOException {
    Seen whole = seen(cache().open(bag));
    Path file = files().getFirst();
    byte[] bytes = Files.readAllBytes(file);
    int data = 8 + (int) ByteBuffer.wrap(bytes).order(ByteOrder.LITTLE_ENDIAN).getLong();
    for (int at = 0; at < bytes.length; at += at < data ? 5 : bytes.length / 50) {
      byte[] damaged = bytes.clone();
      damaged[at] ^= (byte) (1 << at % 8);
      Files.write(file, damaged);
      assertSame(whole, cache().open(bag));
      if (at >= data || !log.isEmpty()) { // not all of the header has a meaning
        assertEquals(1, log.size(), "byte " + at + " was changed");
        assertArrayEquals(bytes, Files.readAllBytes(file));
      }
      Files.write(file, bytes);
      log.clear();
    }
  }

  @Test
  void aFileThatWasCutOffIsMadeAnew() throws IOException {
    Seen whole = seen(cache().open(bag));
    Path file = files().getFirst();
    byte[] bytes = Files.readAllBytes(file);
    for (int length : new int[] {0, 1, 8, 100, 1000, bytes.length / 2, bytes.length - 1}) {
      Files.write(file, Arrays.copyOf(bytes, length));
      assertSame(whole, cache().open(bag));
      assertEquals(1, log.size());
      assertTrue(log.getFirst().contains(file + " cannot be used and is made anew"));
      log.clear();
      assertArrayEquals(bytes, Files.readAllBytes(file));
    }
  }

  @Test
  void anotherEpisodesFileIsNotTaken() throws IOException {
    cache().open(folder.resolve("e1"));
    Path foreign = files().getFirst();
    cache().open(bag);
    Path own = files().stream().filter(file -> !file.equals(foreign)).findFirst().orElseThrow();
    Files.copy(foreign, own, StandardCopyOption.REPLACE_EXISTING);
    assertEquals("e0", cache().open(bag).episode().id());
    assertTrue(log.getFirst().contains("it belongs to another recording"));
  }

  @Test
  void verificationLooksAtEveryFrame() throws IOException {
    cache().open(bag);
    flip(files().getFirst(), 5000);
    assertTrue(cache().open(bag).cached(), "a frame is only looked at when it is used");
    assertFalse(cache(true).open(bag).cached());
    assertTrue(log.getFirst().contains("the checksum of a frame is wrong"));
    assertTrue(cache(true).open(bag).cached());
  }

  @Test
  void aFileDamagedWhileItIsMappedIsMadeAnew() throws IOException {
    Seen whole = seen(cache().open(bag));
    EpisodeCache.Entry open = cache().open(bag);
    flip(files().getFirst(), 5000);
    assertSame(whole, open);
    assertTrue(log.getFirst().contains("was damaged and is made anew"));
  }

  @Test
  void aFileCutOffWhileItIsMappedIsMadeAnew() throws IOException {
    byte[] pixels = pixels(cache().open(bag));
    for (int i = 1; i <= 50; i++) {
      EpisodeCache.Entry open = cache().open(bag);
      try (FileChannel channel = FileChannel.open(files().getFirst(), StandardOpenOption.WRITE)) {
        channel.truncate(100);
      }
      assertArrayEquals(pixels, pixels(open));
      assertEquals(i, log.size());
    }
  }

  @Test
  void aBagThatChangesWhileItIsReadIsRefused() {
    int[] asked = {0};
    InstantSource clock =
        () -> {
          if (++asked[0] == 2) { // between the stamp and the reading
            Rollouts.label(bag, EpisodeOutcome.Kind.FAILURE, "ada", "");
          }
          return Instant.now();
        };
    EpisodeCache cache =
        new EpisodeCache(
            new EpisodeCache.Config(cached, false),
            EpisodeDecoder.of(Examples.spec()),
            log::add,
            clock);
    String refusal =
        assertThrows(IllegalArgumentException.class, () -> cache.open(bag)).getMessage();
    assertEquals("it changed while it was read; start again", refusal);
    assertFalse(cache.open(bag).episode().success());
  }

  @Test
  void whatCannotBeMadeAgainStopsTheRun() throws IOException {
    EpisodeCache.Entry open = cache().open(bag);
    flip(files().getFirst(), 5000);
    Rollouts.label(bag, EpisodeOutcome.Kind.ABORTED, "ada", "");
    Refusal.of(
        TrainerException.class, () -> pixels(open), "e0 cannot be read again: it was aborted");
  }

  @Test
  void whereNothingCanBeWrittenTheEpisodesStayInMemory() throws IOException {
    Files.writeString(cached, "a file where a folder should be");
    EpisodeCache cache = cache();
    Seen first = seen(cache.open(bag));
    Seen second = seen(cache.open(folder.resolve("e1")));
    cache.save();
    assertEquals(1, log.size());
    assertTrue(log.getFirst().contains("the cache " + cached + " cannot be written"));
    Files.delete(cached);
    assertSame(first, cache().open(bag));
    assertSame(second, cache().open(folder.resolve("e1")));
  }

  @Test
  void trainersSideBySideDoNotDisturbEachOther() throws Exception {
    Seen whole = seen(cache().open(bag));
    Path file = files().getFirst();
    try (ExecutorService pool = Executors.newFixedThreadPool(4)) {
      List<Future<EpisodeCache.Entry>> entries = new ArrayList<>();
      for (int i = 0; i < 60; i++) {
        int turn = i;
        entries.add(
            pool.submit(
                () -> {
                  if (turn % 5 == 0) {
                    Files.deleteIfExists(file); // somebody cleans up
                  }
                  EpisodeCache cache = cache();
                  EpisodeCache.Entry entry = cache.open(bag);
                  cache.save();
                  return entry;
                }));
      }
      for (Future<EpisodeCache.Entry> entry : entries) {
        assertSame(whole, entry.get());
      }
    }
    assertEquals(List.of(), log);
    assertEquals(List.of(file), files());
  }

  @Test
  void whatACrashLeftIsRemovedOnceItIsOld() throws IOException {
    Files.createDirectories(cached);
    Path old = Files.writeString(cached.resolve("old.part"), "half an episode");
    Path fresh = Files.writeString(cached.resolve("fresh.part"), "somebody writes this one");
    Files.setLastModifiedTime(old, FileTime.from(Instant.now().minus(Duration.ofHours(2))));
    cache().open(bag);
    assertFalse(Files.exists(old));
    assertTrue(Files.exists(fresh));
  }

  @Test
  void hashesOfBagsAreRememberedWhileTheirStampsStayTheSame() throws IOException {
    InstantSource later = InstantSource.offset(InstantSource.system(), Duration.ofHours(1));
    Path index = cached.resolve("hashes.json");
    Files.createDirectories(cached);
    RecordingHashes hashes = new RecordingHashes(index, later, true);
    String sha256 = hashes.of(bag, RecordingStamp.of(bag));
    hashes.save();
    String told = "0".repeat(64);
    Files.writeString(index, Files.readString(index).replace(sha256, told));
    assertEquals(told, new RecordingHashes(index, later, true).of(bag, RecordingStamp.of(bag)));
    assertEquals(sha256, new RecordingHashes(index, later, false).of(bag, RecordingStamp.of(bag)));

    Path recording = bag.resolve("e0_0.mcap");
    FileTime modified = Files.getLastModifiedTime(recording);
    flip(recording, 3000);
    Files.setLastModifiedTime(recording, modified); // size and time as they were
    RecordingHashes changed = new RecordingHashes(index, later, true);
    assertNotEquals(told, changed.of(bag, RecordingStamp.of(bag)));

    Files.writeString(index, "{\"half\": ");
    RecordingHashes damaged = new RecordingHashes(index, later, true);
    assertEquals(RecordingStamp.of(bag).sha256(), damaged.of(bag, RecordingStamp.of(bag)));
  }

  @Test
  void aBagThatChangedJustNowIsNotRemembered() throws IOException {
    EpisodeCache cache = cache();
    cache.open(bag);
    cache.save();
    assertFalse(Files.exists(cached.resolve("hashes.json")));
  }

  private EpisodeCache cache() {
    return cache(false);
  }

  private EpisodeCache cache(boolean verify) {
    return new EpisodeCache(
        new EpisodeCache.Config(cached, verify), EpisodeDecoder.of(Examples.spec()), log::add);
  }

  private EpisodeCache cache(BundleSpec.Camera camera) {
    BundleSpec spec = Examples.spec();
    PolicyTask task =
        new PolicyTask(
            List.of(camera), spec.jointNames(), spec.actionSpace(), spec.chunk(), spec.head());
    return new EpisodeCache(
        new EpisodeCache.Config(cached, false), EpisodeDecoder.of(task), log::add);
  }

  private List<Path> files() throws IOException {
    try (Stream<Path> entries = Files.list(cached)) {
      return entries.filter(file -> !file.endsWith("hashes.json")).sorted().toList();
    }
  }

  /** Copied, since mapped files are damaged here. */
  private record Seen(String id, float[] joints, float[] actions, byte[] pixels) {}

  private static Seen seen(EpisodeCache.Entry entry) {
    DecodedEpisode episode = entry.episode();
    return new Seen(episode.id(), episode.joints(), episode.actions(), pixels(entry));
  }

  private static void assertSame(Seen expected, EpisodeCache.Entry entry) {
    Seen seen = seen(entry);
    assertEquals(expected.id, seen.id);
    assertArrayEquals(expected.joints, seen.joints);
    assertArrayEquals(expected.actions, seen.actions);
    assertArrayEquals(expected.pixels, seen.pixels);
  }

  private static byte[] pixels(EpisodeCache.Entry entry) {
    byte[] pixels = new byte[entry.frames().length() * FRAME_BYTES];
    MemorySegment target = MemorySegment.ofArray(pixels);
    for (int t = 0; t < entry.frames().length(); t++) {
      entry.frames().copy(t, target.asSlice((long) t * FRAME_BYTES, FRAME_BYTES));
    }
    return pixels;
  }

  /** Changes one byte in place. */
  private static void flip(Path file, long at) throws IOException {
    try (FileChannel channel =
        FileChannel.open(file, StandardOpenOption.READ, StandardOpenOption.WRITE)) {
      ByteBuffer one = ByteBuffer.allocate(1);
      channel.read(one, at);
      one.put(0, (byte) (one.get(0) ^ 1)).rewind();
      channel.write(one, at);
    }
  }
}
