package dev.reverie.msgs;

import java.util.function.Supplier;

/**
 * Makes views of the messages of a type; each generated record has one as its constant {@code
 * VIEW}.
 *
 * @param message the type
 * @param fixedSize whether every message of the type has the same size: no strings, no sequences
 * @param factory makes a view, bound to nothing
 * @param <T> the record
 * @param <V> the view
 */
public record ViewType<T, V extends MessageView<T>>(
    MessageType<T> message, boolean fixedSize, Supplier<V> factory) {}
