/** ROS 2 client over the real librcl, by the foreign function and memory API. */
@org.jspecify.annotations.NullMarked
package dev.reverie.rcljava;
