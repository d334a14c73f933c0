package dev.reverie.console;

/** The rights of a visitor of the console. */
enum Role {
  /** Sees everything and can command nothing. */
  VIEWER,
  /** Commands too. */
  OPERATOR
}
