package dev.reverie.trainer.data;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;

import dev.reverie.testing.Refusal;
import dev.reverie.trainer.nn.TrainerException;
import java.util.List;
import org.junit.jupiter.api.Test;

class TasksTest {
  private static final List<String> TEXTS = List.of("close it", "lift red", "red up", "shut it");

  @Test
  void whatIsInNoGroupIsATaskByItself() {
    assertArrayEquals(new long[] {0, 1, 2, 3}, Tasks.DEFAULT.of(TEXTS));
    assertEquals(4, Tasks.DEFAULT.count(TEXTS));
    assertEquals("", Tasks.DEFAULT.toString(), "what a run says that it was made of is as before");
  }

  @Test
  void paraphrasesAreOneTask() {
    Tasks tasks = new Tasks(List.of(List.of("shut it", "close it"), List.of("red up", "lift red")));
    assertArrayEquals(new long[] {0, 1, 1, 0}, tasks.of(TEXTS));
    assertEquals(2, tasks.count(TEXTS));
  }

  @Test
  void groupsThatMakeNoSenseAreRefused() {
    refused(List.of(List.of("lift red")), "groups of two or more", "lift red");
    refused(List.of(List.of("a", "b"), List.of("b", "c")), "each instruction once", "b");
    Tasks typo = new Tasks(List.of(List.of("lift red", "lift rde")));
    Refusal.of(TrainerException.class, () -> typo.of(TEXTS), "'lift rde'", "red up");
  }

  private static void refused(List<List<String>> same, String... said) {
    Refusal.of(IllegalArgumentException.class, () -> new Tasks(same), said);
  }
}
