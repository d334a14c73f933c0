package dev.reverie.console;

import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import org.eclipse.jetty.http.HttpHeader;
import org.eclipse.jetty.server.Request;

/**
 * Tells requests of the console's own page from those that another page had a browser make. The
 * names by which the console is reached are known, so that no foreign name can be made to point
 * here.
 */
final class Origins {
  private final Set<String> names = new LinkedHashSet<>(List.of("localhost", "127.0.0.1", "[::1]"));

  /**
   * Creates the check.
   *
   * @param own names or addresses besides those of this machine for itself
   */
  Origins(List<String> own) {
    names.addAll(own);
  }

  /** Refuses a request for another host. */
  void requireHost(Request request) {
    String host = header(request, HttpHeader.HOST);
    if (!names.contains(name(host))) {
      throw new Refusal(
          421, "this console is not called '%s'; start it with --name, if it is", name(host));
    }
  }

  /** Refuses a request that was not made by the console's own page. */
  void requireOwnPage(Request request) {
    String wanted =
        (request.isSecure() ? "https://" : "http://") + header(request, HttpHeader.HOST);
    String origin = header(request, HttpHeader.ORIGIN);
    if (!origin.equals(wanted)) {
      throw new Refusal(
          403, "the request is of a page of '%s', not of this console (%s)", origin, wanted);
    }
  }

  private static String header(Request request, HttpHeader header) {
    String value = request.getHeaders().get(header);
    return value == null ? "" : value;
  }

  /** The host without its port. */
  private static String name(String host) {
    int colon = host.lastIndexOf(':');
    return colon > host.lastIndexOf(']') ? host.substring(0, colon) : host;
  }
}
