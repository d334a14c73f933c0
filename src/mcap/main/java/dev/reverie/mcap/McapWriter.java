package dev.reverie.mcap;

import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.BitSet;
import java.util.HashMap;
import java.util.Map;
import java.util.Objects;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;

/**
 * Writes an MCAP file: chunks with indexes, a summary and checksums. What was written is readable
 * up to the last chunk that was forced to disk, whatever happens. One thread at a time, and all
 * work is done on the caller's: a caller that may be silent for long calls {@link #forceIfDue} now
 * and then.
 */
public final class McapWriter implements AutoCloseable {
  /** The name of this library in the header, with its version where it runs from a jar. */
  public static final String LIBRARY =
      "reverie-mcap "
          + Objects.requireNonNullElse(
              McapWriter.class.getPackage().getImplementationVersion(), "(of a build)");

  /** The most bytes of one message: half of what readers take at once. */
  public static final int MAX_MESSAGE_BYTES = McapReader.DEFAULT_MAX_RECORD_BYTES / 2;

  private final McapOptions options;
  private final DataSink sink;
  private final DiskReserve reserve;
  private final LongSupplier nanoClock;
  private final SummaryBuilder summary = new SummaryBuilder();
  private final Arena arena = Arena.ofShared(); // closed on another thread than it was made on
  private final ChunkBuilder chunk = new ChunkBuilder(arena);
  private final Compressor compressor;
  private final RecordBuffer out = new RecordBuffer(arena, 4 << 10);
  private final BitSet writtenSchemas = new BitSet();
  private final BitSet writtenChannels = new BitSet();
  private long oldestUnforced = Long.MAX_VALUE;
  private boolean forced;
  private long forcedMessages;
  private boolean reserveUsed;
  private @Nullable McapException failure;
  private boolean closed;

  /**
   * Creates a writer, which has written nothing yet.
   *
   * @param reserve given up for what no longer fits on the disk
   */
  McapWriter(DataSink sink, DiskReserve reserve, McapOptions options, LongSupplier nanoClock) {
    this.sink = sink;
    this.reserve = reserve;
    this.options = options;
    this.nanoClock = nanoClock;
    this.compressor = new Compressor(options.compression(), arena);
  }

  /** Creates the file, which must not exist yet. */
  public static McapWriter create(Path path, McapOptions options) {
    return create(path, DiskReserve.none(Durable.folderOf(path)), options);
  }

  /** Creates the file, with a reserve that is given up when the disk is full. */
  public static McapWriter create(Path path, DiskReserve reserve, McapOptions options) {
    McapWriter writer = new McapWriter(open(path), reserve, options, System::nanoTime);
    try {
      writer.begin();
      return writer;
    } catch (McapException e) {
      writer.abandon();
      throw e;
    }
  }

  static DataSink open(Path path) {
    try {
      return new DataSink(
          path, FileChannel.open(path, StandardOpenOption.CREATE_NEW, StandardOpenOption.WRITE));
    } catch (IOException e) {
      throw new McapException("cannot create " + path + ": " + e, 0, e);
    }
  }

  void begin() {
    begin(LIBRARY);
  }

  void begin(String library) {
    byte[] magic = Opcode.magic();
    out.clear();
    out.putBytes(magic);
    int header = out.begin(Opcode.HEADER);
    out.putString(options.profile());
    out.putString(library);
    out.end(header);
    append(out);
    oldestUnforced = nanoClock.getAsLong();
  }

  /**
   * Goes on after the data of a finished file.
   *
   * @param dataBytes from the file's beginning; they are copied
   * @param dataCrc the checksum that the file says they have; 0 where it says none
   */
  void resume(
      FileBytes file, long dataBytes, int dataCrc, McapSummary resumed, McapStatistics statistics) {
    sink.copy(file, dataBytes, dataCrc != 0 ? dataCrc : file.checksum(0, dataBytes));
    summary.resume(resumed, statistics);
    resumed.schemas().forEach(schema -> writtenSchemas.set(schema.id()));
    resumed.channels().forEach(channel -> writtenChannels.set(channel.id()));
    oldestUnforced = nanoClock.getAsLong();
  }

  /**
   * Adds a schema; an equal one only once.
   *
   * @param name for ROS 2 the type's name, "sensor_msgs/msg/Image"
   * @param encoding for ROS 2 "ros2msg"
   * @param data the definition
   * @return the schema's id; the same for an equal schema
   */
  public int addSchema(String name, String encoding, byte[] data) {
    for (McapSchema known : summary.schemas().values()) {
      if (known.equals(new McapSchema(known.id(), name, encoding, data))) {
        return known.id();
      }
    }
    int id = nextId(summary.schemas(), 1);
    summary.add(new McapSchema(id, name, encoding, data));
    return id;
  }

