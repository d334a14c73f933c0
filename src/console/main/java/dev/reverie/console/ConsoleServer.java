package dev.reverie.console;

import java.time.Duration;
import java.util.Optional;
import java.util.logging.Level;
import java.util.logging.Logger;
import org.eclipse.jetty.server.Handler;
import org.eclipse.jetty.server.HttpConfiguration;
import org.eclipse.jetty.server.HttpConnectionFactory;
import org.eclipse.jetty.server.NetworkConnectionLimit;
import org.eclipse.jetty.server.SecureRequestCustomizer;
import org.eclipse.jetty.server.Server;
import org.eclipse.jetty.server.ServerConnector;
import org.eclipse.jetty.server.SslConnectionFactory;
import org.eclipse.jetty.server.handler.ErrorHandler;
import org.eclipse.jetty.util.ssl.SslContextFactory;
import org.eclipse.jetty.util.thread.QueuedThreadPool;
import org.eclipse.jetty.websocket.server.ServerWebSocketContainer;

/** The web server of the console: few threads, bounded connections, and short messages only. */
final class ConsoleServer implements AutoCloseable {
  /** Kept, since a logger that nobody holds forgets its level. */
  private static final Logger LOG = Logger.getLogger("org.eclipse.jetty");

  private static final int THREADS = 24;
  private static final int CONNECTIONS = 128;
  private static final Duration IDLE = Duration.ofSeconds(30);

  /** While all connections are taken, idle ones end so soon. */
  private static final Duration IDLE_WHEN_FULL = Duration.ofSeconds(2);

  private static final int LONGEST_HEADERS = 8192;
  private static final int LONGEST_MESSAGE = 1024;

  private final Server server;
  private final ServerConnector connector;
  private final boolean secure;

  /**
   * Prepares the server.
   *
   * @param host address that it is bound to
   * @param port 0: any that is free
   * @param tls certificate and key; empty: plain HTTP
   */
  ConsoleServer(String host, int port, Optional<SslContextFactory.Server> tls, Handler handler) {
    LOG.setLevel(Level.WARNING);
    var threads = new QueuedThreadPool(THREADS);
    threads.setName("console-web");
    threads.setDaemon(true);
    server = new Server(threads);
    var http = new HttpConfiguration();
    http.setSendServerVersion(false);
    http.setRequestHeaderSize(LONGEST_HEADERS);
    var plain = new HttpConnectionFactory(http);
    secure = tls.isPresent();
    if (tls.isPresent()) {
      http.addCustomizer(new SecureRequestCustomizer(false));
      connector =
          new ServerConnector(
              server, 1, 1, new SslConnectionFactory(tls.get(), plain.getProtocol()), plain);
    } else {
      connector = new ServerConnector(server, 1, 1, plain);
    }
    connector.setHost(host);
    connector.setPort(port);
    connector.setIdleTimeout(IDLE.toMillis());
    server.addConnector(connector);
    var limit = new NetworkConnectionLimit(CONNECTIONS, server);
    limit.setEndPointIdleTimeout(IDLE_WHEN_FULL.toMillis());
    server.addBean(limit);
    ServerWebSocketContainer sockets = ServerWebSocketContainer.ensure(server);
    sockets.setMaxTextMessageSize(LONGEST_MESSAGE);
    sockets.setMaxBinaryMessageSize(LONGEST_MESSAGE);
    sockets.setIdleTimeout(IDLE);
    var errors = new ErrorHandler();
    errors.setShowStacks(false);
    errors.setShowCauses(false);
    server.setErrorHandler(errors);
    server.setHandler(handler);
  }

  /**
   * Begins to answer.
   *
   * @throws ConsoleException where the address is taken, or is none of this machine
   */
  void start() {
    try {
      server.start();
    } catch (Exception e) { // what Jetty declares
      throw new ConsoleException(
          "cannot listen on %s, port %d: %s; give another --port or --host"
              .formatted(connector.getHost(), connector.getPort(), e.getMessage()),
          e);
    }
  }

  int port() {
    return connector.getLocalPort();
  }

  /** The address of its page. */
  String url(String host) {
    String name = host.contains(":") ? "[" + host + "]" : host;
    return "%s://%s:%d/".formatted(secure ? "https" : "http", name, port());
  }

  @Override
  public void close() {
    try {
      server.stop();
    } catch (Exception e) { // what Jetty declares
      throw new ConsoleException("the web server did not end: " + e.getMessage(), e);
    }
  }
}
