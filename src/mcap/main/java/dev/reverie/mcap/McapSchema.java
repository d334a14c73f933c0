package dev.reverie.mcap;

import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/**
 * Describes the layout of the messages of a channel.
 *
 * @param id 1 to 65535
 * @param name for ROS 2 the type's name, "sensor_msgs/msg/Image"
 * @param encoding for ROS 2 "ros2msg" or "ros2idl"
 * @param data the definition; must not be changed
 */
public record McapSchema(int id, String name, String encoding, byte[] data) {
  static McapSchema read(RecordFields fields) {
    int id = fields.takeShort("id");
    String name = fields.takeString("name");
    String encoding = fields.takeString("encoding");
    long length = Integer.toUnsignedLong(fields.takeInt("data"));
    return new McapSchema(id, name, encoding, fields.takeBytes(length, "data"));
  }

  void write(RecordBuffer out) {
    int record = out.begin(Opcode.SCHEMA);
    out.putShort(id);
    out.putString(name);
    out.putString(encoding);
    out.putInt(data.length);
    out.putBytes(data);
    out.end(record);
  }

  @Override
  public boolean equals(@Nullable Object other) {
    return other instanceof McapSchema schema
        && id == schema.id
        && name.equals(schema.name)
        && encoding.equals(schema.encoding)
        && Arrays.equals(data, schema.data);
  }

  @Override
  public int hashCode() {
    return 31 * name.hashCode() + id;
  }

  @Override
  public String toString() {
    return "McapSchema[id=%d, name=%s, encoding=%s, %d bytes]"
        .formatted(id, name, encoding, data.length);
  }
}
