package dev.reverie.bundle;

import dev.reverie.policy.Ancestry;
import dev.reverie.policy.BundleException;
import dev.reverie.policy.BundleSpec;
import dev.reverie.rollout.ActingPolicies;
import dev.reverie.rollout.EpisodeException;
import java.io.PrintWriter;
import java.math.BigDecimal;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.concurrent.Callable;
import java.util.stream.Collectors;
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
        "How bundles came to be, or the policies that acted in a recorded episode: parents, bags,"
            + " world model, settings, and what rounds and robots say of them.",
    mixinStandardHelpOptions = true)
final class HistoryCommand implements Callable<Integer> {
  /** The file that makes a folder a bundle. */
  private static final String BUNDLE = "bundle.json";

  @Spec private CommandSpec spec;

  @Parameters(
      arity = "0..*",
      paramLabel = "BUNDLE|BAG",
      description =
          "Policies, or recorded episodes in which they acted (default: all below --in that no"
              + " other one came from).")
  private List<Path> bundles = List.of();

  @Option(
      names = "--in",
      paramLabel = "FOLDER",
      description =
          "Where parents, round.json, comparison.json and the node's policies.json are looked for;"
              + " repeat for several (default: beside each bundle).")
  private List<Path> folders = List.of();

  @Option(
      names = "--chunk",
      paramLabel = "INDEX",
      description = "Of a bag: the policy of the action chunk with this index alone.")
  private @Nullable Long chunk;

  @Option(
      names = "--stamp",
      paramLabel = "SECONDS",
      description = "Of a bag: the policy that acted at this stamp alone, such as 1795886710.116.")
  private @Nullable BigDecimal stamp;

  @Option(names = "--settings", description = "Also the settings of the training.")
  private boolean settings;

  @Override
  public Integer call() {
    if (bundles.isEmpty() && folders.isEmpty()) {
      throw new BundleException("no bundle is given; give its folder, or one of several by --in");
    }
    PrintWriter print = spec.commandLine().getOut();
    Map<Boolean, List<Path>> given =
        bundles.stream()
            .collect(
                Collectors.partitioningBy(
                    path -> Files.exists(path.resolve(BUNDLE)) || !Files.exists(path)));
    List<Path> own = given.getOrDefault(true, List.of());
    List<Path> bags = given.getOrDefault(false, List.of());
    if ((chunk != null || stamp != null) && bags.isEmpty()) {
      throw new BundleException("--chunk and --stamp are of a recorded episode; give its bag");
    }
    if (!own.isEmpty() || bags.isEmpty()) {
      Ancestry ancestry = Ancestry.of(own, folders);
      for (Ancestry.Known newest : ancestry.wanted()) {
        told(print, ancestry, newest);
      }
    }
    bags.forEach(bag -> ofBag(print, bag));
    print.flush();
    return 0;
  }

  private void ofBag(PrintWriter print, Path bag) {
    ActingPolicies policies;
    try {
      policies = ActingPolicies.read(bag);
    } catch (EpisodeException e) {
      throw new BundleException(
          "%s is neither a bundle nor an episode: %s".formatted(bag, e.getMessage()), e);
    }
    List<String> ids = asked(bag, policies);
    if (ids.isEmpty()) {
      print.printf("%s: a person acted, no policy%n", bag);
      return;
    }
    Ancestry ancestry = Ancestry.of(List.of(), searched(bag, policies));
    for (String id : ids) {
      print.printf("%s: policy %s acted%n", bag, id);
      Ancestry.Known known = ancestry.find(id);
      if (known == null) {
        ancestry.said(id).forEach(line -> print.println("  " + line));
        print.println("  its bundle was not found; --in names where to look");
      } else {
        told(print, ancestry, known);
      }
    }
  }

  private List<String> asked(Path bag, ActingPolicies policies) {
    Long index = chunk;
    BigDecimal at = stamp;
    if (index == null && at == null) {
      return policies.ids();
    }
    ActingPolicies.Acted acted =
        (index == null
                ? policies.at(Objects.requireNonNull(at).movePointRight(9).longValue())
                : policies.ofChunk(index))
            .orElseThrow(
                () ->
                    new BundleException(
                        "%s has no action chunk %s; its chunks are %s"
                            .formatted(
                                bag,
                                index == null ? "at " + at : index,
                                policies.acted().isEmpty()
                                    ? "none"
                                    : "0 to " + policies.acted().getLast().chunk())));
    return acted.policyId().isEmpty() ? List.of() : List.of(acted.policyId());
  }

  /** Returns where bundles are looked for: beside the one that the recorder began with. */
  private List<Path> searched(Path bag, ActingPolicies policies) {
    if (!folders.isEmpty()) {
      return folders;
    }
    Path beside =
        policies.bundle().isEmpty()
            ? null
            : Path.of(policies.bundle()).toAbsolutePath().getParent();
    if (beside == null || !Files.isDirectory(beside)) {
      throw new BundleException(
          "%s does not tell of a folder of bundles that is here; name one by --in".formatted(bag));
    }
    return List.of(beside);
  }

  private void told(PrintWriter print, Ancestry ancestry, Ancestry.Known newest) {
    Set<String> seen = new HashSet<>();
    Ancestry.@Nullable Known at = newest;
    while (at != null && seen.add(at.id())) {
      BundleSpec.Lineage lineage = at.lineage();
      print.printf("%s %s%n", at.id(), at.folder());
      print.printf("  trained on %d bags%n", lineage.rollouts().size());
      lineage
          .networks()
          .forEach((name, hash) -> print.printf("  by %s %s%n", name.replace('_', ' '), hash));
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
