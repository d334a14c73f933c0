/**
 * Rollouts to datasets of LeRobot's format v3 and back: {@code reverie rollouts export} and {@code
 * import}. An {@link dev.reverie.lerobot.Export} reads bags and writes a dataset's tables and
 * videos; an {@link dev.reverie.lerobot.Import} reads them again and writes bags, its actions
 * mapped to those of a policy. The format: docs/format-lerobot.md.
 */
@org.jspecify.annotations.NullMarked
package dev.reverie.lerobot;