  /**
   * Adds a channel; an equal one only once.
   *
   * @param schemaId what {@link #addSchema} returned, or 0 for none
   * @param messageEncoding for ROS 2 "cdr"
   * @return the channel's id; the same for an equal channel
   */
  public int addChannel(
      int schemaId, String topic, String messageEncoding, Map<String, String> metadata) {
    if (schemaId != 0 && !summary.schemas().containsKey(schemaId)) {
      throw new IllegalArgumentException("schema " + schemaId + " is not known; add it first");
    }
    for (McapChannel known : summary.channels().values()) {
      if (known.equals(new McapChannel(known.id(), schemaId, topic, messageEncoding, metadata))) {
        return known.id();
      }
    }
    int id = nextId(summary.channels(), 1);
    summary.add(new McapChannel(id, schemaId, topic, messageEncoding, metadata));
    return id;
  }

  /**
   * Copies the message into the chunk, and the chunk to disk when it is full or old enough.
   *
   * @param channelId what {@link #addChannel} returned
   * @param sequence of the publisher, 0 where unknown
   * @param logNanos when it was received, from 0 on
   * @param publishNanos when it was published, from 0 on
   */
  public void write(
      int channelId, int sequence, long logNanos, long publishNanos, MemorySegment data) {
    checkWritable();
    McapChannel channel = summary.channels().get(channelId);
    if (channel == null) {
      throw new IllegalArgumentException("channel " + channelId + " is not known; add it first");
    }
    if (logNanos < 0 || publishNanos < 0) {
      throw new IllegalArgumentException(
          "message of %s at %d, published at %d: times before 1970 cannot be recorded"
              .formatted(channel.topic(), logNanos, publishNanos));
    }
    if (data.byteSize() > MAX_MESSAGE_BYTES) {
      throw new IllegalArgumentException(
          "message of %s has %d bytes; at most %d can be recorded"
              .formatted(channel.topic(), data.byteSize(), MAX_MESSAGE_BYTES));
    }
    declare(channel, chunk.records());
    chunk.add(channelId, sequence, logNanos, publishNanos, data);
    summary.countMessage(channelId, logNanos);
    long now = nanoClock.getAsLong();
    oldestUnforced = Math.min(oldestUnforced, now);
    if (chunk.size() >= options.chunkBytes()) {
      closeChunk();
    }
    forceIfDue(now);
  }

  /** Writes a message, as the other method does. */
  public void write(int channelId, int sequence, long logNanos, long publishNanos, byte[] data) {
    write(channelId, sequence, logNanos, publishNanos, MemorySegment.ofArray(data));
  }

  /** Writes an attachment, after the open chunk. */
  public void attach(McapAttachment attachment) {
    checkWritable();
    closeChunk();
    long offset = sink.position();
    out.clear();
    attachment.write(out);
    append(out);
    summary.add(
        new AttachmentIndex(
            offset,
            sink.position() - offset,
            attachment.logNanos(),
            attachment.createNanos(),
            attachment.data().length,
            attachment.name(),
            attachment.mediaType()));
  }

  /** Writes named key-value pairs about the file, after the open chunk. */
  public void addMetadata(McapMetadata metadata) {
    checkWritable();
    closeChunk();
    long offset = sink.position();
    out.clear();
    metadata.write(out);
    append(out);
    summary.add(new MetadataIndex(offset, sink.position() - offset, metadata.name()));
  }

  /** Counts what has been written so far, the open chunk included. */
  public McapStatistics statistics() {
    return summary.statistics();
  }

  /** Forces to disk what is older than the interval of the options, and returns whether it did. */
  public boolean forceIfDue() {
    checkWritable();
    return forceIfDue(nanoClock.getAsLong());
  }

  private boolean forceIfDue(long now) {
    if (oldestUnforced == Long.MAX_VALUE
        || now - oldestUnforced < options.forceInterval().toNanos()) {
      return false;
    }
    force();
    return true;
  }

  /** Closes the chunk and forces everything to disk. */
  public void force() {
    checkWritable();
    closeChunk();
    guard(sink::force);
    oldestUnforced = Long.MAX_VALUE;
    forced = true;
    forcedMessages = summary.statistics().messages();
  }

  /** Writes the summary and forces everything to disk. */
  @Override
  public void close() {
    if (closed) {
      return;
    }
    closed = true;
    try (arena;
        sink;
        compressor) {
      if (failure == null) {
        closeChunk();
        finish();
        guard(sink::force);
      }
    }
  }

