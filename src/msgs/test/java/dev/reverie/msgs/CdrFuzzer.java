package dev.reverie.msgs;

import com.sun.management.ThreadMXBean;
import java.lang.foreign.MemorySegment;
import java.lang.management.ManagementFactory;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.List;
import java.util.Random;
import org.jspecify.annotations.Nullable;

/**
 * Hands broken messages of every generated type to its codec and to its view. Both take or refuse
 * the same bytes, refuse with {@link CdrException} alone, show the same values, and allocate no
 * more than the length of the message allows. A case follows from seed and number.
 *
 * <pre>
 * java -cp src/msgs/target/classes:src/msgs/target/test-classes:JUNIT dev.reverie.msgs.CdrFuzzer SEED CASES [FIRST]
 * </pre>
 */
final class CdrFuzzer {
  private static final int[] LENGTHS = {
    0, 1, 2, 255, 256, 65_536, 1 << 20, 1 << 30, Integer.MAX_VALUE, Integer.MIN_VALUE, -1, -8
  };
  private static final int[] ENCAPSULATIONS = {
    0x0000, 0x0002, 0x0003, 0x0006, 0x0007, 0x0008, 0x0009, 0x000a, 0x000b, 0x0100, 0x8001, 0xffff
  };

  /** Room for an exception with its words, and for what the JVM makes when it does so first. */
  private static final long ALLOCATED_ALWAYS = 1 << 20;

  /**
   * The most bytes allocated for one: a sequence of messages without fields becomes a reference and
   * an object for each byte.
   */
  private static final long ALLOCATED_FOR_A_BYTE = 64;

  private static final ThreadMXBean THREADS = (ThreadMXBean) ManagementFactory.getThreadMXBean();

  /** Names what goes wrong with a message. */
  private enum Damage {
    NONE,
    CUT,
    BITS,
    LENGTH,
    ENCAPSULATION,
    BIG_ENDIAN,
    INSERTED,
    REMOVED,
    SPLICED,
    NOISE,
    OF_ANOTHER_TYPE
  }

  /** Holds a type with valid messages and a view. */
  private final class Subject<T> {
    final GeneratedType<T> of;
    final ViewBinding<? extends MessageView<T>> binding;
    final List<byte[]> valid = new ArrayList<>();

    Subject(GeneratedType<T> of, RandomRecords random) {
      this.of = of;
      binding = new ViewBinding<>(of.view());
      for (int i = 0; i < 8; i++) {
        valid.add(of.type().encode(random.next(of.record())));
      }
    }

    /** Returns whether the bytes are taken. */
    boolean accepts(byte[] bytes) {
      long before = THREADS.getCurrentThreadAllocatedBytes();
      T record = decode(bytes);
      long allocated = THREADS.getCurrentThreadAllocatedBytes() - before;
      require(
          allocated <= ALLOCATED_ALWAYS + ALLOCATED_FOR_A_BYTE * bytes.length,
          allocated + " bytes were allocated for " + bytes.length);
      mostAllocated = Math.max(mostAllocated, allocated);
      boolean plain = bytes.length > 1 && bytes[0] == 0 && (bytes[1] == 0 || bytes[1] == 1);
      require(record == null || plain, "another encapsulation was taken");
      boolean littleEndian = plain && bytes[1] == 1;
      MessageView<T> view = bind(bytes);
      require((view != null) == (record != null && littleEndian), "codec and view disagree");
      if (record != null && view != null) {
        ViewFields.assertShows(record, view);
        require(record.equals(of.type().decode(view)), "view and record differ");
      }
      if (record != null) {
        writer.reset();
        of.type().write(record, writer);
        require(record.equals(of.type().decode(writer.written())), "encoded otherwise");
      }
      binding.unbind();
      return record != null;
    }

    private @Nullable T decode(byte[] bytes) {
      try {
        return of.type().decode(bytes);
      } catch (CdrException e) {
        return null;
      }
    }

    private @Nullable MessageView<T> bind(byte[] bytes) {
      try {
        return binding.bind(MemorySegment.ofArray(bytes));
      } catch (CdrException e) {
        return null;
      }
    }
  }

  private final long seed;
  private final CdrWriter writer = new CdrWriter();
  private final List<Subject<?>> subjects = new ArrayList<>();
  private long accepted;
  private long mostAllocated;

  CdrFuzzer(long seed) {
    this.seed = seed;
    var random = new RandomRecords(new Random(seed));
    for (GeneratedType<?> type : GeneratedType.all()) {
      subjects.add(new Subject<>(type, random));
    }
  }

  int types() {
    return subjects.size();
  }

  long accepted() {
    return accepted;
  }

  /** Every prefix of one valid message of each type. */
  void cutEverywhere() {
    for (Subject<?> subject : subjects) {
      byte[] whole = subject.valid.getFirst();
      for (int n = 0; n < whole.length; n++) {
        boolean taken = subject.accepts(Arrays.copyOf(whole, n));
        require(!taken, subject.of + " was taken, cut at " + n);
      }
      require(subject.accepts(whole), subject.of + " was refused");
    }
  }

