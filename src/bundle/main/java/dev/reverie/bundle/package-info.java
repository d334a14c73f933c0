/**
 * {@code reverie policy}: graphs of other programs become bundles; bundles are looked at, checked,
 * compared and signed. How: docs/own-policy.md.
 */
@org.jspecify.annotations.NullMarked
package dev.reverie.bundle;
