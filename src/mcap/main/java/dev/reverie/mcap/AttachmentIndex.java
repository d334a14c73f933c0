package dev.reverie.mcap;

/** Names the place of an attachment record in the file. */
record AttachmentIndex(
    long offset,
    long length,
    long logNanos,
    long createNanos,
    long dataBytes,
    String name,
    String mediaType) {
  static AttachmentIndex read(RecordFields fields) {
    return new AttachmentIndex(
        fields.takeLong("offset"),
        fields.takeLong("length"),
        fields.takeLong("log_time"),
        fields.takeLong("create_time"),
        fields.takeLong("data_size"),
        fields.takeString("name"),
        fields.takeString("media_type"));
  }

  void write(RecordBuffer out) {
    int record = out.begin(Opcode.ATTACHMENT_INDEX);
    out.putLong(offset);
    out.putLong(length);
    out.putLong(logNanos);
    out.putLong(createNanos);
    out.putLong(dataBytes);
    out.putString(name);
    out.putString(mediaType);
    out.end(record);
  }
}
