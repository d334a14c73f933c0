/** Programs to begin with; the README shows them and {@code ExamplesTest} runs them. */
@org.jspecify.annotations.NullMarked
package dev.reverie.rcljava.examples;
