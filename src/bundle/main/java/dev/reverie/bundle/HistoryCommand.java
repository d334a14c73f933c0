package dev.reverie.bundle;

import dev.reverie.policy.Ancestry;
import dev.reverie.policy.BundleException;
import dev.reverie.policy.BundleSpec;
import java.io.PrintWriter;
import java.nio.file.Path;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** {@code reverie policy history}. */
@Command(
    name = "history",
    description =
        "How bundles came to be: parents, bags, settings, and what rounds and robots say of them.",
    mixinStandardHelpOptions = true)
final class HistoryCommand implements Callable<Integer> {
  @Spec private CommandSpec spec;

  @Parameters(
      arity = "0..*",
      paramLabel = "BUNDLE",
      description = "Policies (default: all below --in that no other one came from).")
  private List<Path> bundles = List.of();

  @Option(
      names = "--in",
      paramLabel = "FOLDER",
      description =
          "Where parents, round.json, comparison.json and the node's policies.json are looked for;"
              + " repeat for several (default: beside each bundle).")
  private List<Path> folders = List.of();

  @Option(names = "--settings", description = "Also the settings of the training.")
  private boolean settings;

  @Override
  public Integer call() {
    if (bundles.isEmpty() && folders.isEmpty()) {
      throw new BundleException("no bundle is given; give its folder, or one of several by --in");
    }
    PrintWriter print = spec.commandLine().getOut();
    Ancestry ancestry = Ancestry.of(bundles, folders);
    for (Ancestry.Known newest : ancestry.wanted()) {
      told(print, ancestry, newest);
    }
    print.flush();
    return 0;
  }

  private void told(PrintWriter print, Ancestry ancestry, Ancestry.Known newest) {
    Set<String> seen = new HashSet<>();
    Ancestry.@Nullable Known at = newest;
    while (at != null && seen.add(at.id())) {
      BundleSpec.Lineage lineage = at.lineage();
      print.printf("%s %s%n", at.id(), at.folder());
      print.printf("  trained on %d bags%n", lineage.rollouts().size());
      BundleSpec.Measured measured = lineage.measured();
      if (measured.episodes() > 0) {
        print.printf(
            lineage.parent().isEmpty()
                ? "  %d of %d real episodes succeeded, when it was written%n"
                : "  %d of %d real episodes of its parent succeeded, when it was written%n",
            measured.successes(),
            measured.episodes());
      }
      ancestry.said(at.id()).forEach(line -> print.println("  " + line));
      if (settings) {
        lineage.settings().forEach((name, value) -> print.printf("  %s = %s%n", name, value));
      }
      String parent = lineage.parent();
      at = ancestry.find(parent);
      if (at == null) {
        print.println(
            parent.isEmpty()
                ? "  it has no parent: it was imported, or trained from nothing"
                : "  its parent " + parent + " was not found; --in names where to look");
      }
    }
  }
}
