package dev.reverie.console;

import dev.reverie.console.PolicyRow.About;
import dev.reverie.console.PolicyRow.Difference;
import dev.reverie.console.PolicyRow.Fault;
import dev.reverie.console.PolicyRow.Listing;
import dev.reverie.console.PolicyRow.Saying;
import dev.reverie.console.PolicyRow.Tried;
import dev.reverie.policy.Ancestry;
import dev.reverie.policy.Ancestry.Known;
import dev.reverie.policy.BundleException;
import dev.reverie.policy.BundleSpec;
import dev.reverie.policy.PolicyBundle;
import dev.reverie.policy.SpecDifference;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.Supplier;
import java.util.stream.Stream;

/**
 * The policies that the robot node, rounds and people know: their bundles, where they come from,
 * and how they did. Only {@code bundle.json} of each is read, until somebody has a bundle checked.
 * Thread-safe.
 */
final class PolicyIndex {
  /** So long what was seen is told again without another look. */
  private static final long FRESH_NANOS = 2_000_000_000L;

  /** Beside the live bundle, and one folder deeper. */
  private static final int BESIDE = 2;

  private final List<Path> folders;
  private final Path rounds;
  private final RobotWatch robot;
  private final Supplier<List<RolloutRow>> rollouts;
  private final ReentrantLock checking = new ReentrantLock();
  private Ancestry ancestry = new Ancestry(Known::head);
  private List<Fault> unread = List.of();
  private List<Path> looked = List.of();
  private long lookedNanos;

  /**
   * Creates the index; nothing is read yet.
   *
   * @param folders that are to be there, and are told of where they are not
   * @param rounds folder that need not be there
   * @param rollouts by which policies are measured
   */
  PolicyIndex(
      List<Path> folders, Path rounds, RobotWatch robot, Supplier<List<RolloutRow>> rollouts) {
    this.folders = folders.stream().map(PolicyIndex::whole).toList();
    this.rounds = whole(rounds);
    this.robot = robot;
    this.rollouts = rollouts;
  }

  private static Path whole(Path path) {
    return path.toAbsolutePath().normalize();
  }

  /** Lists the policies, each before the one that it came from. */
  Listing list() {
    Map<String, Tried> tried = tried();
    Ancestry now = look();
    List<PolicyRow> rows = new ArrayList<>();
    Set<String> missing = new LinkedHashSet<>();
    for (Known each : now.all()) {
      rows.add(row(each, now, tried.getOrDefault(each.id(), Tried.NONE)));
      String parent = each.lineage().parent();
      if (!parent.isEmpty() && now.find(parent) == null) {
        missing.add(parent);
      }
    }
    for (String id : missing) {
      rows.add(lost(id, now, tried.getOrDefault(id, Tried.NONE)));
    }
    rows.sort(Comparator.comparingLong(PolicyRow::changedMs).reversed());
    List<Fault> faults = new ArrayList<>(unread());
    now.faults().forEach((folder, why) -> faults.add(new Fault(folder.toString(), why)));
    return new Listing(robot.livePolicy(), rows, faults);
  }

  private synchronized List<Fault> unread() {
    return unread;
  }

  private PolicyRow row(Known of, Ancestry now, Tried tried) {
    return new PolicyRow(
        of.id(),
        name(of.folder()),
        of.folder().toString(),
        of.lineage().parent(),
        changedMs(of.folder()),
        of.lineage().rollouts().size(),
        tried,
        said(now, of.id()));
  }

  private static PolicyRow lost(String id, Ancestry now, Tried tried) {
    return new PolicyRow(id, "", "", "", 0, 0, tried, said(now, id));
  }

  private static List<Saying> said(Ancestry now, String id) {
    return now.said(id).stream()
        .map(
            each ->
                new Saying(
                    each.what(),
                    each.file().toString(),
                    each.real().map(BundleSpec.Measured::successes).orElse(-1),
                    each.real().map(BundleSpec.Measured::episodes).orElse(-1)))
        .toList();
  }

  /** Its path below the folder in which it was looked for, else its last part. */
  private String name(Path folder) {
    return Stream.concat(folders.stream(), Stream.of(rounds))
        .filter(root -> folder.startsWith(root) && !folder.equals(root))
        .findFirst()
        .map(root -> root.relativize(folder))
        .orElseGet(() -> folder.getFileName() == null ? folder : folder.getFileName())
        .toString();
  }

  private static long changedMs(Path folder) {
    try {
      return Files.getLastModifiedTime(folder.resolve("bundle.json")).toMillis();
    } catch (IOException e) {
      return 0; // it went meanwhile
    }
  }

