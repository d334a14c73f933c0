package dev.reverie.console;

import dev.reverie.msgs.CdrException;
import dev.reverie.msgs.CdrReader;
import dev.reverie.msgs.MessageType;
import dev.reverie.msgs.Stamps;
import dev.reverie.msgs.rcl_interfaces.Log;
import dev.reverie.msgs.reverie.ActionChunk;
import dev.reverie.msgs.reverie.Command;
import dev.reverie.msgs.reverie.Episode;
import dev.reverie.msgs.reverie.PolicyEvent;
import dev.reverie.msgs.reverie.SafetyEvent;
import dev.reverie.msgs.std_msgs.Header;
import dev.reverie.rollout.BagMessages;
import dev.reverie.rollout.EpisodeException;
import dev.reverie.rollout.EpisodeOutcome;
import java.lang.foreign.MemorySegment;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/**
 * Reads what is to be shown of a bag over time, in one pass that holds one message at a time; of
 * pictures only when they were recorded.
 */
final class FilmReader {
  private static final int MOST_PICTURES = 20_000;
  private static final int MOST_TICKS = 600;
  private static final int MOST_CHUNKS = 1000;
  private static final int MOST_EVENTS = 1000;

  /** A page asks for the time of a picture in tenths, and means that picture. */
  private static final double SAME_MS = 0.01;

  /** Events of one kind that follow each other so soon are one. */
  private static final double TOGETHER_MS = 500;

  /** Kinds of which there may be one a tick. */
  private static final Set<String> MANY = Set.of("CLAMPED", "REFUSED");

  private static final Words SAFETY = new Words(SafetyEvent.class, "");
  private static final Words POLICY = new Words(PolicyEvent.class, "");
  private static final Words EPISODE = new Words(Episode.class, "");
  private static final String REQUESTS = "/request";

  private final Map<String, String> types;
  private final Map<String, Thinned<Long>> pictures = new TreeMap<>();
  private final Thinned<Film.Tick> curves = new Thinned<>(MOST_TICKS);
  private final Thinned<Film.Chunk> chunks = new Thinned<>(MOST_CHUNKS);
  private final List<Film.Event> events = new ArrayList<>();
  private List<String> joints = List.of();
  private String configuration = "";
  private long beginNanos;
  private long endNanos;
  private int more;

  private FilmReader(Map<String, String> types) {
    this.types = types;
  }

  /**
   * Reads a bag.
   *
   * @param name and stamp as the list has them
   * @throws EpisodeException where it is damaged or gone
   */
  static Film read(Path bag, String name, String stamp) {
    BagMessages messages = BagMessages.open(bag);
    var reader = new FilmReader(messages.types());
    messages
        .cameras("")
        .values()
        .forEach(topic -> reader.pictures.put(topic, new Thinned<>(MOST_PICTURES)));
    messages.forEach(reader.wanted(), message -> reader.take(bag, message));
    return reader.film(name, stamp, messages);
  }

  /**
   * The stamp of what is seen of a bag at a time: of its last observation until then.
   *
   * @param ms in the time of the bag's film
   * @throws EpisodeException where it is damaged or gone, or nothing is seen yet
   */
  static long seenNanos(Path bag, double ms) {
    BagMessages messages = BagMessages.open(bag);
    var reader = new FilmReader(messages.types());
    Set<String> pictures = Set.copyOf(messages.cameras("").values());
    reader.pictures.putAll(
        pictures.stream().collect(Collectors.toMap(name -> name, _ -> new Thinned<>(2))));
    long[] seen = {0};
    messages.forEach(
        reader.wanted(),
        message -> {
          reader.take(bag, message);
          boolean command = reader.isOf(Command.TYPE, message);
          if ((command || pictures.contains(message.topic()))
              && reader.ms(message.logNanos()) <= ms + SAME_MS) {
            seen[0] = Math.max(seen[0], stampNanos(bag, message));
          }
        });
    if (seen[0] == 0) {
      throw new EpisodeException(
          "%s: nothing is seen until %.3f s; go to a later moment".formatted(bag, ms * 1e-3));
    }
    return seen[0];
  }

  private static long stampNanos(Path bag, BagMessages.Message message) {
    try {
      return Stamps.nanos(
          Header.TYPE.read(new CdrReader(MemorySegment.ofArray(message.data()))).stamp());
    } catch (CdrException e) {
      throw unreadable(bag, message, e);
    }
  }

  private boolean isOf(MessageType<?> type, BagMessages.Message message) {
    return types.getOrDefault(message.topic(), "").equals(type.name());
  }

  private static EpisodeException unreadable(
      Path bag, BagMessages.Message message, RuntimeException e) {
    return new EpisodeException(
        "%s: a message of %s cannot be read: %s".formatted(bag, message.topic(), e.getMessage()),
        e);
  }