  /** Leaves the file as it is, without a summary. */
  public void abandon() {
    closed = true;
    try (arena;
        sink) {
      compressor.close();
    }
  }

  private void finish() {
    out.clear();
    summary.channels().values().forEach(channel -> declare(channel, out)); // those without messages
    append(out);
    out.clear();
    int dataEnd = out.begin(Opcode.DATA_END);
    out.putInt(sink.checksum());
    out.end(dataEnd);
    append(out);
    out.clear();
    summary.write(out, sink.position());
    int crcAt = out.size() - 4;
    out.truncate(crcAt);
    out.putInt(RunningCrc.of(out.written()));
    out.putBytes(Opcode.magic());
    append(out);
  }

  private void closeChunk() {
    if (chunk.isEmpty()) {
      return;
    }
    ByteBuffer records = chunk.records().written();
    int recordsCrc = RunningCrc.of(records);
    ByteBuffer content = compressor.compress(records);
    int contentCrc = content == records ? recordsCrc : RunningCrc.of(content);
    int packed = content.remaining();
    long offset = sink.position();
    String compression = options.compression().id();
    out.clear();
    out.putByte(Opcode.CHUNK);
    out.putLong(8 + 8 + 8 + 4 + 4 + compression.length() + 8 + packed);
    out.putLong(chunk.startNanos());
    out.putLong(chunk.endNanos());
    out.putLong(chunk.size());
    out.putInt(recordsCrc);
    out.putString(compression);
    out.putLong(packed);
    long length = out.size() + (long) packed;
    write(() -> sink.write(out.written(), content, contentCrc));
    out.clear();
    Map<Integer, Long> offsets = chunk.writeIndexes(out, sink.position());
    append(out);
    summary.add(
        new ChunkIndex(
            chunk.startNanos(),
            chunk.endNanos(),
            offset,
            length,
            offsets,
            out.size(),
            compression,
            packed,
            chunk.size()));
    chunk.clear();
  }

  private void declare(McapChannel channel, RecordBuffer records) {
    if (writtenChannels.get(channel.id())) {
      return;
    }
    McapSchema schema = summary.schemas().get(channel.schemaId());
    if (schema != null && !writtenSchemas.get(schema.id())) {
      schema.write(records);
      writtenSchemas.set(schema.id());
    }
    channel.write(records);
    writtenChannels.set(channel.id());
  }

  private void append(RecordBuffer records) {
    write(() -> sink.write(records.written()));
    oldestUnforced = Math.min(oldestUnforced, nanoClock.getAsLong());
  }

  private void write(Runnable step) {
    guard(
        () -> {
          try {
            step.run();
          } catch (McapException e) {
            if (!reserve.giveUp()) {
              throw e;
            }
            reserveUsed = true;
            step.run();
          }
        });
  }

  /**
   * Runs a step, after whose failure the file ends with a whole record and nothing more is written
   * to it.
   */
  private void guard(Runnable step) {
    try {
      step.run();
    } catch (McapException e) {
      failure = e;
      throw e;
    }
  }

  /** Returns the channels so far; public for bags, which add to them. */
  public Iterable<McapChannel> channels() {
    return summary.channels().values();
  }

  /** Returns the names of the schemas by id; public for bags, whose types they are. */
  public Map<Integer, String> typeNames() {
    Map<Integer, String> names = new HashMap<>();
    summary.schemas().values().forEach(schema -> names.put(schema.id(), schema.name()));
    return names;
  }

  /**
   * Returns whether the file was forced to disk since the last call; public for bags, whose
   * metadata.yaml follows.
   */
  public boolean takeForced() {
    boolean taken = forced;
    forced = false;
    return taken;
  }

  /** Returns the number of messages that were forced to disk. */
  public long forcedMessages() {
    return forcedMessages;
  }

  /**
   * Returns whether the disk is full and the reserve was given up: only the end of the file fits on
   * it.
   */
  public boolean reserveUsed() {
    return reserveUsed;
  }

  boolean hasFailed() {
    return failure != null;
  }

  private void checkWritable() {
    if (failure != null) {
      throw new McapException(
          "the file is not written any more: " + failure.getMessage(), failure.offset(), failure);
    }
    if (closed) {
      throw new IllegalStateException("the file is closed");
    }
  }

  private static int nextId(Map<Integer, ?> known, int first) {
    for (int id = first + known.size(); id >= first; id--) {
      if (!known.containsKey(id) && id <= 0xffff) {
        return id;
      }
    }
    throw new IllegalStateException("all 65536 ids are in use; write another file");
  }
}
