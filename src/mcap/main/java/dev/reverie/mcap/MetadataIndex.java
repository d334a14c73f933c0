package dev.reverie.mcap;

/** Names the place of a metadata record in the file. */
record MetadataIndex(long offset, long length, String name) {
  static MetadataIndex read(RecordFields fields) {
    return new MetadataIndex(
        fields.takeLong("offset"), fields.takeLong("length"), fields.takeString("name"));
  }

  void write(RecordBuffer out) {
    int record = out.begin(Opcode.METADATA_INDEX);
    out.putLong(offset);
    out.putLong(length);
    out.putString(name);
    out.end(record);
  }
}
