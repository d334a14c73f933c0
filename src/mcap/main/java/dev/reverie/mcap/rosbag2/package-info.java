/**
 * Reads and writes bags of rosbag2: folders of MCAP files with metadata.yaml, locks and the quality
 * of service offered.
 */
@org.jspecify.annotations.NullMarked
package dev.reverie.mcap.rosbag2;
