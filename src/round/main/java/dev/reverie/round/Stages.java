package dev.reverie.round;

import java.util.LinkedHashMap;
import java.util.Map;
import java.util.function.Supplier;

/** Runs the stages of a round, says which one is at work and keeps the seconds that each took. */
final class Stages {

  private final Map<String, Double> seconds = new LinkedHashMap<>();

  <T> T run(String stage, Supplier<T> work) {
    System.out.println("== " + stage.replace('_', ' '));
    long start = System.nanoTime();
    T result = work.get();
    double took = (System.nanoTime() - start) / 1e9;
    synchronized (seconds) {
      seconds.put(stage, Math.round(took * 10) / 10.0);
    }
    System.out.printf("   %s: %.1f s%n", stage.replace('_', ' '), took);
    return result;
  }

  void run(String stage, Runnable work) {
    run(
        stage,
        () -> {
          work.run();
          return 0;
        });
  }

  Map<String, Double> seconds() {
    synchronized (seconds) {
      return new LinkedHashMap<>(seconds);
    }
  }
}
