package dev.reverie.sim;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;

import dev.reverie.testing.Prepared;
import dev.reverie.testing.Python;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** MuJoCo's own Python bindings give the same episode. */
@Prepared
class ReferenceTest {
  private static final int TICKS = 32;

  private final Path folder;

  ReferenceTest(@TempDir Path folder) {
    this.folder = folder;
  }

  /**
   * An episode to simulate here and by the reference.
   *
   * @param controls [ticks, 3] rad
   */
  private record Episode(long seed, int size, int samples, double[][] controls) {}

  @Test
  void statesAreEqualBitForBitAndPicturesPixelForPixel() throws Exception {
    List<Episode> episodes = new ArrayList<>();
    try (var scene = new PegScene()) {
      for (long seed = 1; seed <= 6; seed++) {
        episodes.add(episode(scene, seed, 48, 2));
      }
      episodes.add(episode(scene, 11, 64, 1));
      episodes.add(episode(scene, 12, 33, 3));
      ByteBuffer expected = reference(scene, episodes);
      var camera = new RayCamera(scene.simulation(), PegScene.CAMERA, 48, 2);
      for (Episode e : episodes) {
        if (e.size != 48) {
          camera = new RayCamera(scene.simulation(), PegScene.CAMERA, e.size, e.samples);
        }
        compare(e, scene, camera, expected);
      }
      assertEquals(0, expected.remaining());
    }
  }

  private static Episode episode(PegScene scene, long seed, int size, int samples) {
    var random = new SplittableRandom(seed);
    scene.reset(seed, Optional.empty());
    double[][] controls = new double[TICKS][];
    double[] aim = scene.jointPositions();
    for (int tick = 0; tick < TICKS; tick++) {
      for (int joint = 0; joint < 3; joint++) {
        aim[joint] += random.nextDouble(-0.12, 0.12);
      }
      controls[tick] = aim.clone();
    }
    return new Episode(seed, size, samples, controls);
  }

  private static void compare(
      Episode episode, PegScene scene, RayCamera camera, ByteBuffer expected) {
    scene.reset(episode.seed, Optional.empty());
    check(expected, scene, camera, "seed " + episode.seed + ", reset");
    for (int tick = 0; tick < TICKS; tick++) {
      scene.simulation().control(episode.controls[tick]);
      scene.simulation().step(PegScene.STEPS_PER_TICK);
      check(expected, scene, camera, "seed " + episode.seed + ", tick " + tick);
    }
  }

  private static void check(ByteBuffer expected, PegScene scene, RayCamera camera, String where) {
    double[] positions = new double[3];
    double[] tip = new double[3];
    expected.asDoubleBuffer().get(positions).get(tip);
    expected.position(expected.position() + 48);
    assertArrayEquals(positions, scene.jointPositions(), where);
    assertEquals(new PegArm.Tip(tip[0], tip[2]), scene.tip(), where);
    byte[] picture = new byte[camera.width() * camera.height() * 3];
    expected.get(picture);
    assertArrayEquals(picture, camera.render(), where);
  }

  private ByteBuffer reference(PegScene scene, List<Episode> episodes) throws Exception {
    var input =
        ByteBuffer.allocate(8 * (9 + 3 * TICKS) * episodes.size()).order(ByteOrder.LITTLE_ENDIAN);
    for (Episode episode : episodes) {
      scene.reset(episode.seed, Optional.empty());
      input.putDouble(episode.size).putDouble(episode.samples).putDouble(TICKS);
      for (Colour colour : Colour.values()) {
        int slot = scene.layout().colours().indexOf(colour);
        input.putDouble(scene.layout().slotX().get(slot));
      }
      for (double q : scene.jointPositions()) {
        input.putDouble(q);
      }
      for (double[] control : episode.controls) {
        for (double q : control) {
          input.putDouble(q);
        }
      }
    }
    Path in = Files.write(folder.resolve("in"), input.array());
    Path out = folder.resolve("out");
    Path xml = Files.writeString(folder.resolve("scene.xml"), PlanarMjcf.resource("peg-scene.xml"));
    Process python =
        new ProcessBuilder(Python.command("sim/test/python/reference_episode.py", xml))
            .redirectInput(in.toFile())
            .redirectOutput(out.toFile())
            .redirectError(ProcessBuilder.Redirect.INHERIT)
            .start();
    assertEquals(0, python.waitFor());
    return ByteBuffer.wrap(Files.readAllBytes(out)).order(ByteOrder.LITTLE_ENDIAN);
  }
}
