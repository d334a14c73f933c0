package dev.reverie.trainer.data;

import static org.bytedeco.pytorch.global.torch.ScalarType.Bool;
import static org.bytedeco.pytorch.global.torch.ScalarType.Byte;
import static org.bytedeco.pytorch.global.torch.ScalarType.Float;

import dev.reverie.policy.ActionSpace;
import dev.reverie.policy.BundleSpec;
import dev.reverie.policy.HeadSpec;
import dev.reverie.policy.Language;
import dev.reverie.policy.NdArray;
import dev.reverie.policy.PolicyBundle;
import dev.reverie.trainer.model.SmallVla;
import dev.reverie.trainer.nn.Torch;
import dev.reverie.trainer.nn.TrainerException;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.stream.IntStream;
import org.bytedeco.pytorch.Scalar;
import org.bytedeco.pytorch.Tensor;

/**
 * A tiny world for tests: a bright square on a dark 48 x 48 picture, moved sideways by the first
 * action. Whoever reaches the right half succeeds, under the instruction "right".
 */
public final class Examples {
  public static final int HORIZON = 4;

  private Examples() {}

  /** The camera, and a smaller one that sees the same from afar. */
  public static final List<BundleSpec.Camera> TWO_CAMERAS =
      List.of(new BundleSpec.Camera("camera", 48, 48), new BundleSpec.Camera("side", 24, 32));

  /**
   * The square as an arm: "slide" moves it to the right and "lift" up, a metre before the camera,
   * which sees a metre across.
   */
  public static final String URDF =
      """
      <robot name="square">
        <link name="camera_optical_frame"/>
        <link name="carriage"/>
        <link name="square">
          <visual>
            <origin xyz="0.083333333 0 0"/>
            <geometry><box size="0.166666667 0.166666667 0.0001"/></geometry>
          </visual>
        </link>
        <joint name="slide" type="prismatic">
          <parent link="camera_optical_frame"/><child link="carriage"/>
          <origin xyz="-0.5 0 1"/><axis xyz="1 0 0"/>
          <limit lower="0" upper="1" velocity="1" effort="1"/>
        </joint>
        <joint name="lift" type="prismatic">
          <parent link="carriage"/><child link="square"/><axis xyz="0 -1 0"/>
          <limit lower="0" upper="1" velocity="1" effort="1"/>
        </joint>
      </robot>
      """;

  public static BundleSpec spec() {
    return spec(List.of(new BundleSpec.Camera("camera", 48, 48)));
  }

  public static BundleSpec spec(List<BundleSpec.Camera> cameras) {
    return new BundleSpec(
        cameras,
        List.of("slide", "lift"),
        new ActionSpace.JointDeltas(List.of("slide", "lift"), List.of(0.1, 0.1)),
        new BundleSpec.Chunk(HORIZON, 0.1),
        HeadSpec.tokens(5),
        Language.words(List.of("go", "left", "right"), 2),
        List.of(),
        BundleSpec.Lineage.NONE);
  }

  /** Returns what the pictures of one camera make. */
  public static Canvas canvas() {
    return Canvas.of(spec().cameras());
  }

  public static PolicyBundle policy() {
    return policy(spec());
  }

  public static PolicyBundle policy(BundleSpec spec) {
    return SmallVla.create(spec, new double[] {0.5, 0}, new double[] {0.3, 1}, 1);
  }

  /** Episodes of 8 steps that a person gave; every other one succeeds, after 6 steps. */
  public static Dataset episodes(String prefix, int count) {
    return episodes(prefix, count, "");
  }

  /** The same of a policy. */
  public static Dataset episodes(String prefix, int count, String policy) {
    return episodes(prefix, count, policy, canvas());
  }

