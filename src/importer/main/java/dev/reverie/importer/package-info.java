/** Bags of any recorder to rollouts, by a mapping file: docs/import.md. */
@org.jspecify.annotations.NullMarked
package dev.reverie.importer;
