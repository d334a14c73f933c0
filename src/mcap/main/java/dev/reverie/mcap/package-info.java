/**
 * Reads and writes MCAP files (mcap.dev/spec), as bags of ROS 2 are stored. A library of its own:
 * it knows nothing of ROS itself, and needs no other part of Reverie.
 *
 * <pre>{@code
 * try (McapWriter writer = McapWriter.create(path, McapOptions.ROS2)) {
 *   int schema = writer.addSchema("std_msgs/msg/String", "ros2msg", definition);
 *   int channel = writer.addChannel(schema, "/chatter", "cdr", Map.of());
 *   writer.write(channel, 0, logNanos, publishNanos, cdr);
 * }
 * }</pre>
 *
 * <p>Messages are found by topic and by time:
 *
 * <pre>{@code
 * try (McapReader reader = McapReader.open(path)) {
 *   for (McapMessage message : reader.messages(McapQuery.topics("/chatter"))) {
 *     show(message.logNanos(), message.data());
 *   }
 * }
 * }</pre>
 *
 * <p>A damaged file is read up to its damage; {@link dev.reverie.mcap.McapVerifier} names it and
 * {@link dev.reverie.mcap.McapRecovery} saves the rest. Whole bags: {@code
 * dev.reverie.mcap.rosbag2}.
 */
@org.jspecify.annotations.NullMarked
package dev.reverie.mcap;
