package dev.reverie.trainer;

import java.util.List;

/** A dry run's stages as text. */
final class DryRunTable {
  private static final List<String> BYTES = List.of("B", "KiB", "MiB", "GiB", "TiB", "PiB");
  private static final List<String> THOUSANDS = List.of("", "k", "M", "G", "T", "P", "E", "Z");

  private DryRunTable() {}

  /**
   * A machine that is to train.
   *
   * @param flops that it does a second; 0 where nobody said
   * @param memory in bytes, of the device that networks are on
   * @param apart whether that device has memory of its own, in which no data are
   */
  record Machine(double flops, double memory, boolean apart) {
    private double peak(DryRun.Stage stage) {
      return apart ? stage.peak() - stage.data() : stage.peak();
    }
  }

  static String of(List<DryRun.Stage> stages, Machine machine) {
    StringBuilder text = new StringBuilder();
    text.append(
        row(
            "stage", "trains", "weights", "results", "data", "peak", "on disk", "steps", "a step",
            "FLOP"));
    text.append(machine.flops() > 0 ? "  time%n".formatted() : System.lineSeparator());
    double flops = 0;
    double disk = 0;
    for (DryRun.Stage stage : stages) {
      flops += stage.flops();
      disk += stage.disk();
      text.append(
          row(
              stage.name(),
              stage.parameters() == 0 ? "-" : scaled(stage.parameters(), 1000, THOUSANDS),
              bytes(stage.weights()),
              bytes(stage.results()),
              bytes(stage.data()),
              bytes(machine.peak(stage)),
              bytes(stage.disk()),
              stage.steps() == 0 ? "-" : Long.toString(stage.steps()),
              stage.steps() == 0 ? "-" : flops(stage.flops() / stage.steps()),
              flops(stage.flops())));
      text.append(time(stage.flops(), machine)).append(System.lineSeparator());
    }
    text.append(
        "together %s on disk and %sFLOP%s%n"
            .formatted(bytes(disk), flops(flops), time(flops, machine)));
    for (DryRun.Stage stage : stages) {
      if (machine.peak(stage) > machine.memory()) {
        text.append(
            "%s does not fit: it needs %s, and the machine has %s%n"
                .formatted(stage.name(), bytes(machine.peak(stage)), bytes(machine.memory())));
      }
    }
    if (stages.stream().allMatch(stage -> machine.peak(stage) <= machine.memory())) {
      text.append("all stages fit into %s%n".formatted(bytes(machine.memory())));
    }
    return text.toString();
  }

  private static String row(String name, String... cells) {
    StringBuilder row = new StringBuilder("%-18s".formatted(name));
    for (String cell : cells) {
      row.append(" %9s".formatted(cell));
    }
    return row.toString();
  }

  private static String time(double flops, Machine machine) {
    if (machine.flops() == 0) {
      return "";
    }
    double seconds = flops / machine.flops();
    double days = seconds / 86_400;
    String unit =
        seconds < 120
            ? "%.0f s".formatted(seconds)
            : seconds < 7200
                ? "%.0f min".formatted(seconds / 60)
                : days < 2 ? "%.1f h".formatted(seconds / 3600) : "%.0f days".formatted(days);
    return "  " + unit;
  }

  private static String bytes(double bytes) {
    return scaled(bytes, 1024, BYTES);
  }

  private static String flops(double flops) {
    return scaled(flops, 1000, THOUSANDS);
  }

  /** Writes a value with three digits. */
  private static String scaled(double value, double base, List<String> units) {
    int unit = 0;
    double scaled = value;
    while (scaled >= 999.5 && unit + 1 < units.size()) {
      scaled /= base;
      unit++;
    }
    int digits = scaled >= 99.95 || unit == 0 ? 0 : scaled >= 9.995 ? 1 : 2;
    return "%.${digits}f %s"
        .replace("${digits}", Integer.toString(digits))
        .formatted(scaled, units.get(unit))
        .strip();
  }
}
