package dev.reverie.sim;

import dev.reverie.report.Interval;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/** Counts successes of the scripted expert and takes its time, in this process, without ROS. */
@Command(
    name = "expert",
    mixinStandardHelpOptions = true,
    description = "Run the scripted expert on the simulated arm, without ROS, and count successes.")
final class ExpertCommand implements Callable<Integer> {
  @Option(
      names = "--episodes",
      defaultValue = "500",
      description = "how many (default: ${DEFAULT-VALUE})")
  private int episodes = 500;

  @Option(
      names = "--seed",
      defaultValue = "1",
      description = "of the first episode; the next ones count up (default: ${DEFAULT-VALUE})")
  private long seed = 1;

  @Option(names = "--film", description = "write the pictures of the first eight episodes there")
  private @Nullable Path film;

  @Override
  public Integer call() throws IOException {
    int successes = 0;
    long ticks = 0;
    long cameraNanos = 0;
    List<List<byte[]>> strips = new ArrayList<>();
    long start = System.nanoTime();
    try (var scene = new PegScene()) {
      var camera = new RayCamera(scene.simulation(), PegScene.CAMERA, 48, 2);
      for (int episode = 0; episode < episodes; episode++) {
        scene.reset(seed + episode, Optional.empty());
        var expert = new Expert(scene, Expert.random(seed + episode));
        List<byte[]> pictures = new ArrayList<>();
        for (int tick = 0; tick < PegScene.TIME_LIMIT_TICKS && !scene.succeeded(); tick++) {
          long before = System.nanoTime();
          pictures.add(camera.render());
          cameraNanos += System.nanoTime() - before;
          scene.tick(expert.command());
          ticks++;
        }
        pictures.add(camera.render());
        successes += scene.succeeded() ? 1 : 0;
        if (strips.size() < 8) {
          strips.add(pictures);
        }
      }
    }
    Interval success = Interval.wilson(successes, episodes);
    System.out.printf(
        Locale.ROOT,
        "%d of %d episodes succeeded: %.3f [%.3f, %.3f]; %.1f ticks an episode; %.2f ms an episode,"
            + " of which the camera took %.3f ms a picture%n",
        successes,
        episodes,
        success.value(),
        success.low(),
        success.high(),
        (double) ticks / episodes,
        (System.nanoTime() - start) / 1e6 / episodes,
        cameraNanos / 1e6 / ticks);
    if (film != null) {
      ContactSheet.write(film, strips, 48);
    }
    return 0;
  }
}
