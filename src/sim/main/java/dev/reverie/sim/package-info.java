/** The simulated arm: MuJoCo behind the topics of a real arm. */
@org.jspecify.annotations.NullMarked
package dev.reverie.sim;
