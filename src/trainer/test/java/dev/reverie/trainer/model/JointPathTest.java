package dev.reverie.trainer.model;

import static org.bytedeco.pytorch.global.torch.ScalarType.Double;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.reverie.trainer.data.Context;
import dev.reverie.trainer.data.Course;
import dev.reverie.trainer.data.Examples;
import dev.reverie.trainer.data.Transitions;
import dev.reverie.trainer.data.Waves;
import dev.reverie.trainer.nn.LibtorchTest;
import dev.reverie.trainer.nn.Metrics;
import dev.reverie.trainer.nn.Torch;
import java.nio.file.Path;
import java.util.List;
import org.bytedeco.pytorch.Tensor;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** A world model that is told where the joints will be. */
class JointPathTest extends LibtorchTest {
  private final Transitions episodes = Examples.transitions(3);
  private final Tensor windows = episodes.windows().narrow(0, 0, 4);

  @ParameterizedTest
  @EnumSource(Backbone.Kind.class)
  void theGradientByTheJointsIsWhatAStepOfThemChanges(Backbone.Kind kind) {
    WorldModel model = model(kind);
    Course course = episodes.course(windows, model.memory());
    Tensor joints = course.joints().clone().set_requires_grad(true);
    weighed(model, new Course(course.actions(), joints)).backward();
    for (int step = 0; step < 4; step++) {
      double gradient = joints.grad().select(1, step).abs().max().item_double();
      assertTrue(gradient > 1e-5, "step " + step);
    }
    // Along the steepest way, and along others, on the scale of what the steepest one changes.
    Tensor steepest = joints.grad().div(joints.grad().norm());
    for (Tensor to : List.of(steepest, Waves.of(0, 4, 4, 2), Waves.of(1, 4, 4, 2))) {
      Tensor way = to.div(to.norm());
      double there = along(model, course, way, 0.1);
      double back = along(model, course, way, -0.1);
      double most = joints.grad().norm().item_double();
      assertEquals(joints.grad().mul(way).sum().item_double(), (there - back) / 0.2, 0.03 * most);
    }
  }

  private double along(WorldModel model, Course course, Tensor way, double step) {
    Tensor moved = course.joints().add(Torch.times(way, step));
    return Torch.noGrad(() -> weighed(model, new Course(course.actions(), moved))).item_double();
  }

  @ParameterizedTest
  @EnumSource(Backbone.Kind.class)
  void theOppositePathImaginesAnotherPicture(Backbone.Kind kind) {
    WorldModel model = model(kind);
    Context past = episodes.context(windows, model.memory());
    Tensor actions = episodes.actions(windows);
    JointHead head = untrainedHead();
    Waves.fill(head);
    Tensor there = imagined(model.toldBy(head), past, actions);
    Tensor turned = head.foretold(past.joints(), past.led(), actions);
    Torch.noGrad(
        () -> {
          Torch.required(head.parameters().trained(), "m.b.weight").neg_(); // the other way
          Torch.required(head.parameters().trained(), "m.b.bias").neg_();
        });
    Tensor back = head.foretold(past.joints(), past.led(), actions);
    assertEquals(
        0,
        turned
            .add(back)
            .select(1, 0)
            .sub(Torch.times(past.newestJoints().select(1, 0), 2))
            .abs()
            .max()
            .item_double(),
        1e-5,
        "the first step is the opposite one");
    Tensor opposite = imagined(model.toldBy(head), past, actions);
    assertArrayEquals(new long[] {4, 4, 8, 12, 12}, Torch.shape(there));
    assertTrue(there.sub(opposite).abs().mean().item_double() > 1e-4);
    assertArrayEquals(
        Torch.floats(opposite), Torch.floats(imagined(model.toldBy(head), past, actions)));
  }

  @Test
  void ofSeveralWindowsEachGoesOnFromWhereTheOneBeforeLedTheJoints() {
    WorldModel.Config config =
        ShapesConfigs.of(Backbone.Kind.UNET, 32, 2, 2, true, false, false, true);
    WorldModel model = new WorldModel(config, 2, 2, 2, 8);
    Waves.fill(model);
    JointHead head = untrainedHead();
    Waves.fill(head);
    WorldModel told = model.toldBy(head);
    Context past = episodes.context(windows, told.memory());
    Tensor actions = episodes.actions(windows);
    Tensor whole = imagined(told, past, actions);
    Torch.seed(1, "imagined");
    Tensor first = told.play(past, actions.narrow(1, 0, 2));
    Context then = told.after(past, first, actions.narrow(1, 0, 2));
    Tensor second = told.play(then, actions.narrow(1, 2, 2));
    assertArrayEquals(Torch.floats(whole), Torch.floats(Torch.cat(1, first, second)));
    Tensor seen =
        head.after(past.joints(), past.led(), actions.narrow(1, 0, 2), first, 2); // corrected
    assertArrayEquals(Torch.floats(seen), Torch.floats(then.joints().narrow(1, 1, 2)));
    assertArrayEquals(
        Torch.floats(past.joints().select(1, 0)), Torch.floats(then.joints().select(1, 0)));
  }

  @Test
  void trainingIsToldTheRecordedPathAndOnlyWhereTheSettingsSaySo(@TempDir Path folder) {
    Metrics metrics = new Metrics(folder.resolve("x.jsonl"), "x");
    WorldModel untold = new WorldModel(WorldModel.Config.DEFAULT, 4, 2, 2, 8);
    WorldModel told = model(Backbone.Kind.UNET);
    Waves.fill(untold);
    double before = loss(untold, metrics);
    double with = loss(told, metrics);
    Torch.noGrad(() -> episodes.data().joints().neg_());
    assertEquals(before, loss(untold, metrics));
    assertNotEquals(with, loss(told, metrics), 1e-6);
    assertEquals(438_856, untold.parameters().count());
  }

  @Test
  void nothingIsImaginedWhileNobodyTells() {
    WorldModel model = model(Backbone.Kind.UNET);
    Context past = episodes.context(windows, model.memory());
    Tensor actions = episodes.actions(windows);
    assertThrows(IllegalStateException.class, () -> model.play(past, actions));
  }

  /** Returns one that follows joints from action to action. */
  static JointHead untrainedHead() {
    JointHead.Config usual = JointHead.Config.DEFAULT;
    return new JointHead(
        new JointHead.Config(
            usual.steps(),
            usual.batch(),
            usual.learningRate(),
            usual.weightDecay(),
            usual.noise(),
            JointHead.Kind.DYNAMICS,
            usual.path()),
        8,
        144,
        2,
        2);
  }

  private static WorldModel model(Backbone.Kind kind) {
    WorldModel model =
        new WorldModel(ShapesConfigs.of(kind, 32, 2, 2, false, true, true, true), 4, 2, 2, 8);
    Waves.fill(model);
    return model;
  }

  /** A sum over a prediction in which no two numbers count alike. */
  private Tensor weighed(WorldModel model, Course course) {
    Context past = episodes.context(windows, model.memory());
    Tensor z = Waves.of(1, 4, 4, 8, 12, 12);
    Tensor predicted =
        model.predict(z, past, course, Torch.full(0.5, 4), Torch.full(0.1, 4)); // [4, 4, 8, 12, 12]
    return predicted.mul(Waves.of(2, 4, 4, 8, 12, 12)).to(Double).sum();
  }

  private static Tensor imagined(WorldModel model, Context past, Tensor actions) {
    Torch.seed(1, "imagined");
    return model.play(past, actions);
  }

  private double loss(WorldModel model, Metrics metrics) {
    Torch.seed(1, "loss");
    return model.loss(episodes, windows, metrics).item_double();
  }
}
