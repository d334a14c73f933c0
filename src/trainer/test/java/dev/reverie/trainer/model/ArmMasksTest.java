package dev.reverie.trainer.model;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.reverie.arm.ArmSilhouette;
import dev.reverie.testing.Refusal;
import dev.reverie.trainer.data.ArmSight;
import dev.reverie.trainer.data.Bags;
import dev.reverie.trainer.data.Canvas;
import dev.reverie.trainer.data.Context;
import dev.reverie.trainer.data.Course;
import dev.reverie.trainer.data.Dataset;
import dev.reverie.trainer.data.Examples;
import dev.reverie.trainer.data.Transitions;
import dev.reverie.trainer.data.Waves;
import dev.reverie.trainer.nn.LibtorchTest;
import dev.reverie.trainer.nn.Torch;
import dev.reverie.trainer.nn.TrainerException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Objects;
import org.bytedeco.pytorch.Tensor;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** The arm drawn from a bag's URDF, beside the bag's own pictures of it. */
class ArmMasksTest extends LibtorchTest {
  private static final List<String> JOINTS = List.of("slide", "lift");

  private final Path folder;
  private final Dataset data = Examples.episodes("e", 4);

  ArmMasksTest(@TempDir Path folder) {
    this.folder = folder;
    Bags.write(folder.resolve("bags"), data, JOINTS, 4);
  }

  @Test
  void theDrawingIsWhereThePicturesShowTheArm() {
    ArmMasks masks = new ArmMasks(sight(), Examples.spec());
    Tensor drawn = masks.of(data.joints()); // [N, T+1, 1, h, w]
    Tensor bright = Dataset.normalised(data.frames().all()).select(2, 0); // [N, T+1, H, W]
    Tensor cells =
        bright
            .unflatten(3, 12, 4)
            .unflatten(2, 12, 4)
            .mean(new long[] {3, 5}, false, Torch.sameType());
    Tensor shown = Torch.times(Torch.plus(cells, 1), 127.5 / 250);
    assertArrayEquals(new long[] {4, 9, 1, 12, 12}, Torch.shape(drawn));
    assertEquals(0, drawn.squeeze(2).sub(shown).abs().max().item_double(), 0.13); // an edge's width
    assertEquals(0, drawn.squeeze(2).sub(shown).abs().mean().item_double(), 0.01);
    assertTrue(shown.sum().item_double() > 4 * 9 * 3);
  }

  @ParameterizedTest
  @EnumSource(Backbone.Kind.class)
  void aWorldModelHeedsTheDrawing(Backbone.Kind kind) {
    WorldModel.Config config = ShapesConfigs.of(kind, 32, 2, 2, true, false, false, true, true);
    WorldModel model =
        new WorldModel(config, 4, 2, 2, 8).shownBy(new ArmMasks(sight(), Examples.spec()));
    Waves.fill(model);
    Tensor windows = Torch.of(new long[] {0, 1, 1, 2}, 2, 2);
    Transitions episodes = Examples.transitions(4);
    Context past = episodes.context(windows, model.memory());
    Course course = episodes.course(windows, model.memory());
    Tensor z = Waves.of(1, 2, 4, 8, 12, 12);
    Tensor first = predict(model, z, past, course);
    Tensor weights = Torch.required(model.parameters().trained(), name(kind));
    Torch.noGrad(() -> weights.narrow(1, at(kind), 1).zero_());
    Tensor blind = predict(model, z, past, course);
    assertTrue(first.sub(blind).abs().max().item_double() > 1e-4);
  }

  private static String name(Backbone.Kind kind) {
    return kind == Backbone.Kind.UNET ? "inp.weight" : "patches.weight";
  }

  /** The channel of the first drawing that differs from frame to frame. */
  private static long at(Backbone.Kind kind) {
    return kind == Backbone.Kind.UNET ? 7 * 8 + 1 : 8;
  }

  private static Tensor predict(WorldModel model, Tensor z, Context past, Course course) {
    return Torch.noGrad(
        () -> model.predict(z, past, course, Torch.full(0.5, 2), Torch.full(0.1, 2)));
  }

  @Test
  void whatDrawsTheArmIsKeptBesideTheModelsAndComparedWithTheBags() throws IOException {
    ArmSight sight = sight();
    sight.write(folder);
    sight.write(folder);
    sight.requireSame(ArmSight.read(folder), "the folder");
    String json = Files.readString(folder.resolve(ArmSight.FILE));
    Files.writeString(
        folder.resolve(ArmSight.FILE), json.replace("\"slide\"", "\"other\"").replace("48", "49"));
    Refusal.of(
        TrainerException.class,
        () -> sight.write(folder),
        "is not as in",
        ArmSight.FILE,
        "pretrain anew");
    Refusal.of(
        TrainerException.class,
        () -> ArmSight.read(folder.resolve("bags")),
        "silhouette.json cannot be read",
        "worldModel.silhouette");
    Files.writeString(folder.resolve(ArmSight.FILE), "{");
    Refusal.of(TrainerException.class, () -> ArmSight.read(folder), "is damaged");
  }

  @Test
  void aCameraThatNobodyPlacesIsRefusedUnlessAFileOfHandEyeDoes() throws IOException {
    Path bags = folder.resolve("two");
    Dataset both = Examples.episodes("t", 1, "", Canvas.of(Examples.TWO_CAMERAS));
    Bags.write(bags, both, JOINTS, 4, "", Canvas.of(Examples.TWO_CAMERAS));
    Refusal.of(
        TrainerException.class,
        () -> ArmSight.of(bags.resolve("t0"), Examples.spec(Examples.TWO_CAMERAS), List.of()),
        "nobody says where the camera 'side'",
        "'side_optical_frame' is no link",
        "worldModel.handEye");
    Path file =
        Files.writeString(
            folder.resolve("side.hand_eye.yaml"),
            """
            camera: side
            mounting: EYE_TO_HAND
            parent_frame: camera_optical_frame
            child_frame: side_optical_frame
            xyz: [0.0, 0.0, -1.0]
            quaternion_xyzw: [0.0, 0.0, 0.0, 1.0]
            residuals: {rotation_deg: 0.0, translation_mm: 0.0, pairs: 6}
            method: PARK
            """);
    ArmSight sight =
        ArmSight.of(
            bags.resolve("t0"), Examples.spec(Examples.TWO_CAMERAS), List.of(file.toString()));
    ArmSilhouette.Eye side = Objects.requireNonNull(sight.eyes().get("side"));
    assertEquals(List.of(0.0, 0.0, -1.0), side.xyz());
    Tensor drawn =
        new ArmMasks(sight, Examples.spec(Examples.TWO_CAMERAS)).of(both.joints().narrow(1, 0, 1));
    assertArrayEquals(new long[] {1, 1, 1, 12, 18}, Torch.shape(drawn));
    // Twice as far away, on pictures of half the width and 24 pixels a metre.
    assertEquals(4 * 4 / 16.0 / 4, drawn.narrow(4, 12, 6).sum().item_double(), 0.15);
    Path gone = folder.resolve("gone.yaml");
    Refusal.of(
        TrainerException.class,
        () ->
            ArmSight.of(
                bags.resolve("t0"), Examples.spec(Examples.TWO_CAMERAS), List.of(gone.toString())),
        "there is no",
        "calibrate hand-eye");
  }

  private ArmSight sight() {
    return ArmSight.of(folder.resolve("bags/e0"), Examples.spec(), List.of());
  }
}
