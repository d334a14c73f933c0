package dev.reverie.testing;

import java.util.Map;
import java.util.Objects;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;
import org.junit.platform.launcher.TestExecutionListener;
import org.junit.platform.launcher.TestIdentifier;
import org.junit.platform.launcher.TestPlan;

/** Tells at the end of a run how many tests were skipped, and why. */
public final class SkippedTests implements TestExecutionListener {
  private final Map<String, Long> countByReason = new TreeMap<>();
  private @Nullable TestPlan plan;

  @Override
  public void testPlanExecutionStarted(TestPlan started) {
    plan = started;
  }

  @Override
  public synchronized void executionSkipped(TestIdentifier skipped, String reason) {
    countByReason.merge(reason, testsIn(skipped), Long::sum);
  }

  private long testsIn(TestIdentifier identifier) {
    if (identifier.isTest()) {
      return 1;
    }
    TestPlan whole = Objects.requireNonNull(plan);
    return whole.getDescendants(identifier).stream().filter(TestIdentifier::isTest).count();
  }

  @Override
  public synchronized void testPlanExecutionFinished(TestPlan finished) {
    countByReason.forEach(
        (reason, count) -> System.err.printf("SKIPPED %d tests: %s%n", count, reason));
    countByReason.clear();
  }
}