  private Set<String> wanted() {
    Set<String> told =
        Stream.of(Episode.TYPE, Command.TYPE, ActionChunk.TYPE, SafetyEvent.TYPE, PolicyEvent.TYPE)
            .map(MessageType::name)
            .collect(Collectors.toSet());
    Set<String> wanted = new HashSet<>(pictures.keySet());
    types.forEach(
        (topic, type) -> {
          boolean request = type.equals(Log.TYPE.name()) && topic.endsWith(REQUESTS);
          if (told.contains(type) || request) {
            wanted.add(topic);
          }
        });
    return wanted;
  }

  private void take(Path bag, BagMessages.Message message) {
    if (endNanos == 0) {
      beginNanos = message.logNanos();
    }
    endNanos = Math.max(endNanos, message.logNanos());
    Thinned<Long> camera = pictures.get(message.topic());
    if (camera != null) {
      camera.add(message.logNanos());
      return;
    }
    try {
      tell(message);
    } catch (CdrException | IllegalArgumentException e) {
      throw unreadable(bag, message, e);
    }
  }

  private void tell(BagMessages.Message message) {
    String type = types.getOrDefault(message.topic(), "");
    double ms = ms(message.logNanos());
    if (type.equals(Command.TYPE.name())) {
      Command command = decode(Command.TYPE, message);
      joints = joints.isEmpty() ? command.jointNames() : joints;
      curves.add(new Film.Tick(ms, command.measuredPositions(), command.positions()));
    } else if (type.equals(ActionChunk.TYPE.name())) {
      chunks.add(new Film.Chunk(ms, decode(ActionChunk.TYPE, message).source()));
    } else if (type.equals(SafetyEvent.TYPE.name())) {
      SafetyEvent told = decode(SafetyEvent.TYPE, message);
      event(ms, SAFETY.of(told.kind()), told.source(), told.reason());
    } else if (type.equals(PolicyEvent.TYPE.name())) {
      PolicyEvent told = decode(PolicyEvent.TYPE, message);
      event(ms, POLICY.of(told.state()), "", told.reason());
    } else if (type.equals(Episode.TYPE.name())) {
      episode(ms, decode(Episode.TYPE, message));
    } else {
      Log told = decode(Log.TYPE, message);
      event(ms, "ASKED", told.name(), told.function());
    }
  }

  private void episode(double ms, Episode told) {
    if (told.event() == Episode.BEGUN) {
      configuration = told.configuration();
      event(ms, EPISODE.of(told.event()), told.source(), told.instruction());
      return;
    }
    EpisodeOutcome outcome = EpisodeOutcome.of(told.outcome());
    String word = outcome.kind().name().toLowerCase(Locale.ROOT);
    String text = outcome.reason().isEmpty() ? word : word + ": " + outcome.reason();
    event(ms, EPISODE.of(told.event()), outcome.labeller(), text);
  }

  private static <T> T decode(MessageType<T> type, BagMessages.Message message) {
    return type.decode(MemorySegment.ofArray(message.data()));
  }

  /** Since the first message, in tenths. */
  private double ms(long logNanos) {
    return Math.max(0, (logNanos - beginNanos) / 100_000) / 10.0;
  }

  private void event(double ms, String kind, String who, String text) {
    Film.Event last = events.isEmpty() ? null : events.getLast();
    if (last != null
        && MANY.contains(kind)
        && last.kind().equals(kind)
        && last.who().equals(who)
        && ms - last.untilMs() < TOGETHER_MS) {
      events.removeLast();
      events.add(new Film.Event(last.ms(), ms, kind, who, last.text(), last.times() + 1));
    } else if (events.size() < MOST_EVENTS) {
      events.add(new Film.Event(ms, ms, kind, who, text, 1));
    } else {
      more++;
    }
  }

  private Film film(String name, String stamp, BagMessages messages) {
    List<Film.Camera> cameras = new ArrayList<>();
    new TreeMap<>(messages.cameras(configuration))
        .forEach((camera, topic) -> cameras.add(camera(camera, topic)));
    double duration = Math.max(0, endNanos - beginNanos) * 1e-6;
    return new Film(
        name,
        stamp,
        duration,
        cameras,
        joints,
        curves.list(),
        chunks.list(),
        List.copyOf(events),
        more);
  }

  private Film.Camera camera(String name, String topic) {
    List<Long> logNanos =
        pictures.getOrDefault(topic, new Thinned<>(2)).list().stream().sorted().toList();
    return new Film.Camera(name, topic, logNanos, logNanos.stream().map(this::ms).toList());
  }
}
