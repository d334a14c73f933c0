package dev.reverie.rcljava;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledIfEnvironmentVariable;

@EnabledIfEnvironmentVariable(named = "REVERIE_PYTHON", matches = ".+")
class SoakTest {

  /** The short form of {@code bench/client/soak}. */
  @Test
  void nothingGrowsWithMessagesAndEntitiesThatCameAndWent() throws Exception {
    assertEquals(List.of(), Soak.run(50_000, 30, System.out::println));
  }
}
