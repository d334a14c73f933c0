package dev.reverie.rcljava.action;

/**
 * How a goal ended.
 *
 * @param status one of the terminal ones
 * @param <R> result
 */
public record GoalResult<R>(GoalStatus status, R result) {}
