package dev.reverie.trainer;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.reverie.rollout.Rollouts;
import dev.reverie.trainer.data.Sides;
import dev.reverie.trainer.nn.LibtorchTest;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.stream.Collectors;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class SplitRoundTest extends LibtorchTest {
  private static final String ALIGN =
      "train align --rollouts D/rollouts --demonstrations D/demonstrations --base D/models/base"
          + " --settings D/settings.json";

  private final Path folder;
  private final RunCommands commands;

  SplitRoundTest(@TempDir Path folder) {
    this.folder = folder;
    commands = new RunCommands(folder);
  }

  @BeforeEach
  void pretrain() throws IOException {
    Files.writeString(folder.resolve("settings.json"), WmpoTest.TINY);
    Files.writeString(folder.resolve("task.json"), TrainCommandTest.TASK);
    commands.write("demonstrations", "d", 6, "");
    commands.run(
        0,
        "pretrain --demonstrations D/demonstrations --out D/models --seed 3 --settings"
            + " D/settings.json --task D/task.json");
    commands.write("rollouts", "r", 10, commands.bundle("models/base").id());
  }

  @Test
  void aRoundThatGoesOnFromAWorldModelJudgesItByNothingThatItHasLearnedFrom() throws IOException {
    String first = ALIGN + " --models D/models --work D/work --seed 3";
    commands.run(0, first);
    Sides before = Sides.read(folder.resolve("work"));
    assertEquals(2, before.heldOut().size());
    assertEquals(14, before.learned().size());
    commands.run(0, first); // it goes on with the same

    Path next = Files.createDirectories(folder.resolve("next"));
    Files.copy(folder.resolve("models/vae.safetensors"), next.resolve("vae.safetensors"));
    for (String file : List.of("world_model.safetensors", Sides.FILE)) {
      Files.copy(folder.resolve("work").resolve(file), next.resolve(file));
    }
    commands.write("rollouts/more", "s", 10, commands.bundle("models/base").id());
    commands.run(0, ALIGN + " --models D/next --work D/again --seed 4");
    Sides after = Sides.read(folder.resolve("again"));
    assertEquals(4, after.heldOut().size());
    assertTrue(ids(after.heldOut()).containsAll(ids(before.heldOut())));
    Set<String> both = new HashSet<>(ids(before.learned()));
    both.retainAll(ids(after.heldOut()));
    assertEquals(Set.of(), both);
    assertEquals(26, after.heldOut().size() + after.learned().size());
    assertEquals(20, Rollouts.bags(folder.resolve("rollouts")).size());

    Files.delete(next.resolve(Sides.FILE));
    aWorldModelThatDoesNotTellWhatItHasLearnedFromIsRefused(next);
  }

  private void aWorldModelThatDoesNotTellWhatItHasLearnedFromIsRefused(Path next)
      throws IOException {
    for (String work : List.of("again", "another")) {
      commands.refused(
          ALIGN + " --models D/next --seed 4 --work D/" + work,
          "next/world_model.safetensors was aligned with rollouts, and there is no split.json",
          "audit would be held against what the world model knows by heart",
          "Give --models the folder that pretrain left");
    }
    Path begun = Files.createDirectories(folder.resolve("begun")); // by an earlier version
    Files.writeString(begun.resolve("dpo.safetensors"), "of an earlier version");
    String told = told(ALIGN + " --models D/next --seed 4 --work D/begun");
    assertTrue(told.contains("audit, precision and recall may look better than they are"), told);
    assertTrue(Sides.read(begun).bySeed());
    Files.copy(folder.resolve("work").resolve(Sides.FILE), next.resolve(Sides.FILE));
    commands.run(0, ALIGN + " --models D/next --work D/another --seed 4");
  }

  @Test
  void aRunThatAnEarlierVersionBeganGoesOnWithTheSplitThatItDrewByItsSeed() throws IOException {
    Path work = Files.createDirectories(folder.resolve("work"));
    Path dpo = Files.writeString(work.resolve("dpo.safetensors"), "of an earlier version");
    String align = ALIGN + " --models D/models --work D/work --seed 3";
    commands.run(0, align);
    Sides drawn = Sides.read(work);
    assertTrue(drawn.bySeed());
    assertEquals(2, drawn.heldOut().size());
    Files.delete(dpo);
    commands.run(0, align);
    assertEquals(drawn, Sides.read(work), "the world model is there");
    commands.run(0, ALIGN + " --models D/models --work D/new --seed 3");
    assertFalse(Sides.read(folder.resolve("new")).bySeed());
  }

  /** Runs a command to its end, and returns what it tells on the side. */
  private String told(String line) {
    PrintStream usual = System.err;
    var told = new ByteArrayOutputStream();
    System.setErr(new PrintStream(told, true, StandardCharsets.UTF_8));
    try {
      commands.run(0, line);
    } finally {
      System.setErr(usual);
    }
    return told.toString(StandardCharsets.UTF_8);
  }

  private static Set<String> ids(List<Sides.Known> side) {
    return side.stream().map(Sides.Known::id).collect(Collectors.toSet());
  }
}
