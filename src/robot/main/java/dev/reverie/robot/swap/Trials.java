package dev.reverie.robot.swap;

import com.fasterxml.jackson.core.JsonProcessingException;
import dev.reverie.policy.BundleException;
import dev.reverie.policy.ProcessMemory;
import dev.reverie.policy.TrialJava;
import dev.reverie.robot.setup.SwapParameters;
import dev.reverie.robot.swap.Trial.Answer;
import dev.reverie.robot.swap.Trial.Question;
import java.io.BufferedOutputStream;
import java.io.BufferedReader;
import java.io.DataOutputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.Locale;
import java.util.Optional;
import java.util.concurrent.locks.LockSupport;
import java.util.function.BooleanSupplier;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * Has policy bundles tried by a {@link TrialProcess}, within limits of time and memory: one that
 * exceeds them is ended, and with it whatever it was at. The process stays for the next bundle. For
 * one thread at a time, but for {@link #end}.
 */
final class Trials implements AutoCloseable {
  private static final long LOOK_NANOS = 2_000_000L;

  private final SwapParameters limits;
  private volatile @Nullable Running running;
  private volatile boolean closed;

  private record Running(Process process, DataOutputStream asks, BufferedReader says) {}

  Trials(SwapParameters limits) {
    this.limits = limits;
  }

  /**
   * Tries a bundle; returns when it is done.
   *
   * @param wanted asked all the time; where it gives false the trial is broken off
   * @param told takes each state that the bundle reaches
   * @return the last answer: PROBED, or REPLAYED where that is asked for, LIVE or REFUSED
   * @throws BundleException where it was not tried to its end, with the reason
   */
  Answer run(Question question, BooleanSupplier wanted, Consumer<Answer> told) {
    long deadline = System.nanoTime() + (long) (limits.loadTimeoutS() * 1e9);
    try {
      Optional<Answer> answer = once(question, wanted, told, deadline);
      if (answer.isEmpty()) { // the process of before had just ended for want of work
        answer = once(question, wanted, told, deadline);
      }
      return answer.orElseThrow(
          () ->
              new BundleException("the process that tries bundles ends at once; look at its log"));
    } catch (IOException e) {
      throw new BundleException(
          "the bundle could not be tried in a process of its own: %s".formatted(e.getMessage()), e);
    }
  }

  /** Tries it once; empty where the process had ended before it said anything. */
  private Optional<Answer> once(
      Question question, BooleanSupplier wanted, Consumer<Answer> told, long deadline)
      throws IOException {
    Running now = process();
    try {
      Trial.write(question, now.asks);
    } catch (IOException e) {
      if (!wanted.getAsBoolean()) {
        throw broken();
      }
      end(now);
      return Optional.empty();
    }
    PolicyState reached = null;
    while (true) {
      if (now.says.ready()) {
        Answer answer = answer(now);
        reached = answer.state();
        if (isLast(reached, question)) {
          return Optional.of(answer);
        }
        told.accept(answer);
      } else if (!wanted.getAsBoolean()) {
        end(now);
        throw broken();
      } else if (!now.process.isAlive() && !now.says.ready()) {
        end(now);
        if (reached == null && now.process.exitValue() == 0) {
          return Optional.empty();
        }
        throw new BundleException(
            "the policy ended the process that tried it with status %d, after it was %s; export or train it again"
                .formatted(now.process.exitValue(), words(reached)));
      } else {
        require(now, reached, deadline);
        LockSupport.parkNanos(this, LOOK_NANOS);
      }
    }
  }

  private static boolean isLast(PolicyState reached, Question question) {
    return switch (reached) {
      case REPLAYED, REFUSED, LIVE -> true;
      case PROBED -> !question.terms().isReplayed();
      default -> false;
    };
  }

  private Answer answer(Running now) throws IOException {
    String line = now.says.readLine();
    try {
      return Trial.answer(line == null ? "" : line);
    } catch (JsonProcessingException e) { // it broke down amid it
      end(now);
      throw e;
    }
  }

  private void require(Running now, @Nullable PolicyState reached, long deadline) {
    long megabytes = ProcessMemory.ownBytes(now.process.pid()) >> 20;
    if (megabytes > limits.memoryMb()) {
      end(now);
      throw new BundleException(
          "the policy takes more than %d MB of memory after it was %s; use a smaller one, or set swap.memory_mb"
              .formatted(limits.memoryMb(), words(reached)));
    }
    if (System.nanoTime() > deadline) {
      end(now);
      throw new BundleException(
          "the bundle was not tried to its end within %s s, but was %s; use a smaller policy, or set swap.load_timeout_s"
              .formatted(limits.loadTimeoutS(), words(reached)));
    }
  }

  private static String words(@Nullable PolicyState reached) {
    return reached == null ? "read" : reached.name().toLowerCase(Locale.ROOT);
  }

  private static BundleException broken() {
    return new BundleException("nobody waits for it any more");
  }

  private synchronized Running process() throws IOException {
    Running now = running;
    if (closed) {
      throw broken();
    }
    if (now != null && ProcessMemory.ownBytes(now.process.pid()) >> 20 > limits.memoryMb() / 2) {
      end(now); // what it tried before leaves too little
    }
    if (now == null || !now.process.isAlive()) {
      Process process = TrialJava.start(TrialProcess.class, limits.memoryMb());
      now =
          new Running(
              process,
              new DataOutputStream(new BufferedOutputStream(process.getOutputStream())),
              process.inputReader(StandardCharsets.UTF_8));
      running = now;
    }
    return now;
  }

  /** Ends the process, and what it tries. On any thread. */
  void end() {
    Running now = running;
    if (now != null) {
      end(now);
    }
  }

  private synchronized void end(Running ended) {
    ended.process.destroyForcibly();
    if (running == ended) {
      running = null;
    }
  }

  @Override
  public void close() {
    closed = true;
    end();
  }
}
