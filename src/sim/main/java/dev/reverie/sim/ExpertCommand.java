package dev.reverie.sim;

import dev.reverie.report.Interval;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.Callable;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/** Counts successes of the scripted expert and takes its time, in this process, without ROS. */
@Command(
    name = "expert",
    mixinStandardHelpOptions = true,
    description = "Run a scripted expert on the simulated arm, without ROS, and count successes.")
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

  @Option(
      names = "--task",
      paramLabel = "NAME",
      defaultValue = "insert",
      description = "what it does (default: ${DEFAULT-VALUE})")
  private String task = "insert";

  @Option(
      names = "--shift",
      paramLabel = "NAME",
      defaultValue = "none",
      description =
          "how the scene differs: none, position, background or texture (default: ${DEFAULT-VALUE})")
  private String shift = "none";

  @Option(names = "--film", description = "write the pictures of the first eight episodes there")
  private @Nullable Path film;

  @Override
  public Integer call() throws IOException {
    int successes = 0;
    long ticks = 0;
    long cameraNanos = 0;
    List<List<byte[]>> strips = new ArrayList<>();
    long start = System.nanoTime();
    Task what = Task.named(task);
    try (TaskScene scene = what.open(Shift.named(shift))) {
      Lens camera = scene.views(what.pictureSide(), 2).getFirst().lens();
      for (int episode = 0; episode < episodes; episode++) {
        String _ = scene.reset(seed + episode, "");
        Supplier<double[]> expert = scene.expert(seed + episode);
        List<byte[]> pictures = new ArrayList<>();
        boolean reached = scene.reached().isPresent();
        for (int tick = 0; tick < what.limitTicks() && !reached; tick++) {
          long before = System.nanoTime();
          pictures.add(camera.render());
          cameraNanos += System.nanoTime() - before;
          scene.tick(expert.get());
          reached = scene.reached().isPresent();
          ticks++;
        }
        pictures.add(camera.render());
        successes += reached ? 1 : 0;
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
      ContactSheet.write(film, strips, what.pictureSide());
    }
    return 0;
  }
}
