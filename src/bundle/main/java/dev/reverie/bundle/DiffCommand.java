package dev.reverie.bundle;

import dev.reverie.policy.NdArray;
import dev.reverie.policy.PolicyBundle;
import dev.reverie.policy.SpecDifference;
import java.io.PrintWriter;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** {@code reverie policy diff}. */
@Command(
    name = "diff",
    description = "In what two bundles differ: specification by field, graph, weights by tensor.",
    mixinStandardHelpOptions = true,
    exitCodeListHeading = "%nExit status:%n",
    exitCodeList = {"0:nothing but their history differs", "1:one cannot be read", "3:they differ"})
final class DiffCommand implements Callable<Integer> {
  private static final int DIFFERENT = 3;

  @Spec private CommandSpec spec;

  @Parameters(index = "0", paramLabel = "A", description = "A policy's folder.")
  private Path first;

  @Parameters(index = "1", paramLabel = "B", description = "Another one's.")
  private Path second;

  @Option(
      names = "--tensors",
      defaultValue = "20",
      paramLabel = "N",
      description = "Weights that are told, the most changed first (${DEFAULT-VALUE}).")
  private int tensors;

  @Override
  public Integer call() {
    PrintWriter print = spec.commandLine().getOut();
    PolicyBundle a = PolicyBundle.load(first);
    PolicyBundle b = PolicyBundle.load(second);
    print.printf("A %s %s%nB %s %s%n", a.id(), first, b.id(), second);
    List<SpecDifference> fields = SpecDifference.everywhere(a.spec(), b.spec());
    print.printf("specification: %s%n", fields.isEmpty() ? "equal" : fields.size() + " fields");
    fields.forEach(
        field ->
            print.printf(
                "  %s: A %s, B %s%n",
                field.field(), Weighed.cut(field.running()), Weighed.cut(field.next())));
    boolean graph = a.graph().equals(b.graph());
    print.printf(
        "graph: %s%n",
        graph
            ? "equal"
            : "A has %d nodes, B %d"
                .formatted(
                    a.graph().getGraph().getNodeCount(), b.graph().getGraph().getNodeCount()));
    boolean weights = weights(print, a.weights(), b.weights());
    print.flush();
    boolean lineageAlone = fields.stream().allMatch(field -> field.field().startsWith("lineage"));
    return lineageAlone && graph && weights ? 0 : DIFFERENT;
  }

  /**
   * A difference of a weight.
   *
   * @param max largest difference
   * @param rms root of the mean square of the differences
   * @param size root of the mean square of A's values
   */
  private record Change(String name, double max, double rms, double size) {
    double relative() {
      return rms / Math.max(size, 1e-12);
    }
  }

  private boolean weights(PrintWriter print, Map<String, NdArray> a, Map<String, NdArray> b) {
    Set<String> both = new TreeSet<>(a.keySet());
    both.retainAll(b.keySet());
    List<Change> changes = new ArrayList<>();
    List<String> others = new ArrayList<>();
    a.keySet().stream().filter(n -> !both.contains(n)).forEach(n -> others.add(n + ": A alone"));
    b.keySet().stream().filter(n -> !both.contains(n)).forEach(n -> others.add(n + ": B alone"));
    for (String name : both) {
      NdArray one = a.get(name);
      NdArray other = b.get(name);
      if (one == null || other == null || one.equals(other)) {
        continue;
      }
      if (one.toString().equals(other.toString())) {
        changes.add(change(name, one, other));
      } else {
        others.add("%s: A %s, B %s".formatted(name, one, other));
      }
    }
    print.printf(
        "weights: %d of %d differ%n", changes.size() + others.size(), both.size() + others.size());
    others.forEach(line -> print.println("  " + line));
    changes.sort(Comparator.comparingDouble(Change::relative).reversed());
    if (!changes.isEmpty()) {
      print.printf("  %-10s %-10s %-10s%n", "max", "rms", "rms of A");
    }
    changes.stream()
        .limit(Math.max(0, tensors))
        .forEach(
            change ->
                print.printf(
                    "  %-10.3g %-10.3g %-10.3g %s%n",
                    change.max, change.rms, change.size, change.name));
    if (changes.size() > tensors) {
      print.printf("  and %d more, changed less%n", changes.size() - tensors);
    }
    return changes.isEmpty() && others.isEmpty();
  }

  private static Change change(String name, NdArray one, NdArray other) {
    double max = 0;
    double squares = 0;
    double own = 0;
    for (long at = 0; at < one.elements(); at += SameValues.BLOCK) {
      double[] left = SameValues.block(one, at);
      double[] right = SameValues.block(other, at);
      for (int i = 0; i < left.length; i++) {
        double difference = right[i] - left[i];
        max = Math.max(max, Math.abs(difference));
        squares += difference * difference;
        own += left[i] * left[i];
      }
    }
    double count = Math.max(1, one.elements());
    return new Change(name, max, Math.sqrt(squares / count), Math.sqrt(own / count));
  }
}
