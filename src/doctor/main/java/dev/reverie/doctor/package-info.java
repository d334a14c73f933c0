/**
 * Looks at an arm before it moves: what {@code reverie doctor} does. {@link Listening} gathers what
 * is there into {@link Seen}, the checks are functions of that and of what is {@link Wanted}.
 */
@NullMarked
package dev.reverie.doctor;

import org.jspecify.annotations.NullMarked;
