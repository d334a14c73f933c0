import static java.lang.foreign.ValueLayout.JAVA_BYTE;
import static java.lang.foreign.ValueLayout.JAVA_DOUBLE_UNALIGNED;
import static java.lang.foreign.ValueLayout.JAVA_INT_UNALIGNED;

import com.sun.management.ThreadMXBean;
import dev.reverie.msgs.MessageType;
import dev.reverie.msgs.MessageView;
import dev.reverie.msgs.ServiceType;
import dev.reverie.msgs.ViewType;
import dev.reverie.msgs.builtin_interfaces.Time;
import dev.reverie.msgs.geometry_msgs.Pose;
import dev.reverie.msgs.sensor_msgs.CameraInfo;
import dev.reverie.msgs.sensor_msgs.Image;
import dev.reverie.msgs.sensor_msgs.JointState;
import dev.reverie.msgs.sensor_msgs.SetCameraInfo;
import dev.reverie.msgs.std_srvs.SetBool;
import dev.reverie.rcljava.Client;
import dev.reverie.rcljava.Context;
import dev.reverie.rcljava.Executor;
import dev.reverie.rcljava.Node;
import dev.reverie.rcljava.NodeOptions;
import dev.reverie.rcljava.Publisher;
import dev.reverie.rcljava.Qos;
import dev.reverie.rcljava.Service;
import dev.reverie.rcljava.Subscription;
import dev.reverie.rcljava.SubscriptionOptions;
import dev.reverie.rcljava.ViewPublisher;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.management.ManagementFactory;
import java.time.Duration;
import java.util.Arrays;
import java.util.Locale;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import java.util.function.Consumer;
import java.util.function.ObjLongConsumer;
import java.util.function.ToLongFunction;
import java.util.stream.IntStream;

/**
 * Runs our client as the program that is measured: Subject NAMESPACE. Speaks the protocol of
 * matrix.py.
 */
public class Subject {
  public static void main(String[] args) throws Exception {
    try (Context context = Context.init();
        Node node = context.createNode("java", NodeOptions.namespace(args[0]))) {
      Executor executor = new Executor(context);
      executor.add(node);
      Thread spinner = Thread.ofPlatform().name("spin").start(executor::spin);
      var in = new java.io.BufferedReader(new java.io.InputStreamReader(System.in));
      Kind opened = null;
      for (String line = in.readLine(); line != null; line = in.readLine()) {
        String[] words = line.split(" ");
        String answer = "ok";
        switch (words[0]) {
          case "open" -> opened = open(node, words);
          case "go" -> answer = opened.go(number(words[1]), number(words[2]), number(words[3]));
          case "allocated" -> answer = Long.toString(THREADS.getTotalThreadAllocatedBytes());
          default -> opened.close();
        }
        System.out.println(answer);
      }
      context.shutdown();
      spinner.join();
    }
  }

  private static final ThreadMXBean THREADS = (ThreadMXBean) ManagementFactory.getThreadMXBean();

  private static int number(String word) {
    return Integer.parseInt(word);
  }

  /** Opens what {@code open KIND STYLE NAME BYTES DEPTH TOPIC} asks for. */
  private static Kind open(Node node, String[] words) throws Exception {
    Style style = Style.valueOf(words[2].toUpperCase(Locale.ROOT));
    String name = words[3];
    int bytes = number(words[4]);
    Qos qos = Qos.reliable(number(words[5]));
    String topic = words[6];
    return switch (words[1]) {
      case "echo" -> new Echo(node, Sample.of(name, bytes), style, qos, topic);
      case "take" -> new Take(node, Sample.of(name, bytes), style, qos, topic);
      case "drain" -> new Drain(node, Sample.of(name, bytes), style, qos, topic);
      case "publish" -> new Publish<>(node, Sample.of(name, bytes), style, qos, topic);
      case "serve" -> serve(node, name, topic);
      case "call" ->
          name.equals("set_bool")
              ? new Call<>(node, SetBool.TYPE, new SetBool.Request(), topic)
              : new Call<>(node, SetCameraInfo.TYPE, cameraInfo(bytes), topic);
      default -> throw new IllegalArgumentException(words[1]);
    };
  }

  /** Names the form of messages: records, views of the CDR where it lies, or the CDR itself. */
  enum Style {
    TYPED,
    VIEW,
    SERIALIZED
  }

  /** Does one kind of work; one is open at a time. */
  interface Kind {
    /** Does it COUNT times, in bursts with a pause after each, and returns what was measured. */
    default String go(int count, int burst, int pauseMicros) throws Exception {
      throw new UnsupportedOperationException();
    }

    void close();
  }

