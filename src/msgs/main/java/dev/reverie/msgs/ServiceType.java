package dev.reverie.msgs;

/**
 * Describes a ROS 2 service type.
 *
 * @param name such as {@code std_srvs/srv/SetBool}
 * @param <Q> request
 * @param <S> response
 */
public record ServiceType<Q, S>(String name, MessageType<Q> request, MessageType<S> response) {}
