package dev.reverie.mcap;

import java.util.zip.CRC32;

/**
 * Holds a file inside the file, such as a calibration.
 *
 * @param data the content; must not be changed
 */
public record McapAttachment(
    long logNanos, long createNanos, String name, String mediaType, byte[] data) {
  static McapAttachment read(RecordScanner scanner, RecordScanner.Record found) {
    byte[] record = scanner.content(found);
    RecordFields fields =
        new RecordFields(
            scanner.file().path(), record, 0, record.length, Opcode.ATTACHMENT, found.offset());
    long logNanos = fields.takeLong("log_time");
    long createNanos = fields.takeLong("create_time");
    String name = fields.takeString("name");
    String mediaType = fields.takeString("media_type");
    byte[] data = fields.takeBytes(fields.takeLong("data"), "data");
    CRC32 crc = new CRC32();
    crc.update(record, 0, fields.position());
    int expected = fields.takeInt("crc");
    if (expected != 0 && expected != (int) crc.getValue()) {
      throw fields.damaged("the checksum of attachment '" + name + "' is wrong");
    }
    return new McapAttachment(logNanos, createNanos, name, mediaType, data);
  }

  void write(RecordBuffer out) {
    int record = out.begin(Opcode.ATTACHMENT);
    out.putLong(logNanos);
    out.putLong(createNanos);
    out.putString(name);
    out.putString(mediaType);
    out.putLong(data.length);
    out.putBytes(data);
    out.putInt(RunningCrc.of(out.written(record)));
    out.end(record);
  }
}