  /**
   * Holds a message of one name; all but the pose begin with a header, whose stamp tells when they
   * were sent.
   */
  record Sample<T, V extends MessageView<T>>(
      MessageType<T> type,
      T value,
      ToLongFunction<T> sentNanos,
      ViewType<T, V> views,
      ToLongFunction<V> seenNanos,
      ObjLongConsumer<V> stamp) {
    static Sample<?, ?> of(String name, int bytes) {
      return switch (name) {
        case "pose" ->
            new Sample<>(
                Pose.TYPE,
                new Pose(),
                m -> (long) m.position().x(),
                Pose.VIEW,
                v -> (long) v.position().x(),
                (v, nanos) -> v.position().setX(nanos));
        case "joint_state" ->
            new Sample<>(
                JointState.TYPE,
                joints(),
                m -> nanos(m.header().stamp()),
                JointState.VIEW,
                v -> nanos(v.header().stamp()),
                (v, nanos) -> stamp(v.header().stamp(), nanos));
        default ->
            new Sample<>(
                Image.TYPE,
                image(bytes),
                m -> nanos(m.header().stamp()),
                Image.VIEW,
                v -> nanos(v.header().stamp()),
                (v, nanos) -> stamp(v.header().stamp(), nanos));
      };
    }

    long sentNanos(MemorySegment cdr) {
      return value instanceof Pose
          ? (long) cdr.get(JAVA_DOUBLE_UNALIGNED, 4)
          : cdr.get(JAVA_INT_UNALIGNED, 4) * 1_000_000_000L + cdr.get(JAVA_INT_UNALIGNED, 8);
    }

    MemorySegment cdr() {
      return Arena.ofAuto().allocateFrom(JAVA_BYTE, type.encode(value));
    }

    private static long nanos(Time stamp) {
      return stamp.sec() * 1_000_000_000L + stamp.nanosec();
    }

    private static long nanos(Time.View stamp) {
      return stamp.sec() * 1_000_000_000L + stamp.nanosec();
    }

    private static void stamp(Time.View stamp, long nanos) {
      stamp.setSec((int) (nanos / 1_000_000_000));
      stamp.setNanosec((int) (nanos % 1_000_000_000));
    }

    private static JointState joints() {
      double[] values = IntStream.range(0, 14).mapToDouble(i -> .1 * i).toArray();
      return new JointState()
          .withName(IntStream.range(0, 14).mapToObj(i -> "joint_" + i).toList())
          .withPosition(values)
          .withVelocity(values)
          .withEffort(values);
    }

    private static Image image(int bytes) {
      return new Image()
          .withHeight(1)
          .withWidth(bytes)
          .withStep(bytes)
          .withEncoding("mono8")
          .withData(new byte[bytes]);
    }
  }

  /** Collects durations in ns. */
  static class Times {
    private final long[] values = new long[1_000_000];
    private volatile int count;

    void add(long nanos) {
      int at = count;
      values[at] = nanos;
      count = at + 1;
    }

    /** Returns p50, p99, p99.9 in us and the number of durations, and forgets them. */
    String line() {
      int n = count;
      if (n == 0) {
        return "nan nan nan 0";
      }
      Arrays.sort(values, 0, n);
      count = 0;
      return "%.2f %.2f %.2f %d"
          .formatted(
              values[n / 2] / 1e3,
              values[(int) (n * .99)] / 1e3,
              values[(int) (n * .999)] / 1e3,
              n);
    }
  }

  private static final Times TIMES = new Times();

  private static <T, V extends MessageView<T>> Subscription<?> subscribe(
      Node node,
      Sample<T, V> sample,
      Style style,
      Qos qos,
      String topic,
      Consumer<T> typed,
      Consumer<V> view,
      Consumer<MemorySegment> bytes) {
    return switch (style) {
      case TYPED -> node.createSubscription(sample.type(), topic, qos, typed);
      case VIEW ->
          node.createViewSubscription(
              sample.views(),
              topic,
              qos,
              SubscriptionOptions.DEFAULT,
              (message, origin) -> view.accept(message));
      case SERIALIZED ->
          node.createSerializedSubscription(
              sample.type().name(),
              topic,
              qos,
              SubscriptionOptions.DEFAULT,
              (cdr, info) -> bytes.accept(cdr));
    };
  }

  /**
   * Answers each message: a record and CDR by themselves, a view by another of its size with its
   * stamp.
   */
  static class Echo implements Kind {
    private final Publisher<?> publisher;
    private final Subscription<?> subscription;

    <T, V extends MessageView<T>> Echo(
        Node node, Sample<T, V> sample, Style style, Qos qos, String topic) {
      String answers = topic + "_back";
      if (style == Style.VIEW) {
        ViewPublisher<V> back =
            node.createViewPublisher(sample.views(), answers, qos, sample.value());
        publisher = back.publisher();
        subscription =
            node.createViewSubscription(
                sample.views(),
                topic,
                qos,
                SubscriptionOptions.DEFAULT,
                (message, origin) -> {
                  sample.stamp().accept(back.borrow(), sample.seenNanos().applyAsLong(message));
                  back.publish();
                });
        return;
      }
      Publisher<T> back = node.createPublisher(sample.type(), answers, qos);
      publisher = back;
      subscription =
          subscribe(
              node, sample, style, qos, topic, back::publish, m -> {}, back::publishSerialized);
    }

    @Override
    public void close() {
      subscription.close();
      publisher.close();
    }
  }

