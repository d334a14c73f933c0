package dev.reverie.round;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.reverie.round.PairedTest.Better;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;

class PairedTestTest {
  @Test
  void theEvidenceIsTheRatioOfAnEvenlyDrawnRateToOneHalf() {
    assertEquals(1, PairedTest.BEGIN.evidence(), 1e-12);
    assertEquals(32. / 6, new PairedTest(5, 0, 7).evidence(), 1e-12);
    assertEquals(Math.pow(2, 7) / 8 / 35, new PairedTest(4, 3, 0).evidence(), 1e-12);
    assertEquals(new PairedTest(4, 3, 0).evidence(), new PairedTest(3, 4, 0).evidence(), 1e-12);
    double many = new PairedTest(3_000, 3_000, 0).evidence();
    assertTrue(many > 0 && many < 0.1, "no overflow: " + many);
  }

  @Test
  void eightPairsThatOneAloneWinsAreEnoughAndSevenAreNot() {
    assertEquals(Better.NEITHER, new PairedTest(7, 0, 100).better());
    assertEquals(Better.A, new PairedTest(8, 0, 100).better());
    assertEquals(Better.B, new PairedTest(0, 8, 0).better());
  }

  @Test
  void whereNoEndOfWhatIsLeftCouldTellItIsOver() {
    assertTrue(new PairedTest(0, 0, 12).open(8));
    assertFalse(new PairedTest(0, 0, 12).open(7));
    assertTrue(new PairedTest(7, 0, 0).open(1));
    assertFalse(new PairedTest(6, 6, 0).open(8));
  }

  @Test
  void equalPoliciesAreToldApartInOneOfTwentyRunsAtMostHoweverOftenOneLooks() {
    var random = new SplittableRandom(1);
    int wrong = 0;
    for (int run = 0; run < 2_000; run++) {
      PairedTest test = PairedTest.BEGIN;
      while (test.pairs() < 300 && test.better() == Better.NEITHER) {
        test = test.and(random.nextDouble() < 0.6, random.nextDouble() < 0.6);
      }
      wrong += test.better() == Better.NEITHER ? 0 : 1;
    }
    assertTrue(wrong <= 100 && wrong > 0, wrong + " of 2,000");
  }

  @Test
  void aBetterPolicyIsFoundSoon() {
    var random = new SplittableRandom(2);
    int pairs = 0;
    for (int run = 0; run < 200; run++) {
      PairedTest test = PairedTest.BEGIN;
      while (test.better() == Better.NEITHER) {
        test = test.and(random.nextDouble() < 0.55, random.nextDouble() < 0.8);
      }
      assertEquals(Better.B, test.better());
      pairs += test.pairs();
    }
    assertTrue(pairs / 200 < 100, pairs / 200 + " pairs on average");
  }
}
