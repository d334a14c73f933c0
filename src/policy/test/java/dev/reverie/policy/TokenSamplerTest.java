package dev.reverie.policy;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;

class TokenSamplerTest {
  /** One action of two values with three bins each. */
  private final PolicyOutput output =
      new PolicyOutput(new float[] {0, (float) Math.log(3), 0, 5, 1000, -1000}, 1, 2, 3);

  @Test
  void greedyTakesTheLikeliestBinWithCertainty() {
    Sample sample = TokenSampler.sample(output, 0, new SplittableRandom(1));
    assertArrayEquals(new int[] {1, 1}, sample.tokens());
    assertArrayEquals(new float[] {0, 0}, sample.actions());
    assertArrayEquals(new float[] {0, 0}, sample.logProbabilities());
  }

  @Test
  void drawsFollowTheSoftmaxAtTheTemperature() {
    assertEquals(0.6, frequencyOfBinOne(1), 0.02); // 3 / (1 + 3 + 1)
    assertEquals(Math.sqrt(3) / (2 + Math.sqrt(3)), frequencyOfBinOne(2), 0.02);
  }

  @Test
  void logProbabilitiesAreThoseOfTheTemperature() {
    Sample sample = TokenSampler.sample(output, 2, new SplittableRandom(1));
    double weight = sample.tokens()[0] == 1 ? Math.sqrt(3) : 1;
    assertEquals(Math.log(weight / (2 + Math.sqrt(3))), sample.logProbabilities()[0], 1e-6);
    assertEquals(0, sample.logProbabilities()[1], 1e-6); // logits beyond exp's range
  }

  @Test
  void theSameSeedDrawsTheSameTokens() {
    PolicyOutput flat = new PolicyOutput(new float[4 * 2 * 21], 4, 2, 21);
    assertArrayEquals(
        TokenSampler.sample(flat, 1, new SplittableRandom(5)).tokens(),
        TokenSampler.sample(flat, 1, new SplittableRandom(5)).tokens());
  }

  @Test
  void everyBinIsTheNearestToItsOwnCentre() {
    for (int token = 0; token < 21; token++) {
      assertEquals(token, TokenSampler.token(TokenSampler.centre(token, 21), 21));
    }
    assertEquals(-1, TokenSampler.centre(0, 21));
    assertEquals(1, TokenSampler.centre(20, 21));
    assertEquals(20, TokenSampler.token(7, 21));
  }

  @Test
  void brokenLogitsTemperaturesAndActionsAreRefused() {
    SplittableRandom random = new SplittableRandom(1);
    PolicyOutput broken = new PolicyOutput(new float[] {0, Float.NaN, 0}, 1, 1, 3);
    assertThrows(IllegalStateException.class, () -> TokenSampler.sample(broken, 1, random));
    assertThrows(IllegalArgumentException.class, () -> TokenSampler.sample(output, -1, random));
    assertThrows(
        IllegalArgumentException.class, () -> TokenSampler.sample(output, Double.NaN, random));
    assertThrows(IllegalArgumentException.class, () -> TokenSampler.token(Double.NaN, 21));
  }

  private double frequencyOfBinOne(double temperature) {
    SplittableRandom random = new SplittableRandom(1);
    int hits = 0;
    for (int i = 0; i < 10_000; i++) {
      hits += TokenSampler.sample(output, temperature, random).tokens()[0] == 1 ? 1 : 0;
    }
    return hits / 10_000.0;
  }
}
