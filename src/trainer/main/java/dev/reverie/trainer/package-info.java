/** World model, reward, imagination, GRPO, export. */
@org.jspecify.annotations.NullMarked
package dev.reverie.trainer;
