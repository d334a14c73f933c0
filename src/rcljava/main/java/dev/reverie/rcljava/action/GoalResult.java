package dev.reverie.rcljava.action;

/**
 * Tells how a goal ended.
 *
 * @param status a terminal one
 * @param <R> result
 */
public record GoalResult<R>(GoalStatus status, R result) {}
