package dev.reverie.rcljava;

import dev.reverie.msgs.geometry_msgs.Pose;
import dev.reverie.msgs.std_srvs.SetBool;
import dev.reverie.msgs.test_msgs.Fibonacci;
import dev.reverie.rcljava.action.ActionClient;
import dev.reverie.rcljava.action.ActionServer;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import java.util.function.Supplier;

/**
 * Looks for what grows: {@code Soak [MESSAGES [ENTITIES]]}, 10 million and 10,000 where not told.
 * Sends messages to a second process, then makes and closes entities of each kind while that one
 * looks on; both compare what they hold with what they held after a warm-up. Ends with status 1
 * where something has grown.
 */
final class Soak {
  /** Messages until an answer is waited for. */
  private static final int BURST = 500;

  /** The part of messages and entities before the first look: one in so many. */
  private static final int WARM_UP = 10;

  /** Looks, a tenth of a second apart, until growth counts. */
  private static final int PATIENCE = 100;

  private static final int FEW = 1000;

  private static final Qos QOS = Qos.reliable(BURST);
  private static final String ENTITIES = "entities";

  private final Consumer<String> out;
  private final List<String> growth = new ArrayList<>();

  private Soak(Consumer<String> out) {
    this.out = out;
  }

  public static void main(String[] args) throws Exception {
    if (args.length > 0 && args[0].equals("taker")) {
      List<String> growth = take(args[1], Long.parseLong(args[2]));
      growth.forEach(System.out::println);
      System.exit(growth.isEmpty() ? 0 : 1);
    }
    long messages = args.length > 0 ? Long.parseLong(args[0]) : 10_000_000;
    int entities = args.length > 1 ? Integer.parseInt(args[1]) : 10_000;
    List<String> growth = run(messages, entities, System.out::println);
    growth.forEach(line -> System.out.println("grown: " + line));
    System.exit(growth.isEmpty() ? 0 : 1);
  }

  /**
   * Exchanges messages, then makes and closes entities.
   *
   * @param messages their number, a multiple of 5000
   * @param entities their number of each kind, of which a tenth are a warm-up
   * @return what has grown
   */
  static List<String> run(long messages, int entities, Consumer<String> out) throws Exception {
    var soak = new Soak(out);
    String namespace = "/soak" + ProcessHandle.current().pid();
    Process taker = startTaker(namespace, messages);
    try (Context context = Context.init("--ros-args", "-r", "__ns:=" + namespace);
        var executor = new Executor(context)) {
      Node node = context.createNode("soak");
      executor.add(node);
      Thread spinner = Thread.ofPlatform().name("spin").start(executor::spin);
      soak.publish(node, messages);
      soak.makeAndClose(context, node, executor, entities);
      context.shutdown();
      spinner.join();
    } finally {
      taker.getOutputStream().close();
    }
    taker.inputReader().lines().forEach(line -> soak.growth.add("the taking process: " + line));
    if (!taker.waitFor(20, TimeUnit.SECONDS)) {
      taker.destroyForcibly();
      soak.growth.add("the taking process does not end");
    }
    return soak.growth;
  }

  private static Process startTaker(String namespace, long messages) throws IOException {
    return new ProcessBuilder(
            ProcessHandle.current().info().command().orElse("java"),
            "--enable-native-access=ALL-UNNAMED",
            "-Xmx256m",
            "-cp",
            System.getProperty("java.class.path"),
            Soak.class.getName(),
            "taker",
            namespace,
            Long.toString(messages))
        .redirectError(ProcessBuilder.Redirect.INHERIT)
        .start();
  }

  // ---- messages ----

  private void publish(Node node, long messages) throws InterruptedException {
    var answers = new Semaphore(0);
    node.createSubscription(Pose.TYPE, "answers", QOS, m -> answers.release());
    Publisher<Pose> typed = node.createPublisher(Pose.TYPE, "typed", QOS);
    Publisher<Pose> bytes = node.createPublisher(Pose.TYPE, "bytes", QOS);
    require(
        PollUntil.await(
            node.context(),
            Duration.ofSeconds(20),
            () -> typed.subscriptionCount() == 1 && bytes.subscriptionCount() == 1),
        "the taking process is not there");
    MemorySegment cdr =
        Arena.ofAuto().allocateFrom(ValueLayout.JAVA_BYTE, Pose.TYPE.encode(new Pose()));
    Runnable burst =
        () -> {
          for (int i = 0; i < BURST / 2; i++) {
            typed.publish(new Pose());
            bytes.publishSerialized(cdr);
          }
          require(acquire(answers), "messages were lost");
        };
    watch(messages + " messages", messages / BURST, burst);
  }

  private static boolean acquire(Semaphore answers) {
    try {
      return answers.tryAcquire(20, TimeUnit.SECONDS);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      return false;
    }
  }

