/**
 * ROS 2 client over the real librcl, by the foreign function and memory API.
 *
 * <p>Start with {@link dev.reverie.rcljava.Context#init}. Callbacks run on the thread that spins
 * the {@link dev.reverie.rcljava.Executor}; everything that publishes, calls or responds may be
 * used from any thread.
 */
@org.jspecify.annotations.NullMarked
package dev.reverie.rcljava;
