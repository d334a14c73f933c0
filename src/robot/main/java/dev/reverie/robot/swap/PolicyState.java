package dev.reverie.robot.swap;

import dev.reverie.msgs.reverie.PolicyEvent;

/** States of a policy bundle that is to go live, in the words of PolicyEvent. */
enum PolicyState {
  STAGED(PolicyEvent.STAGED),
  VERIFIED(PolicyEvent.VERIFIED),
  LOADED(PolicyEvent.LOADED),
  PROBED(PolicyEvent.PROBED),
  WAITING(PolicyEvent.WAITING),
  LIVE(PolicyEvent.LIVE),
  REFUSED(PolicyEvent.REFUSED),
  CANCELLED(PolicyEvent.CANCELLED),
  ROLLED_BACK(PolicyEvent.ROLLED_BACK),
  REPLAYED(PolicyEvent.REPLAYED);

  private final byte code;

  PolicyState(byte code) {
    this.code = code;
  }

  byte code() {
    return code;
  }
}
