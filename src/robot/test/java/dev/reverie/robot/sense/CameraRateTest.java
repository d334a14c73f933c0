package dev.reverie.robot.sense;

import static org.junit.jupiter.api.Assertions.assertTrue;

import org.junit.jupiter.api.Test;

class CameraRateTest {
  private static final long SECOND = 1_000_000_000L;

  /** A camera that has sent 31 pictures, of which the last comes at the time that is returned. */
  private static long run(CameraRate rate, double hz) {
    long now = 0;
    for (int i = 0; i <= 30; i++) {
      now = (long) (i * SECOND / hz);
      rate.arrived(now);
    }
    return now;
  }

  @Test
  void aCameraThatIsSlowerThanThePolicyIsToldWithBothRates() {
    var rate = new CameraRate("front", 30);
    long now = run(rate, 15);
    String notice = rate.notice(now).orElseThrow();
    assertTrue(notice.contains("'front' sends 15.0") && notice.contains("acts 30.0"), notice);
    assertTrue(rate.notice(now + 3 * SECOND).isEmpty(), "one that has stopped holds the arm");
  }

  @Test
  void aCameraAtTheRateOfThePolicyOrFasterIsFine() {
    for (double hz : new double[] {28, 30, 60}) {
      var rate = new CameraRate("front", 30);
      assertTrue(rate.notice(run(rate, hz)).isEmpty());
    }
  }

  @Test
  void aFewPicturesTellNoRateAndInLockStepThereIsNone() {
    var rate = new CameraRate("front", 30);
    assertTrue(rate.notice(0).isEmpty());
    for (int i = 0; i < 5; i++) {
      rate.arrived(i * SECOND);
    }
    assertTrue(rate.notice(5 * SECOND).isEmpty());
    var lockStep = new CameraRate("front", 0);
    assertTrue(lockStep.notice(run(lockStep, 1)).isEmpty());
  }
}
