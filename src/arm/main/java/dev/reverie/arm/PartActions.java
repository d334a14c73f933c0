package dev.reverie.arm;

/** Actions that move some of the joints and leave the others where they are. */
interface PartActions extends ActionMap {
  /** Places of the joints that it moves. */
  int[] moved();
}
