package dev.reverie.trainer;

import com.sun.management.OperatingSystemMXBean;
import dev.reverie.policy.Tokenizer;
import dev.reverie.trainer.data.Dataset;
import dev.reverie.trainer.data.EpisodeCache;
import dev.reverie.trainer.data.EpisodeDecoder;
import dev.reverie.trainer.data.PolicyTask;
import dev.reverie.trainer.data.Recordings;
import dev.reverie.trainer.data.Tasks;
import dev.reverie.trainer.nn.Torch;
import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import org.bytedeco.javacpp.PointerScope;
import org.bytedeco.pytorch.Tensor;

/**
 * The Java half of {@code bench/reading.py}: opens all demonstrations of a folder and looks at
 * every frame once, in batches as the auto-encoder does. Prints episodes, those from the cache,
 * seconds and CPU seconds of opening, peak and anonymous memory then in MiB, seconds of looking,
 * frames, and the memory again.
 */
final class ReadingBenchmark {
  private static final long BATCH = 128;

  private ReadingBenchmark() {}

  public static void main(String[] args) {
    Torch.start(1);
    PolicyTask task = PolicyTask.simulatedArm();
    EpisodeCache.Config config = new EpisodeCache.Config(Path.of(args[1]), false);
    double cpu = cpuSeconds();
    long begin = System.nanoTime();
    Recordings recordings =
        Recordings.open(
            List.of(Path.of(args[0])),
            new EpisodeCache(config, EpisodeDecoder.of(task), line -> {}),
            () -> false);
    Dataset data =
        recordings
            .data(
                new Tokenizer(task.spec(recordings.instructions()).language()),
                Tasks.DEFAULT,
                task.chunk().horizon())
            .getFirst()
            .data();
    double opened = (System.nanoTime() - begin) / 1e9;
    cpu = cpuSeconds() - cpu;
    String memory = memory();
    begin = System.nanoTime();
    Tensor frames = data.livingFrames();
    long count = frames.size(0);
    for (long at = 0; at < count; at += BATCH) {
      try (var _ = new PointerScope()) {
        data.frames().rows(frames.narrow(0, at, Math.min(BATCH, count - at)));
      }
    }
    System.out.printf(
        Locale.ROOT,
        "%d %d %.2f %.2f %s %.2f %d %s%n",
        data.episodes(),
        recordings.cached(),
        opened,
        cpu,
        memory,
        (System.nanoTime() - begin) / 1e9,
        count,
        memory());
  }

  private static double cpuSeconds() {
    var os = (OperatingSystemMXBean) ManagementFactory.getOperatingSystemMXBean();
    return os.getProcessCpuTime() / 1e9;
  }

  /** Peak of the resident memory, and what of the resident memory is no file's, MiB. */
  private static String memory() {
    try {
      List<String> status = Files.readAllLines(Path.of("/proc/self/status"));
      return mib(status, "VmHWM:") + " " + mib(status, "RssAnon:");
    } catch (IOException e) {
      throw new IllegalStateException(e);
    }
  }

  private static long mib(List<String> status, String name) {
    String line = status.stream().filter(l -> l.startsWith(name)).findFirst().orElseThrow();
    return Long.parseLong(line.replaceAll("\\D", "")) / 1024;
  }
}
