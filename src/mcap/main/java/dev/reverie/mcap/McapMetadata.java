package dev.reverie.mcap;

import java.util.Map;

/** Holds named key-value pairs about the file. */
public record McapMetadata(String name, Map<String, String> values) {
  /** Copies the values. */
  public McapMetadata {
    values = Map.copyOf(values);
  }

  static McapMetadata read(RecordFields fields) {
    return new McapMetadata(fields.takeString("name"), fields.takeMap("metadata"));
  }

  void write(RecordBuffer out) {
    int record = out.begin(Opcode.METADATA);
    out.putString(name);
    out.putMap(values);
    out.end(record);
  }
}
