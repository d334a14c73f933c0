package dev.reverie.rcljava;

import static org.junit.jupiter.api.Assertions.assertEquals;

import dev.reverie.testing.Prepared;
import java.util.List;
import org.junit.jupiter.api.Test;

@Prepared
class SoakTest {
  /** Runs the short form of {@code bench/client/soak}. */
  @Test
  void nothingGrowsWithMessagesAndEntitiesThatCameAndWent() throws Exception {
    assertEquals(List.of(), Soak.run(50_000, 30, System.out::println));
  }
}
