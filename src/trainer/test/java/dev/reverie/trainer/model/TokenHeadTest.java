package dev.reverie.trainer.model;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;

import dev.reverie.trainer.data.Waves;
import dev.reverie.trainer.nn.LibtorchTest;
import dev.reverie.trainer.nn.Share;
import dev.reverie.trainer.nn.Torch;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch;
import org.junit.jupiter.api.Test;

class TokenHeadTest extends LibtorchTest {
  @Test
  void anActionIsTheCentreOfItsBin() {
    Tensor actions = Torch.of(new float[] {-1, -0.94f, -0.96f, 0, 0.52f, 1, 3}, 7);
    Tensor tokens = TokenHead.tokens(actions, 21);
    assertArrayEquals(new long[] {0, 1, 0, 10, 15, 20, 20}, Torch.longs(tokens));
    assertArrayEquals(
        new float[] {-1, -0.9f, -1, 0, 0.5f, 1, 1},
        Torch.floats(TokenHead.centres(tokens, 21)),
        1e-6f);
  }

  @Test
  void drawnTokensHaveTheirLogProbability() {
    Tensor logits = Torch.times(Waves.of(1, 3, 4, 2, 21), 3);
    PolicySample sample = TokenHead.draw(logits, 1.6, Share.whole(3));
    Tensor log = TokenHead.logProbabilities(logits, 1.6);
    assertArrayEquals(
        Torch.floats(TokenHead.of(log, sample.drawn())), Torch.floats(sample.logProbabilities()));
    assertEquals(1, log.exp().select(0, 0).select(0, 0).select(0, 0).sum().item_double(), 1e-5);
  }

  @Test
  void tokensAreDrawnAsOftenAsTheirProbabilitySays() {
    float[] values = new float[20_000 * 2];
    for (int i = 0; i < values.length; i += 2) {
      values[i] = (float) Math.log(3); // probability 3/4
    }
    PolicySample sample = TokenHead.draw(Torch.of(values, 20_000, 1, 1, 2), 1, Share.whole(20_000));
    assertEquals(0.25, Torch.times(sample.drawn().sum(), 1 / 20_000.).item_double(), 0.01);
  }

  @Test
  void tokensAreThoseOfMultinomialAndAShareHasItsRowsOfThem() {
    Tensor logits = Torch.times(Waves.of(1, 5, 4, 2, 21), 3);
    Torch.seed(1, "draws");
    Tensor expected = torch.multinomial(logits.softmax(-1).view(-1, 21), 1).view(5, 4, 2);
    Torch.seed(1, "draws");
    assertArrayEquals(
        Torch.longs(expected), Torch.longs(TokenHead.draw(logits, 1, Share.whole(5)).drawn()));
    Torch.seed(1, "draws");
    Share share = new Share(5, 2, 3);
    assertArrayEquals(
        Torch.longs(expected.narrow(0, 2, 3)),
        Torch.longs(TokenHead.draw(share.of(logits), 1, share).drawn()));
  }
}
