package dev.reverie.trainer.nn;

import com.google.protobuf.CodedOutputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.time.Instant;
import java.util.Map;
import java.util.zip.CRC32C;
import org.jspecify.annotations.Nullable;

/**
 * Curves in TensorBoard's format: a TFRecord file of {@code Event} messages (tensorflow's {@code
 * record_writer.h} and {@code event.proto}), each event with the scalars of a step.
 *
 * <p>A file begins with the start of a session, at which TensorBoard forgets what it read of the
 * run's later steps, so that a curve that is written anew replaces the old one even while it is
 * watched.
 */
final class EventFile {
  private static final String PREFIX = "events.out.tfevents.";

  private final Path folder;
  private @Nullable Path file;

  /**
   * Prepares a run's curves.
   *
   * @param folder of the run alone, made with its first event
   */
  EventFile(Path folder) {
    this.folder = folder;
  }

  /** Deletes what is there, so that the next event begins a file. */
  void restart() throws IOException {
    file = null;
    if (!Files.isDirectory(folder)) {
      return;
    }
    try (DirectoryStream<Path> old = Files.newDirectoryStream(folder, PREFIX + "*")) {
      for (Path path : old) {
        Files.delete(path);
      }
    }
  }

  /** Appends the scalars of a step. */
  void append(int step, Map<String, Double> scalars) throws IOException {
    Instant now = Instant.now();
    if (file == null) {
      Files.createDirectories(folder);
      // TensorBoard reads a run's files in the order of their names, and never goes back.
      file = folder.resolve(PREFIX + "%010d.%09d".formatted(now.getEpochSecond(), now.getNano()));
      ByteArrayOutputStream begin = new ByteArrayOutputStream();
      begin.writeBytes(record(event(now, 0, out -> out.writeString(3, "brain.Event:2"))));
      byte[] start = message(out -> out.writeEnum(1, 1)); // SessionLog.status = START
      begin.writeBytes(record(event(now, 0, out -> out.writeByteArray(7, start))));
      Files.write(file, begin.toByteArray(), StandardOpenOption.CREATE_NEW);
    }
    byte[] summary = summary(scalars);
    Files.write(
        file,
        record(event(now, step, out -> out.writeByteArray(5, summary))),
        StandardOpenOption.APPEND);
  }

  private static byte[] summary(Map<String, Double> scalars) {
    return message(
        out -> {
          for (Map.Entry<String, Double> scalar : scalars.entrySet()) {
            byte[] value =
                message(
                    of -> {
                      of.writeString(1, scalar.getKey());
                      of.writeFloat(2, scalar.getValue().floatValue());
                    });
            out.writeByteArray(1, value);
          }
        });
  }

  private static byte[] event(Instant time, int step, Fields what) {
    return message(
        out -> {
          out.writeDouble(1, time.getEpochSecond() + time.getNano() / 1e9);
          out.writeInt64(2, step);
          what.write(out);
        });
  }

  /** Length, its checksum, the data, its checksum; little-endian. */
  private static byte[] record(byte[] data) {
    ByteBuffer record = ByteBuffer.allocate(data.length + 16).order(ByteOrder.LITTLE_ENDIAN);
    record.putLong(data.length);
    record
        .putInt(maskedChecksum(record.array(), 8))
        .put(data)
        .putInt(maskedChecksum(data, data.length));
    return record.array();
  }

  /** CRC-32C, rotated and shifted, since checksums of what holds checksums are weak. */
  private static int maskedChecksum(byte[] data, int length) {
    CRC32C checksum = new CRC32C();
    checksum.update(data, 0, length);
    return Integer.rotateRight((int) checksum.getValue(), 15) + 0xa282ead8;
  }

  private static byte[] message(Fields fields) {
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    CodedOutputStream out = CodedOutputStream.newInstance(bytes);
    try {
      fields.write(out);
      out.flush();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    return bytes.toByteArray();
  }

  /** Writes the fields of a message. */
  @FunctionalInterface
  private interface Fields {
    void write(CodedOutputStream out) throws IOException;
  }
}
