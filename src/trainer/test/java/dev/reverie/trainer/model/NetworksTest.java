package dev.reverie.trainer.model;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.reverie.trainer.data.Context;
import dev.reverie.trainer.data.Course;
import dev.reverie.trainer.data.Examples;
import dev.reverie.trainer.data.Waves;
import dev.reverie.trainer.nn.LibtorchTest;
import dev.reverie.trainer.nn.Torch;
import org.bytedeco.pytorch.Scalar;
import org.bytedeco.pytorch.Tensor;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Compared with the same networks in PyTorch 2.10 under the same weights and inputs. */
class NetworksTest extends LibtorchTest {
  private static final ObjectMapper JSON = new ObjectMapper();

  /** Printed by bench/unet.py. */
  @ParameterizedTest
  @CsvSource({
    "SOME_BLOCKS, 438856, 0.6007784, 1.2015653, 1.0800545",
    "EVERY_BLOCK, 478888, 0.54879141, 0.83111668, 0.58690315"
  })
  void theWorldModelPredictsAsInPyTorch(
      Backbone.Modulation modulation, long weights, double square, double one, double norm) {
    WorldModel model = new WorldModel(modulated(modulation), 4, 2, 8);
    Waves.fill(model);
    Tensor predicted = predict(model, Waves.of(3, 2, 4, 2));
    Tensor loss = predicted.square().mean();
    loss.backward();
    double squares = 0;
    for (Tensor parameter : model.parameters().trained().values()) {
      squares += parameter.grad().square().sum().item_double();
    }
    assertEquals(weights, model.parameters().count());
    assertEquals(square, loss.item_double(), 1e-5);
    assertEquals(
        one, predicted.flatten().select(0, 1 * 4608 + 3 * 1152 + 5 * 144 + 79).item_double(), 1e-4);
    assertEquals(norm, Math.sqrt(squares), 1e-4);
  }

  @Test
  void ofEveryBlockAFrameHeedsItsOwnActionAndThoseBeforeAlone() {
    WorldModel model = new WorldModel(modulated(Backbone.Modulation.EVERY_BLOCK), 4, 2, 8);
    Waves.fill(model);
    Tensor actions = Waves.of(3, 2, 4, 2);
    Tensor others = actions.clone();
    others.select(1, 2).add_(new Scalar(0.5f)); // the third of four
    Tensor change = Torch.noGrad(() -> predict(model, actions).sub(predict(model, others)).abs());
    assertEquals(0, change.narrow(1, 0, 2).max().item_double());
    assertTrue(change.select(1, 2).max().item_double() > 1e-4);
    assertTrue(change.select(1, 3).max().item_double() > 1e-4);
  }

  private static Tensor predict(WorldModel model, Tensor actions) {
    return model.predict(
        Waves.of(1, 2, 4, 8, 12, 12),
        past(2),
        Course.of(actions),
        Torch.of(new float[] {1, 0.5f}, 2),
        Torch.of(new float[] {0.05f, 0.2f}, 2));
  }

  private static WorldModel.Config modulated(Backbone.Modulation modulation) {
    ObjectNode all = JSON.valueToTree(WorldModel.Config.DEFAULT);
    return JSON.convertValue(all.put("modulation", modulation.name()), WorldModel.Config.class);
  }

  @Test
  void theAutoEncoderCodesAsInPyTorch() {
    FrameVae vae = new FrameVae(FrameVae.Config.DEFAULT, Examples.canvas());
    Waves.fill(vae);
    Tensor latents = vae.encode(Waves.of(4, 2, 3, 48, 48));
    Tensor images = vae.decode(latents);
    assertEquals(81_276, vae.parameters().count());
    assertEquals(0.013245345, latents.square().mean().item_double(), 1e-7);
    assertEquals(-0.05328669, latents.flatten().select(0, 1152 + 7 * 144 + 40).item_double(), 1e-6);
    assertEquals(0.006000944, images.square().mean().item_double(), 1e-7);
    assertEquals(
        -0.11033385,
        images.flatten().select(0, 6912 + 2 * 2304 + 33 * 48 + 44).item_double(),
        1e-6);
  }