  /** Runs one case. */
  void run(long number) {
    var random = new Random(seed * 0x9e3779b97f4a7c15L + number);
    Subject<?> subject = subjects.get(random.nextInt(subjects.size()));
    Damage damage = Damage.values()[random.nextInt(Damage.values().length)];
    byte[] whole = subject.valid.get(random.nextInt(subject.valid.size()));
    byte[] bytes = damaged(whole, damage, random);
    try {
      boolean taken = subject.accepts(bytes);
      require(!taken || damage != Damage.CUT, "a prefix was taken");
      require(taken || damage != Damage.NONE, "a valid message was refused");
      accepted += taken ? 1 : 0;
    } catch (Throwable e) {
      throw new AssertionError(
          "seed %d case %d: %s, %s: %s"
              .formatted(seed, number, subject.of, damage, HexFormat.of().formatHex(bytes)),
          e);
    }
  }

  private byte[] damaged(byte[] whole, Damage damage, Random random) {
    byte[] bytes = whole.clone();
    switch (damage) {
      case NONE -> {}
      case CUT -> bytes = Arrays.copyOf(bytes, random.nextInt(bytes.length));
      case BITS -> {
        for (int n = 1 + random.nextInt(4); n > 0; n--) {
          bytes[random.nextInt(bytes.length)] ^= (byte) (1 << random.nextInt(8));
        }
      }
      case LENGTH -> {
        int at = 4 + 4 * random.nextInt(Math.max(1, (bytes.length - 4) / 4));
        if (at + 4 <= bytes.length) {
          int length =
              random.nextBoolean()
                  ? LENGTHS[random.nextInt(LENGTHS.length)]
                  : bytes.length - at + random.nextInt(9) - 8;
          ByteBuffer.wrap(bytes).order(ByteOrder.LITTLE_ENDIAN).putInt(at, length);
        }
      }
      case ENCAPSULATION -> {
        int kind = ENCAPSULATIONS[random.nextInt(ENCAPSULATIONS.length)];
        ByteBuffer.wrap(bytes).putShort((short) kind);
      }
      case BIG_ENDIAN -> {
        bytes[1] = 0;
        bytes[random.nextInt(bytes.length - 4) + 4] ^= (byte) (1 << random.nextInt(8));
      }
      case INSERTED -> {
        int at = random.nextInt(bytes.length + 1);
        byte[] noise = new byte[1 + random.nextInt(16)];
        random.nextBytes(noise);
        bytes =
            joined(Arrays.copyOf(bytes, at), noise, Arrays.copyOfRange(bytes, at, bytes.length));
      }
      case REMOVED -> {
        int at = random.nextInt(bytes.length);
        int end = Math.min(bytes.length, at + 1 + random.nextInt(16));
        bytes = joined(Arrays.copyOf(bytes, at), Arrays.copyOfRange(bytes, end, bytes.length));
      }
      case SPLICED -> {
        byte[] other = anyMessage(random);
        int at = random.nextInt(bytes.length);
        bytes =
            joined(
                Arrays.copyOf(bytes, at),
                Arrays.copyOfRange(other, Math.min(at, other.length), other.length));
      }
      case NOISE -> {
        bytes = new byte[random.nextInt(200)];
        random.nextBytes(bytes);
        for (int i = 0; i < bytes.length; i++) {
          // Mostly small numbers: as lengths they are believed.
          bytes[i] = i == 1 ? 1 : i < 4 || random.nextInt(4) > 0 ? 0 : bytes[i];
        }
      }
      case OF_ANOTHER_TYPE -> bytes = anyMessage(random).clone();
    }
    return bytes;
  }

  private byte[] anyMessage(Random random) {
    Subject<?> subject = subjects.get(random.nextInt(subjects.size()));
    return subject.valid.get(random.nextInt(subject.valid.size()));
  }

  private static byte[] joined(byte[]... parts) {
    var all = ByteBuffer.allocate(Arrays.stream(parts).mapToInt(p -> p.length).sum());
    for (byte[] part : parts) {
      all.put(part);
    }
    return all.array();
  }

  private static void require(boolean condition, String otherwise) {
    if (!condition) {
      throw new AssertionError(otherwise);
    }
  }

  public static void main(String[] args) {
    long seed = Long.parseLong(args[0]);
    long cases = Long.parseLong(args[1]);
    long first = args.length > 2 ? Long.parseLong(args[2]) : 0;
    long began = System.nanoTime();
    var fuzzer = new CdrFuzzer(seed);
    fuzzer.cutEverywhere();
    for (long i = first; i < first + cases; i++) {
      fuzzer.run(i);
      if ((i + 1) % 1_000_000 == 0) {
        System.out.printf("%,d cases%n", i + 1);
      }
    }
    System.out.printf(
        "%,d cases of %d types with seed %d in %d s: %,d taken, %,d refused, none otherwise; at"
            + " most %,d bytes allocated for one%n",
        cases,
        fuzzer.types(),
        seed,
        (System.nanoTime() - began) / 1_000_000_000,
        fuzzer.accepted,
        cases - fuzzer.accepted,
        fuzzer.mostAllocated);
  }
}
