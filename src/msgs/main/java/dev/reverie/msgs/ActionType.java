package dev.reverie.msgs;

/**
 * Describes a ROS 2 action type.
 *
 * @param name such as {@code test_msgs/action/Fibonacci}
 * @param <G> goal
 * @param <R> result
 * @param <F> feedback
 */
public record ActionType<G, R, F>(
    String name, MessageType<G> goal, MessageType<R> result, MessageType<F> feedback) {}