  /**
   * Runs the other process: takes all messages, answers each burst, and looks until its input ends.
   */
  private static List<String> take(String namespace, long messages) throws Exception {
    try (Context context = Context.init("--ros-args", "-r", "__ns:=" + namespace);
        var executor = new Executor(context)) {
      Node node = context.createNode("taker");
      executor.add(node);
      Publisher<Pose> answers = node.createPublisher(Pose.TYPE, "answers", QOS);
      var before = new Semaphore(0);
      var taken = new long[1];
      Runnable count =
          () -> {
            if (++taken[0] % BURST == 0) {
              if (taken[0] == messages / WARM_UP) {
                before.release();
              }
              answers.publish(new Pose());
            }
          };
      node.createSubscription(Pose.TYPE, "typed", QOS, m -> count.run());
      node.createSerializedSubscription(
          Pose.TYPE.name(), "bytes", QOS, SubscriptionOptions.DEFAULT, (cdr, info) -> count.run());
      // Those that come and go in the other process meet these.
      node.createPublisher(Pose.TYPE, ENTITIES, Qos.DEFAULT);
      node.createSubscription(Pose.TYPE, ENTITIES, Qos.DEFAULT, m -> {});
      Thread spinner = Thread.ofPlatform().name("spin").start(executor::spin);
      before.acquire();
      Footprint first = Footprint.settled();
      System.in.readAllBytes();
      Footprint last = afterwards(first);
      List<String> growth = last.growthSince(first);
      if (taken[0] != messages) {
        growth.add("%d of %d messages taken".formatted(taken[0], messages));
      }
      context.shutdown();
      spinner.join();
      return growth;
    }
  }

  // ---- entities ----

  private void makeAndClose(Context context, Node node, Executor executor, int entities) {
    Map<String, Supplier<AutoCloseable>> kinds = new LinkedHashMap<>();
    kinds.put("publishers", () -> node.createPublisher(Pose.TYPE, ENTITIES, Qos.DEFAULT));
    kinds.put(
        "subscriptions", () -> node.createSubscription(Pose.TYPE, ENTITIES, Qos.DEFAULT, m -> {}));
    kinds.put(
        "services",
        () -> node.createService(SetBool.TYPE, "service", q -> new SetBool.Response(true, "")));
    kinds.put("clients", () -> node.createClient(SetBool.TYPE, "service"));
    kinds.put("timers", () -> node.createTimer(Duration.ofHours(1), () -> {}));
    kinds.put(
        "action servers",
        () ->
            new ActionServer<>(
                node, Fibonacci.TYPE, "action", goal -> goal.succeed(new Fibonacci.Result())));
    kinds.put("action clients", () -> new ActionClient<>(node, Fibonacci.TYPE, "action"));
    kinds.put(
        "nodes",
        () -> {
          Node other = context.createNode("other");
          executor.add(other);
          return other;
        });
    if (entities < FEW) { // one look for all, which takes longer than they do
      Runnable all = () -> kinds.values().forEach(make -> close(make.get()));
      watch(entities + " of each kind", entities, all);
    } else {
      kinds.forEach(
          (name, make) -> watch(entities + " " + name, entities, () -> close(make.get())));
    }
    int contexts = Math.max(WARM_UP, entities / 100);
    watch(contexts + " contexts", contexts, () -> close(withNode()));
  }

  /** Returns a context with a node, which is what takes part in the middleware. */
  private static Context withNode() {
    Context context = Context.init();
    context.createNode("alone");
    return context;
  }

  private static void close(AutoCloseable entity) {
    CloseAll.close(List.of(entity));
  }

  /** Does it so often, a tenth of them before the first look. */
  private void watch(String what, long times, Runnable once) {
    for (long i = 0; i < times / WARM_UP; i++) {
      once.run();
    }
    Footprint first = Footprint.settled();
    long begin = System.nanoTime();
    for (long i = times / WARM_UP; i < times; i++) {
      once.run();
    }
    double seconds = (System.nanoTime() - begin) / 1e9;
    Footprint last = afterwards(first);
    out.accept("%s, %.1f s%n  before %s%n  after  %s".formatted(what, seconds, first, last));
    last.growthSince(first).forEach(line -> growth.add(what + ": " + line));
  }

  /** Measures after a while: the middleware, too, forgets peers and entities only then. */
  private static Footprint afterwards(Footprint before) {
    Footprint after = Footprint.now();
    for (int i = 0; i < PATIENCE && !after.growthSince(before).isEmpty(); i++) {
      after = Footprint.now();
    }
    return after;
  }

  private static void require(boolean condition, String otherwise) {
    if (!condition) {
      throw new IllegalStateException(otherwise);
    }
  }
}
