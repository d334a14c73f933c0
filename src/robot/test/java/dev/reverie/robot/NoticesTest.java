package dev.reverie.robot;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;

class NoticesTest {
  private final List<String> warned = new ArrayList<>();
  private final List<String> changes = new ArrayList<>();
  private final Notices notices = new Notices(warned::add, () -> changes.add(""));

  @Test
  void aNoticeIsToldOnceAndKeepsItsBeginningWhileItsNumbersChange() {
    notices.set("rate", "7 a second");
    long since = notices.all().getFirst().sinceNanos();
    notices.set("rate", "8 a second");
    assertEquals(List.of("7 a second"), warned);
    assertEquals(1, changes.size());
    assertEquals(List.of("8 a second"), notices.texts());
    assertEquals(since, notices.all().getFirst().sinceNanos());
    assertEquals(" (for 12 s)", notices.all().getFirst().duration(since + 12_000_000_000L));
  }

  @Test
  void whatIsOverIsForgottenAndToldAnewWhenItComesBack() {
    notices.set("a", "a is so");
    notices.set("b", "b is so");
    notices.clear("a");
    notices.set("c", Optional.empty());
    assertEquals(List.of("b is so"), notices.texts());
    assertEquals(3, changes.size(), "what never was has not changed");
    notices.set("a", "a is so");
    assertEquals(List.of("a is so", "b is so", "a is so"), warned);
    assertEquals(List.of("b is so", "a is so"), notices.texts());
  }
}