  @Test
  void theRewardClassifierJudgesAsInPyTorch() {
    RewardClassifier classifier =
        new RewardClassifier(RewardClassifier.Config.DEFAULT, 4, 48 * 48, 3);
    Waves.fill(classifier);
    Tensor logits = classifier.logits(Waves.of(5, 2, 4, 3, 48, 48), Torch.of(new long[] {0, 2}, 2));
    assertEquals(144_969, classifier.parameters().count());
    assertArrayEquals(new float[] {0.0064025f, 0.0063827f}, Torch.floats(logits.detach()), 1e-6f);
  }

  @Test
  void theJointHeadReadsAsInPyTorch() {
    JointHead head = new JointHead(JointHead.Config.DEFAULT, 8, 144, 2, 3);
    Waves.fill(head);
    Tensor joints = head.positions(Waves.of(6, 2, 8, 12, 12));
    assertArrayEquals(
        new float[] {0.1909998f, 0.0769591f, -0.3075756f, 0.1481163f, 0.0613441f, -0.2626758f},
        Torch.floats(joints.detach()),
        1e-5f);
  }

  /** Printed by bench/joints.py. */
  @Test
  void jointsAreFollowedAsInPyTorch() {
    JointHead.Config dynamics =
        new JointHead.Config(1000, 128, 3e-3, 0.01, 0.1, JointHead.Kind.DYNAMICS, 16);
    JointHead head = new JointHead(dynamics, 8, 144, 2, 3);
    Waves.fill(head);
    Tensor path =
        head.after(
            Waves.of(1, 2, 2, 3),
            Waves.of(2, 2, 2),
            Waves.of(3, 2, 4, 2),
            Waves.of(6, 2, 4, 8, 12, 12),
            1);
    assertArrayEquals(
        new float[] {0.3872553f, 0.0883203f, -0.3211001f, -0.0290354f, -0.0278272f, -0.2954627f},
        Torch.floats(path.detach()),
        1e-5f);
  }

  @Test
  void theUntrainedWorldModelSaysThatNothingMoves() {
    WorldModel model = new WorldModel(WorldModel.Config.DEFAULT, 4, 2, 8);
    Context past = past(1);
    Tensor next = model.sample(past, Waves.of(3, 1, 4, 2));
    double noise = WorldModel.Config.DEFAULT.inferenceNoise();
    Tensor change = next.sub(past.newest());
    assertEquals(noise, change.square().mean().sqrt().item_double(), 0.2 * noise);
  }

  @Test
  void ofItsLastWindowTheWorldModelPredictsAsFarAsThereAreActions() {
    WorldModel model = new WorldModel(WorldModel.Config.DEFAULT, 4, 2, 8);
    Waves.fill(model);
    Tensor actions = Waves.of(3, 2, 6, 2);
    Torch.seed(5, "noise");
    Tensor all = model.play(past(2), actions);
    assertArrayEquals(new long[] {2, 6, 8, 12, 12}, Torch.shape(all));
    Torch.seed(5, "noise");
    Tensor begun = model.sample(past(2), actions.narrow(1, 0, 4));
    Context then = model.after(past(2), begun, actions.narrow(1, 0, 4));
    Tensor last = actions.narrow(1, 5, 1);
    Tensor ended = model.sample(then, Torch.cat(1, actions.narrow(1, 4, 2), last, last));
    assertArrayEquals(
        Torch.floats(Torch.cat(1, begun, ended.narrow(1, 0, 2)).contiguous()),
        Torch.floats(all.contiguous()),
        1e-6f);
  }

  /** Two frames of each of some rollouts, and actions that nobody looks at. */
  private static Context past(long rollouts) {
    return new Context(
        WorldModel.Config.DEFAULT.memory(),
        Waves.of(2, rollouts, 2, 8, 12, 12),
        Waves.of(0, rollouts, 2, 2));
  }
}
