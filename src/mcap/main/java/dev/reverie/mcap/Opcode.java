package dev.reverie.mcap;

/** Names the record kinds of MCAP version 0 (mcap.dev/spec) and the file's fixed bytes. */
final class Opcode {
  static final int HEADER = 0x01;
  static final int FOOTER = 0x02;
  static final int SCHEMA = 0x03;
  static final int CHANNEL = 0x04;
  static final int MESSAGE = 0x05;
  static final int CHUNK = 0x06;
  static final int MESSAGE_INDEX = 0x07;
  static final int CHUNK_INDEX = 0x08;
  static final int ATTACHMENT = 0x09;
  static final int ATTACHMENT_INDEX = 0x0A;
  static final int STATISTICS = 0x0B;
  static final int METADATA = 0x0C;
  static final int METADATA_INDEX = 0x0D;
  static final int SUMMARY_OFFSET = 0x0E;
  static final int DATA_END = 0x0F;

  /** The bytes before a record's content: the opcode and the content's length. */
  static final int RECORD_HEADER_BYTES = 1 + 8;

  /** The bytes of the content of a footer record. */
  static final int FOOTER_BYTES = 8 + 8 + 4;

  private static final byte[] MAGIC = {(byte) 0x89, 'M', 'C', 'A', 'P', '0', '\r', '\n'};

  private Opcode() {}

  /** Returns the eight bytes that begin and end a file. */
  static byte[] magic() {
    return MAGIC.clone();
  }

  static String name(int opcode) {
    return switch (opcode) {
      case HEADER -> "Header";
      case FOOTER -> "Footer";
      case SCHEMA -> "Schema";
      case CHANNEL -> "Channel";
      case MESSAGE -> "Message";
      case CHUNK -> "Chunk";
      case MESSAGE_INDEX -> "MessageIndex";
      case CHUNK_INDEX -> "ChunkIndex";
      case ATTACHMENT -> "Attachment";
      case ATTACHMENT_INDEX -> "AttachmentIndex";
      case STATISTICS -> "Statistics";
      case METADATA -> "Metadata";
      case METADATA_INDEX -> "MetadataIndex";
      case SUMMARY_OFFSET -> "SummaryOffset";
      case DATA_END -> "DataEnd";
      default -> "record of kind 0x%02x".formatted(opcode);
    };
  }
}
