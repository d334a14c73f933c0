package dev.reverie.mcap;

import java.util.Arrays;

/** Finds records in a file and reads their content, within bounds. */
final class RecordScanner {
  private final FileBytes file;
  private final int maxRecordBytes;
  private final byte[] header = new byte[Opcode.RECORD_HEADER_BYTES];

  /**
   * Names a record and its place.
   *
   * @param offset of the opcode in the file
   * @param length of the content
   */
  record Record(int opcode, long offset, long length) {
    long contentOffset() {
      return offset + Opcode.RECORD_HEADER_BYTES;
    }

    long end() {
      return contentOffset() + length;
    }
  }

  /**
   * Creates a scanner of a file.
   *
   * @param maxRecordBytes the most bytes of a record that is read as a whole, or of a decompressed
   *     chunk
   */
  RecordScanner(FileBytes file, int maxRecordBytes) {
    this.file = file;
    this.maxRecordBytes = maxRecordBytes;
  }

  /** Checks the file's first bytes, and returns the place of the first record. */
  long first() {
    int magic = Opcode.magic().length;
    if (!beginsWithMagic()) {
      throw new McapException(
          file.path()
              + (headerFollows()
                  ? " does not begin with MCAP's bytes, though its header follows: its first bytes are damaged, and what follows can be recovered"
                  : " is no MCAP file (version 0): its first bytes are not MCAP's"),
          0);
    }
    if (file.size() < magic) {
      throw new McapException(
          "%s has %d bytes, too few for an MCAP file: its writer was stopped at once; recovery makes an empty file of it"
              .formatted(file.path(), file.size()),
          0);
    }
    return magic;
  }

  /** Returns whether a whole header stands where it belongs, whatever is before it. */
  private boolean headerFollows() {
    try {
      Record record = at(Opcode.magic().length);
      if (record.opcode != Opcode.HEADER) {
        return false;
      }
      RecordFields fields = fields(record);
      fields.takeString("profile");
      fields.takeString("library");
      return true;
    } catch (McapException e) {
      return false;
    }
  }

  /** Returns whether the first bytes are MCAP's, as far as the file has them. */
  private boolean beginsWithMagic() {
    byte[] magic = Opcode.magic();
    byte[] start = new byte[(int) Math.min(magic.length, file.size())];
    file.read(0, start, 0, start.length);
    return Arrays.equals(start, 0, start.length, magic, 0, start.length);
  }

  /** Returns whether the file is the beginning of an MCAP file whose header is not whole. */
  boolean endsBeforeFirstRecord() {
    if (!beginsWithMagic()) {
      return false;
    }
    int magic = Opcode.magic().length;
    long left = file.size() - magic - Opcode.RECORD_HEADER_BYTES;
    if (left < 0) {
      return true;
    }
    file.read(magic, header, 0, header.length);
    RecordFields fields =
        new RecordFields(file.path(), header, 0, header.length, Opcode.HEADER, magic);
    return fields.takeByte("opcode") == Opcode.HEADER
        && Long.compareUnsigned(fields.takeLong("length"), left) > 0;
  }

  /** Returns the record that begins there, which is whole. */
  Record at(long offset) {
    file.read(offset, header, 0, header.length);
    RecordFields fields =
        new RecordFields(file.path(), header, 0, header.length, header[0] & 0xff, offset);
    Record record = new Record(fields.takeByte("opcode"), offset, fields.takeLong("length"));
    if (record.opcode == 0) {
      throw new McapException(
          "%s has no record at byte %d (the kind is 0): the file is damaged; what stands before can be recovered"
              .formatted(file.path(), offset),
          offset);
    }
    if (record.length < 0 || record.length > file.size() - record.contentOffset()) {
      throw file.cutOff(record.contentOffset(), record.length);
    }
    return record;
  }

  byte[] content(Record record) {
    if (record.length > maxRecordBytes) {
      throw tooLarge(record, record.length);
    }
    byte[] content = new byte[(int) record.length];
    file.read(record.contentOffset(), content, 0, content.length);
    return content;
  }

  RecordFields fields(Record record) {
    byte[] content = content(record);
    return new RecordFields(file.path(), content, 0, content.length, record.opcode, record.offset);
  }

  int maxRecordBytes() {
    return maxRecordBytes;
  }

  McapException tooLarge(Record record, long bytes) {
    return new McapException(
        "%s: the %s at byte %d has %s bytes, more than the %d that are read at once; raise the limit if that is meant"
            .formatted(
                file.path(),
                Opcode.name(record.opcode),
                record.offset,
                Long.toUnsignedString(bytes),
                maxRecordBytes),
        record.offset);
  }

  FileBytes file() {
    return file;
  }
}
