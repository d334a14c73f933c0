/** The networks: auto-encoder, world model, reward classifier and policy, with their losses. */
@org.jspecify.annotations.NullMarked
package dev.reverie.trainer.model;