  private Map<String, Tried> tried() {
    Map<String, Tried> found = new HashMap<>();
    for (RolloutRow row : rollouts.get()) {
      if (row.problem().isEmpty() && !row.policyId().isEmpty()) {
        found.merge(row.policyId(), one(row.outcome()), PolicyIndex::sum);
      }
    }
    return found;
  }

  private static Tried one(String outcome) {
    return switch (outcome) {
      case "success" -> new Tried(1, 0, 0, 0);
      case "failure" -> new Tried(0, 1, 0, 0);
      case "aborted" -> new Tried(0, 0, 1, 0);
      default -> new Tried(0, 0, 0, 1);
    };
  }

  private static Tried sum(Tried a, Tried b) {
    return new Tried(
        a.success() + b.success(),
        a.failure() + b.failure(),
        a.aborted() + b.aborted(),
        a.unlabelled() + b.unlabelled());
  }

  /** Returns what is in the folders, at most some seconds old. */
  private synchronized Ancestry look() {
    List<Path> known = knownToRobot();
    if (System.nanoTime() - lookedNanos < FRESH_NANOS && known.equals(looked)) {
      return ancestry;
    }
    var now = new Ancestry(Known::head);
    List<Fault> failed = new ArrayList<>();
    for (Path bundle : known) {
      if (Files.isDirectory(bundle)) { // else it is on the robot's machine alone
        now.addWhereSound(bundle);
      }
    }
    for (Path folder : folders) {
      search(now, folder, Ancestry.DEEP, failed);
    }
    String state = robot.setup().stateDir();
    for (Path folder : state.isEmpty() ? List.of(rounds) : List.of(rounds, whole(Path.of(state)))) {
      if (Files.isDirectory(folder)) {
        search(now, folder, Ancestry.DEEP, failed);
      }
    }
    if (folders.isEmpty() && !known.isEmpty() && known.getFirst().getParent() != null) {
      search(now, known.getFirst().getParent(), BESIDE, new ArrayList<>());
    }
    ancestry = now;
    unread = failed;
    looked = known;
    lookedNanos = System.nanoTime();
    return now;
  }

  /** Bundles that the node told of, the live one first. */
  private List<Path> knownToRobot() {
    Set<Path> all = new LinkedHashSet<>();
    String live = robot.setup().bundle();
    if (!live.isEmpty()) {
      all.add(whole(Path.of(live)));
    }
    robot.swaps().folders().forEach(folder -> all.add(whole(Path.of(folder))));
    return List.copyOf(all);
  }

  private static void search(Ancestry into, Path folder, int deep, List<Fault> failed) {
    try {
      into.search(folder, deep);
    } catch (BundleException e) {
      failed.add(new Fault(folder.toString(), String.valueOf(e.getMessage())));
    }
  }

  /**
   * Tells what the list leaves out.
   *
   * @throws Refusal where no such policy is known
   */
  About about(String id) {
    Ancestry now = look();
    Known of = known(now, id);
    Known live = now.find(robot.livePolicy());
    BundleSpec.Measured measured = of.lineage().measured();
    return new About(
        id,
        String.join(", ", of.spec().jointNames()),
        of.lineage().settings(),
        measured.successes(),
        measured.episodes(),
        live == null
            ? List.of()
            : SpecDifference.between(live.spec(), of.spec()).stream()
                .map(each -> new Difference(each.field(), each.running(), each.next()))
                .toList());
  }

  /**
   * The folder of a policy's bundle.
   *
   * @throws Refusal where no such policy is known
   */
  Path folder(String id) {
    return known(look(), id).folder();
  }

  private static Known known(Ancestry now, String id) {
    Known of = now.find(id);
    if (of == null) {
      throw new Refusal(404, "there is no bundle of the policy '%s' here", id);
    }
    return of;
  }

  /**
   * Reads all files of a bundle, and says whether they are whole and what it says. The robot is not
   * asked.
   *
   * @throws Refusal where no such policy is known, or another one is being checked
   */
  RobotClients.Answer check(String id) {
    Path folder = known(look(), id).folder();
    if (!checking.tryLock()) {
      throw new Refusal(409, "another bundle is being checked; wait for it");
    }
    try {
      PolicyBundle whole = PolicyBundle.load(folder);
      boolean same = whole.id().equals(id);
      return new RobotClients.Answer(
          same,
          same
              ? "every file of it is as its bundle.json says"
              : "the bundle in %s is another one by now: %s".formatted(folder, whole.id()),
          "");
    } catch (BundleException e) {
      return new RobotClients.Answer(false, String.valueOf(e.getMessage()), "");
    } finally {
      checking.unlock();
    }
  }
}
