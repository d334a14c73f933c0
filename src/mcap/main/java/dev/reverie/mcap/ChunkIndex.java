package dev.reverie.mcap;

import java.util.Map;
import java.util.TreeMap;

/**
 * Names the place and the content of a chunk.
 *
 * @param startNanos earliest log time of its messages
 * @param endNanos latest log time of its messages
 * @param offset of the chunk record in the file
 * @param length of the chunk record, its header included
 * @param messageIndexOffsets by channel id; in a chunk without message indexes empty
 * @param messageIndexLength bytes of the message indexes that follow the chunk
 */
record ChunkIndex(
    long startNanos,
    long endNanos,
    long offset,
    long length,
    Map<Integer, Long> messageIndexOffsets,
    long messageIndexLength,
    String compression,
    long compressedBytes,
    long uncompressedBytes) {
  static ChunkIndex read(RecordFields fields) {
    long start = fields.takeLong("message_start_time");
    long end = fields.takeLong("message_end_time");
    long offset = fields.takeLong("chunk_start_offset");
    long length = fields.takeLong("chunk_length");
    RecordFields entries =
        fields.takeFields(
            Integer.toUnsignedLong(fields.takeInt("message_index_offsets")),
            "message_index_offsets");
    Map<Integer, Long> offsets = new TreeMap<>();
    while (entries.remaining() > 0) {
      offsets.put(
          entries.takeShort("message_index_offsets"), entries.takeLong("message_index_offsets"));
    }
    return new ChunkIndex(
        start,
        end,
        offset,
        length,
        offsets,
        fields.takeLong("message_index_length"),
        fields.takeString("compression"),
        fields.takeLong("compressed_size"),
        fields.takeLong("uncompressed_size"));
  }

  void write(RecordBuffer out) {
    int record = out.begin(Opcode.CHUNK_INDEX);
    out.putLong(startNanos);
    out.putLong(endNanos);
    out.putLong(offset);
    out.putLong(length);
    out.putInt(messageIndexOffsets.size() * (2 + 8));
    messageIndexOffsets.forEach(
        (channel, at) -> {
          out.putShort(channel);
          out.putLong(at);
        });
    out.putLong(messageIndexLength);
    out.putString(compression);
    out.putLong(compressedBytes);
    out.putLong(uncompressedBytes);
    out.end(record);
  }
}
