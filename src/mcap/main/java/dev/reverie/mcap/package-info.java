/** MCAP and rosbag2 files, read and written. */
@org.jspecify.annotations.NullMarked
package dev.reverie.mcap;
