package dev.reverie.rollout;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.reverie.testing.Refusal;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class AtomicFolderTest {
  private final Path parent;
  private final Path target;

  AtomicFolderTest(@TempDir Path folder) {
    parent = folder.resolve("parent");
    target = parent.resolve("target");
  }

  private Path write(AtomicFolder.Filling<Path> filling) {
    return AtomicFolder.write(target, IllegalStateException::new, filling);
  }

  @Test
  void theFolderIsThereWithAllThatItWasFilledWith() throws IOException {
    write(
        draft -> {
          assertFalse(Files.exists(target));
          Files.createDirectory(draft.resolve("below"));
          return Files.writeString(draft.resolve("below/file"), "text");
        });
    assertEquals("text", Files.readString(target.resolve("below/file")));
    assertEquals(List.of("target"), names());
  }

  @Test
  void ofAFillingThatFailsNothingStays() throws IOException {
    Refusal.of(
        IllegalStateException.class,
        () ->
            write(
                draft -> {
                  Files.writeString(draft.resolve("file"), "half");
                  throw new IOException("no space left");
                }),
        "cannot write " + target,
        "no space left",
        "make room on the disk");
    assertThrows(
        UncheckedIOException.class,
        () ->
            write(
                draft -> {
                  throw new UncheckedIOException(new IOException("something else"));
                }));
    assertEquals(List.of(), names());
  }

  @Test
  void aFolderThatExistsIsLeftAsItIs() throws IOException {
    Files.createDirectories(target);
    Refusal.of(
        IllegalStateException.class,
        () -> write(draft -> Files.writeString(draft.resolve("file"), "text")),
        target + " exists already",
        "choose another folder or remove it first");
    assertEquals(List.of("target"), names());
    assertFalse(Files.exists(target.resolve("file")));
  }

  @Test
  void whatAKilledProcessLeftIsDeletedAndWhatOneIsAtIsNot() throws Exception {
    Process killed =
        new ProcessBuilder(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-cp",
                System.getProperty("java.class.path"),
                AtomicFolderTest.class.getName(),
                parent.resolve("other").toString())
            .redirectError(ProcessBuilder.Redirect.INHERIT)
            .start();
    try (BufferedReader says = killed.inputReader()) {
      assertEquals("half", says.readLine());
      write(draft -> Files.writeString(draft.resolve("file"), "text"));
      assertEquals(2, names().size(), "what is being written stays");
      killed.destroyForcibly().waitFor();
      AtomicFolder.delete(target);
      write(
          draft -> {
            assertEquals(1, names().size());
            Path _ =
                AtomicFolder.write(
                    parent.resolve("third"), IllegalStateException::new, inner -> inner);
            return Files.writeString(draft.resolve("file"), "text");
          });
    }
    assertEquals(List.of("target", "third"), names().stream().sorted().toList());
  }

  /** A second process clears the same folder as often as it can. */
  @Test
  void ofAFillingThatFailsBesideAnotherProcessTheReasonStays() throws Exception {
    Process beside =
        new ProcessBuilder(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-cp",
                System.getProperty("java.class.path"),
                AtomicFolderTest.class.getName(),
                parent.resolve("other").toString(),
                "again")
            .redirectError(ProcessBuilder.Redirect.INHERIT)
            .start();
    try (BufferedReader says = beside.inputReader()) {
      assertEquals("again", says.readLine());
      for (int i = 0; i < 300; i++) {
        Refusal.of(
            IllegalStateException.class,
            () ->
                write(
                    draft -> {
                      for (int file = 0; file < 50; file++) {
                        Files.createFile(draft.resolve("file" + file));
                      }
                      throw new IllegalStateException("its own reason");
                    }),
            "its own reason");
      }
      assertTrue(beside.isAlive(), "the other process was not disturbed either");
    } finally {
      beside.destroyForcibly().waitFor();
    }
  }

  /** Fills a folder half, says so, and waits; or fills one again and again. */
  public static void main(String[] arguments) {
    if (arguments.length > 1) {
      System.out.println("again");
      while (true) {
        AtomicFolder.write(
            Path.of(arguments[0] + System.nanoTime()), IllegalStateException::new, draft -> draft);
      }
    }
    Path _ =
        AtomicFolder.write(
            Path.of(arguments[0]),
            IllegalStateException::new,
            draft -> {
              Files.writeString(draft.resolve("file"), "half");
              System.out.println("half");
              System.in.readAllBytes();
              return draft;
            });
  }

  private List<String> names() throws IOException {
    try (Stream<Path> entries = Files.list(parent)) {
      return entries.map(entry -> String.valueOf(entry.getFileName())).toList();
    }
  }
}
