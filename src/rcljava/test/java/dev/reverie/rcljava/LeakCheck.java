package dev.reverie.rcljava;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.time.Duration;
import java.util.Map;
import org.junit.jupiter.api.extension.AfterAllCallback;
import org.junit.jupiter.api.extension.BeforeAllCallback;
import org.junit.jupiter.api.extension.ExtensionContext;

/** Fails each test class that leaves something of rcl open. JUnit finds it by its service file. */
public final class LeakCheck implements BeforeAllCallback, AfterAllCallback {
  private static final Duration PATIENCE = Duration.ofSeconds(5);
  private static final ExtensionContext.Namespace NAMESPACE =
      ExtensionContext.Namespace.create(LeakCheck.class);

  @Override
  public void beforeAll(ExtensionContext test) {
    test.getStore(NAMESPACE).put("before", Handle.live());
  }

  @Override
  public void afterAll(ExtensionContext test) throws InterruptedException {
    Object before = test.getStore(NAMESPACE).get("before");
    Map<String, Integer> after = Handle.live();
    // A callback that still runs on another thread releases what it used when it ends.
    for (long end = System.nanoTime() + PATIENCE.toNanos();
        !after.equals(before) && System.nanoTime() < end;
        after = Handle.live()) {
      Thread.sleep(10);
    }
    assertEquals(before, after, "handles that were open before and after the tests of this class");
  }
}
