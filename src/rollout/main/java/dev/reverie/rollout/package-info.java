/** Episodes from bags and to bags. */
@org.jspecify.annotations.NullMarked
package dev.reverie.rollout;
