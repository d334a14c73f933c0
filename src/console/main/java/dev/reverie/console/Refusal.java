package dev.reverie.console;

/**
 * Says no to a request, in a sentence for people. Costs no stack trace, so that many cost little.
 */
final class Refusal extends RuntimeException {
  private final int status;

  /**
   * Creates a refusal.
   *
   * @param status of HTTP
   */
  Refusal(int status, String format, Object... values) {
    super(format.formatted(values), null, false, false);
    this.status = status;
  }

  int status() {
    return status;
  }
}