  /** The same, seen by several cameras. */
  public static Dataset episodes(String prefix, int count, String policy, Canvas canvas) {
    int steps = 2 * HORIZON;
    Tensor frames = Torch.zeros(Byte, count, steps + 1, 3, canvas.height(), canvas.width());
    Tensor actions = Torch.zeros(Float, count, steps, 2);
    Tensor joints = Torch.zeros(Float, count, steps + 1, 2);
    long[] ends = new long[count];
    byte[] success = new byte[count];
    for (int n = 0; n < count; n++) {
      boolean right = n % 2 == 0;
      ends[n] = right ? 6 : steps;
      success[n] = (byte) (right ? 1 : 0);
      for (int t = 0; t <= steps; t++) {
        int x = 10 + n % 4 + (right ? 3 : 1) * Math.min(t, (int) ends[n]);
        for (Canvas.View view : canvas.views()) {
          Tensor seen = view.of(frames.select(0, n).select(0, t));
          long side = view.width() / 6;
          seen.narrow(1, 20 * view.height() / 48, side)
              .narrow(2, (long) x * view.width() / 48, side)
              .fill_(new Scalar(250L));
        }
        joints.select(0, n).select(0, t).select(0, 0).fill_(new Scalar(x / 48f));
        if (t < steps) {
          actions.select(0, n).select(0, t).select(0, 0).fill_(new Scalar(right ? 1f : 0.5f));
        }
      }
    }
    return new Dataset(
        IntStream.range(0, count).mapToObj(n -> prefix + n).toList(),
        Collections.nCopies(count, policy),
        List.of("go right", "go left"),
        Torch.of(new long[] {1, 3, 1, 2}, 2, 2),
        frames(frames, ends),
        actions,
        joints,
        Torch.of(ends, count),
        Torch.of(success, count).to(Bool),
        Torch.of(new long[count], count),
        Torch.range(0, 2),
        Torch.of(ends, count),
        Torch.of(new byte[count], count).to(Bool));
  }

  /** The same as if read from bags whose hashes are the ids, without scenes. */
  public static Recordings.Folder folder(Dataset data) {
    return folder(data, new long[data.episodes()]);
  }

  /** The same as if read from bags whose hashes are the ids. */
  public static Recordings.Folder folder(Dataset data, long... scenes) {
    return new Recordings.Folder(
        data,
        IntStream.range(0, data.episodes())
            .mapToObj(n -> new Recording(data.ids().get(n), data.ids().get(n), scenes[n]))
            .toList());
  }

  /** Returns which of these rollouts of a first round judge. */
  public static Split split(Dataset demonstrations, Dataset rollouts, Split.Config config) {
    return Split.draw(folder(demonstrations), folder(rollouts), Sides.NONE, config);
  }

  /**
   * The same episodes, some of which nothing can be learned from: they have no pictures, and
   * actions and joint positions that are no numbers.
   */
  public static Dataset poisoned(Dataset data, long... places) {
    List<EpisodeFrames> frames = new ArrayList<>(data.frames().episodes());
    Tensor actions = data.actions().clone();
    Tensor joints = data.joints().clone();
    for (long place : places) {
      int length = frames.get((int) place).length();
      NdArray none =
          NdArray.of(
              new byte[length * 3 * data.frames().height() * data.frames().width()],
              length,
              3,
              data.frames().height(),
              data.frames().width());
      frames.set(
          (int) place,
          new EpisodeFrames(
              none,
              new long[length],
              () -> {
                throw new TrainerException("a picture of episode " + place + " was looked at");
              }));
      actions.select(0, place).fill_(new Scalar(Double.NaN));
      joints.select(0, place).fill_(new Scalar(Double.NaN));
    }
    return new Dataset(
        data.ids(),
        data.policies(),
        data.texts(),
        data.tokens(),
        new FrameTable(
            frames, data.frames().length(), data.frames().height(), data.frames().width()),
        actions,
        joints,
        data.steps(),
        data.success(),
        data.instruction(),
        data.taskOf(),
        data.acted(),
        data.late());
  }

  /** Keeps frames in memory, up to the end of each. */
  private static FrameTable frames(Tensor frames, long[] ends) {
    List<EpisodeFrames> episodes = new ArrayList<>();
    for (int n = 0; n < frames.size(0); n++) {
      Tensor living = frames.select(0, n).narrow(0, 0, ends[n] + 1);
      NdArray pixels =
          NdArray.of(Torch.bytes(living), ends[n] + 1, 3, frames.size(3), frames.size(4));
      episodes.add(new EpisodeFrames(pixels, EpisodeFrames.checksums(pixels), () -> pixels));
    }
    return new FrameTable(
        episodes, (int) frames.size(1), (int) frames.size(3), (int) frames.size(4));
  }

  public static Transitions transitions(int count) {
    Dataset data = episodes("e", count);
    Tensor latents =
        Waves.of(0.5, count, data.horizon() + 1L, 8, 12, 12); // of no meaning, but repeatable
    return new Transitions(data, latents, HORIZON);
  }
}