  /** Counts messages and the time that they were under way. */
  static class Take implements Kind {
    private final Subscription<?> subscription;

    <T, V extends MessageView<T>> Take(
        Node node, Sample<T, V> sample, Style style, Qos qos, String topic) {
      subscription =
          subscribe(
              node,
              sample,
              style,
              qos,
              topic,
              m -> TIMES.add(System.nanoTime() - sample.sentNanos().applyAsLong(m)),
              v -> TIMES.add(System.nanoTime() - sample.seenNanos().applyAsLong(v)),
              cdr -> TIMES.add(System.nanoTime() - sample.sentNanos(cdr)));
    }

    @Override
    public String go(int count, int burst, int pauseMicros) {
      return TIMES.line();
    }

    @Override
    public void close() {
      subscription.close();
      TIMES.line();
    }
  }

  /** Lets the first message wait for go, then takes all that have queued up behind it. */
  static class Drain implements Kind {
    private final Subscription<?> subscription;
    private final Semaphore gate = new Semaphore(0);
    private final Semaphore done = new Semaphore(0);
    private volatile int wanted;
    private volatile int received;
    private volatile long first;
    private volatile long last;

    <T, V extends MessageView<T>> Drain(
        Node node, Sample<T, V> sample, Style style, Qos qos, String topic) {
      subscription =
          subscribe(node, sample, style, qos, topic, m -> count(), v -> count(), cdr -> count());
    }

    private void count() {
      if (received == 0) {
        gate.acquireUninterruptibly();
        first = System.nanoTime();
      }
      last = System.nanoTime();
      int n = received + 1;
      received = n;
      if (n == wanted) {
        done.release();
      }
    }

    @Override
    public String go(int count, int burst, int pauseMicros) throws Exception {
      wanted = count;
      gate.release();
      done.tryAcquire(5, TimeUnit.SECONDS);
      int n = received;
      received = 0;
      return "%.0f 0 0 %d".formatted((n - 1) / ((last - first) / 1e9), n);
    }

    @Override
    public void close() {
      gate.release();
      subscription.close();
    }
  }

  static class Publish<T, V extends MessageView<T>> implements Kind {
    private final Publisher<?> publisher;
    private final Runnable publish;

    Publish(Node node, Sample<T, V> sample, Style style, Qos qos, String topic) {
      if (style == Style.VIEW) {
        ViewPublisher<V> views =
            node.createViewPublisher(sample.views(), topic, qos, sample.value());
        publisher = views.publisher();
        publish =
            () -> {
              sample.stamp().accept(views.borrow(), System.nanoTime());
              views.publish();
            };
        return;
      }
      Publisher<T> records = node.createPublisher(sample.type(), topic, qos);
      T value = sample.value();
      MemorySegment cdr = sample.cdr();
      publisher = records;
      publish =
          style == Style.TYPED
              ? () -> records.publish(value)
              : () -> records.publishSerialized(cdr);
    }

    @Override
    public String go(int count, int burst, int pauseMicros) {
      long due = System.nanoTime();
      for (int i = 1; i <= count; i++) {
        long begin = System.nanoTime();
        publish.run();
        TIMES.add(System.nanoTime() - begin);
        if (i % burst == 0) {
          due += pauseMicros * 1000L;
          LockSupport.parkNanos(due - System.nanoTime());
        }
      }
      return TIMES.line();
    }

    @Override
    public void close() {
      publisher.close();
    }
  }

  private static SetCameraInfo.Request cameraInfo(int bytes) {
    return new SetCameraInfo.Request(new CameraInfo().withD(new double[bytes / Double.BYTES]));
  }

  private static Kind serve(Node node, String name, String topic) {
    var yes = new SetBool.Response(true, "");
    var stored = new SetCameraInfo.Response(true, "");
    Service<? extends Record, ? extends Record> service =
        name.equals("set_bool")
            ? node.createService(SetBool.TYPE, topic, request -> yes)
            : node.createService(SetCameraInfo.TYPE, topic, request -> stored);
    return service::close;
  }

  /** Makes each call when the response to the one before has come in, on the executor's thread. */
  static class Call<Q, S> implements Kind {
    private final Client<Q, S> client;
    private final Q request;
    private int left;

    Call(Node node, ServiceType<Q, S> type, Q request, String topic) {
      client = node.createClient(type, topic);
      this.request = request;
      client.waitForService(Duration.ofSeconds(20));
    }

    @Override
    public String go(int count, int burst, int pauseMicros) throws Exception {
      var done = new CountDownLatch(1);
      left = count;
      call(done);
      done.await(20, TimeUnit.SECONDS);
      return TIMES.line();
    }

    private void call(CountDownLatch done) {
      long begin = System.nanoTime();
      client
          .call(request)
          .thenAccept(
              response -> {
                TIMES.add(System.nanoTime() - begin);
                if (--left > 0) {
                  call(done);
                } else {
                  done.countDown();
                }
              });
    }

    @Override
    public void close() {
      client.close();
    }
  }
}
