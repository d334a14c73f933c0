package dev.reverie.round;

import java.util.LinkedHashMap;
import java.util.Locale;
import java.util.Map;
import java.util.function.Supplier;

/** Tells which stages of a round are at work, and keeps the seconds that each took. */
final class Stages {
  private final Console console;
  private final Map<String, Double> seconds = new LinkedHashMap<>();

  Stages(Console console) {
    this.console = console;
  }

  /** Tells that a stage begins; the result is to be run when it ends. */
  Runnable begin(String stage) {
    String name = stage.replace('_', ' ');
    console.line("== " + name);
    long start = System.nanoTime();
    return () -> {
      double took = (System.nanoTime() - start) / 1e9;
      synchronized (seconds) {
        seconds.put(stage, Math.round(took * 10) / 10.0);
      }
      console.line(String.format(Locale.ROOT, "   %s: %.1f s", name, took));
    };
  }

  <T> T run(String stage, Supplier<T> work) {
    Runnable end = begin(stage);
    T result = work.get();
    end.run();
    return result;
  }

  void run(String stage, Runnable work) {
    Runnable end = begin(stage);
    work.run();
    end.run();
  }

  Map<String, Double> seconds() {
    synchronized (seconds) {
      return new LinkedHashMap<>(seconds);
    }
  }
}
