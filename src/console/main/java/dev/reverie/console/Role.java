package dev.reverie.console;

/** What a visitor of the console may do. */
enum Role {
  /** Sees everything and can command nothing. */
  VIEWER,
  /** Commands too. */
  OPERATOR
}
