package dev.reverie.rcljava;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import dev.reverie.testing.Prepared;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** Waits for answers: whatever comes instead of one is told with what was waited for. */
@Prepared
class AwaitTest {
  private final Context context = Context.init();
  private final CompletableFuture<String> answer = new CompletableFuture<>();

  @AfterEach
  void close() {
    context.close();
  }

  private String await(Duration limit) {
    return context.await("answer to the goal", answer, limit);
  }

  private String refusal(Duration limit) {
    return String.valueOf(assertThrows(RclException.class, () -> await(limit)).getMessage());
  }

  @Test
  void anAnswerIsGivenBack() {
    Thread.ofVirtual().start(() -> answer.complete("accepted"));
    assertEquals("accepted", await(TestRos.TIMEOUT));
  }

  @Test
  void anAnswerThatTakesTooLongIsNamed() {
    assertEquals("no answer to the goal within 0 s", refusal(Duration.ofMillis(1)));
  }

  @Test
  void aFailureIsToldWithItsReason() {
    answer.completeExceptionally(new RclException("the server is gone"));
    assertEquals(
        "the answer to the goal failed: dev.reverie.rcljava.RclException: the server is gone",
        refusal(TestRos.TIMEOUT));
  }

  @Test
  void aProgramThatIsAskedToStopWaitsNoLonger() {
    Thread.ofVirtual().start(context::shutdown);
    assertEquals(
        "asked to stop while waiting for the answer to the goal", refusal(TestRos.TIMEOUT));
  }
}
