/** Holds what the tests of several modules share; of no use to what runs. */
@org.jspecify.annotations.NullMarked
package dev.reverie.testing;
