package dev.reverie.trainer.model;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.reverie.trainer.data.Dataset;
import dev.reverie.trainer.data.Examples;
import dev.reverie.trainer.data.Transitions;
import dev.reverie.trainer.nn.LibtorchTest;
import dev.reverie.trainer.nn.Torch;
import java.util.List;
import org.bytedeco.pytorch.Tensor;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Episodes of two chunks of 4 steps, of which every other one succeeds after 6. */
class ClipScanTest extends LibtorchTest {
  private final Transitions episodes = Examples.transitions(4);
  private final Dataset data = episodes.data();

  @ParameterizedTest
  @CsvSource({"8, 0, 1, 0", "8, 1, 8, 7", "8, 3, 3, 6", "8, 8, 1, 0", "8, 20, 1, 0", "1, 1, 1, 0"})
  void clipsOfAChunkEndWithItAndSoManyStepsBefore(int length, int stride, int clips, int before) {
    ClipScan scan = new ClipScan(length, stride);
    assertEquals(clips, scan.clips());
    assertEquals(before, scan.before());
  }

  @ParameterizedTest
  @CsvSource({"0", "1", "2", "3"})
  void aRolloutIsJudgedByEveryClipThatIsAskedFor(int stride) {
    var classifier = new RewardClassifier(ClassifierConfigs.stride(stride), 4, 48 * 48, 2);
    List<float[]> said = RewardThreshold.probabilities(episodes, classifier);
    for (int n = 0; n < 4; n++) {
      assertArrayEquals(
          new float[] {ending(classifier, n, 4), highest(classifier, n, stride)},
          said.get(n),
          1e-6f,
          "episode " + n);
    }
  }

  /** Highest probability of the clips that end in the second chunk. */
  private float highest(RewardClassifier classifier, int episode, int stride) {
    float highest = ending(classifier, episode, 8);
    for (int end = 8 - stride; stride > 0 && end > 4; end -= stride) {
      highest = Math.max(highest, ending(classifier, episode, end));
    }
    return highest;
  }

  private float ending(RewardClassifier classifier, int episode, int step) {
    Tensor window = Torch.of(new long[] {episode, step - 4}, 1, 2);
    Tensor clip = Dataset.normalised(data.frames().rows(episodes.nextFrames(window)));
    Tensor task = data.task().narrow(0, episode, 1);
    return Torch.floats(classifier.probability(clip, task))[0];
  }

  @Test
  void clipsThatWouldBeginBeforeTheirEpisodeAreNotLookedAt() {
    var classifier = new RewardClassifier(ClassifierConfigs.stride(1), 4, 48 * 48, 2);
    Tensor frames = data.frames().rows(episodes.nextFrames(Torch.of(new long[] {0, 4}, 1, 2)));
    Tensor before = data.frames().rows(Torch.range(2, 3).unsqueeze(0)); // frames 2 to 4
    Tensor task = Torch.of(new long[] {0}, 1);
    float last = ending(classifier, 0, 8);
    for (int age = 0; age < 4; age++) {
      float expected = last;
      for (int back = 1; back <= age; back++) {
        expected = Math.max(expected, ending(classifier, 0, 8 - back));
      }
      Tensor said = classifier.highest(before, frames, task, Torch.of(new long[] {age}, 1));
      assertEquals(expected, Torch.floats(said)[0], 1e-6f, "after " + age + " steps");
    }
    assertTrue(classifier.scan().before() == 3);
  }
}
