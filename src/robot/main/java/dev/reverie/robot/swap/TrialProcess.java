package dev.reverie.robot.swap;

import dev.reverie.msgs.reverie.Replayed;
import dev.reverie.policy.BundleException;
import dev.reverie.policy.BundleJson;
import dev.reverie.policy.BundleLimits;
import dev.reverie.policy.BundleSignature;
import dev.reverie.policy.BundleSpec;
import dev.reverie.policy.PolicyBundle;
import dev.reverie.policy.SigningKeys;
import dev.reverie.policy.Task;
import dev.reverie.policy.TrialJava;
import dev.reverie.robot.sense.TrainedCalibrations;
import dev.reverie.robot.setup.SameArm;
import dev.reverie.robot.swap.Trial.Answer;
import dev.reverie.robot.swap.Trial.Question;
import dev.reverie.robot.swap.Trial.Terms;
import java.io.BufferedInputStream;
import java.io.DataInputStream;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;

/**
 * A process beside the robot node's in which policy bundles are tried: whatever one does here, be
 * it endless, too large or a crash of native code, the node only kills this process. It tries one
 * after another, and ends with the node or when nothing came for some time.
 */
final class TrialProcess {
  /** Time after which a process that is not needed gives its memory back. */
  private static final long IDLE_S = 60;

  private final PrintStream says = System.out;
  private final BlockingQueue<Question> asked = new LinkedBlockingQueue<>();

  private TrialProcess() {}

  /** Answers on the standard output what is asked on the standard input. */
  public static void main(String[] args) throws InterruptedException {
    var process = new TrialProcess();
    System.setOut(System.err); // what libraries print is no answer
    Thread.ofPlatform().name("hears").daemon().start(process::hear);
    for (Question next = process.next(); next != null; next = process.next()) {
      process.answer(next);
    }
    ProcessEnd.now(0);
  }

  private Question next() throws InterruptedException {
    return asked.poll(IDLE_S, TimeUnit.SECONDS);
  }

  private void hear() {
    try (var in = new DataInputStream(new BufferedInputStream(System.in))) {
      while (true) {
        asked.add(Trial.read(in));
      }
    } catch (IOException | RuntimeException e) { // the node has ended
      ProcessEnd.now(0);
    }
  }

  private void say(PolicyState state, String id) {
    say(new Answer(state, id, "", new Replayed()));
  }

  private void say(Answer answer) {
    try {
      says.write((Trial.line(answer) + "\n").getBytes(StandardCharsets.UTF_8));
      says.flush();
    } catch (IOException e) {
      throw new IllegalStateException("no answer can be given", e);
    }
  }

  private void answer(Question question) {
    try {
      tryOut(question);
    } catch (RuntimeException | Error e) { // whoever asked gets an answer
      say(Answer.refused(TrialJava.reason(e)));
    }
  }

  private void tryOut(Question question) {
    Terms asked = question.terms();
    Path folder = Path.of(asked.folder());
    PolicyBundle bundle = PolicyBundle.load(folder);
    if (!asked.keys().isEmpty()) {
      BundleSignature.require(folder, bundle.id(), SigningKeys.publicKeys(Path.of(asked.keys())));
    }
    if (bundle.id().equals(asked.live())) {
      say(PolicyState.LIVE, bundle.id());
      return;
    }
    say(PolicyState.STAGED, bundle.id());
    Task task = Task.parse(asked.task(), "the arm's task");
    SameArm.requireSwappable(task, bundle.spec());
    if (!asked.spec().isEmpty()) {
      byte[] spec = asked.spec().getBytes(StandardCharsets.UTF_8);
      var live = BundleJson.parse(spec, "the live policy", BundleSpec.class);
      SamePolicy.require(live, bundle.spec(), asked.mayDiffer());
    }
    TrainedCalibrations.require(bundle, asked.lenses());
    say(PolicyState.VERIFIED, bundle.id());
    BundleLimits limits = BundleLimits.begin(bundle);
    try (LivePolicy policy = asked.runtime().load(bundle, asked.lenses())) {
      limits.requireMemory();
      say(PolicyState.LOADED, bundle.id());
      policy.requireActs(question.seen(), asked.lenses());
      say(PolicyState.PROBED, bundle.id());
      if (asked.isReplayed()) {
        say(replayed(policy, asked));
      }
    } catch (IllegalStateException | IllegalArgumentException e) {
      throw new BundleException(
          "bundle %s: its policy fails: %s".formatted(folder, e.getMessage()), e);
    }
  }

  private static Answer replayed(LivePolicy policy, Terms asked) {
    Replayed found = RecordedTrial.run(policy, asked.replay(), asked.runtime().lockStep());
    return asked
        .replay()
        .asked()
        .exceeded(found)
        .map(why -> new Answer(PolicyState.REFUSED, policy.id(), why, found))
        .orElseGet(
            () -> new Answer(PolicyState.REPLAYED, policy.id(), ReplayAsked.words(found), found));
  }
}
