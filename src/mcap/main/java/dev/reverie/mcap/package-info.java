/**
 * Reads and writes MCAP files (mcap.dev/spec), as bags of ROS 2 are stored; knows nothing of ROS
 * itself.
 */
@org.jspecify.annotations.NullMarked
package dev.reverie.mcap;
