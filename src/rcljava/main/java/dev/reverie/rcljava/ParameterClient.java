package dev.reverie.rcljava;

import dev.reverie.msgs.ServiceType;
import dev.reverie.msgs.rcl_interfaces.DescribeParameters;
import dev.reverie.msgs.rcl_interfaces.GetParameters;
import dev.reverie.msgs.rcl_interfaces.ListParameters;
import dev.reverie.msgs.rcl_interfaces.ListParametersResult;
import dev.reverie.msgs.rcl_interfaces.ParameterDescriptor;
import dev.reverie.msgs.rcl_interfaces.ParameterValue;
import dev.reverie.msgs.rcl_interfaces.SetParameters;
import dev.reverie.msgs.rcl_interfaces.SetParametersAtomically;
import dev.reverie.msgs.rcl_interfaces.SetParametersResult;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;

/**
 * Reads and sets the parameters of another node. Answers come as from a {@link Client}; bound the
 * wait by {@link CompletableFuture#orTimeout}.
 */
public final class ParameterClient implements AutoCloseable {
  private final String remote;
  private final Client<GetParameters.Request, GetParameters.Response> get;
  private final Client<SetParameters.Request, SetParameters.Response> set;
  private final Client<SetParametersAtomically.Request, SetParametersAtomically.Response>
      setAtomically;
  private final Client<ListParameters.Request, ListParameters.Response> list;
  private final Client<DescribeParameters.Request, DescribeParameters.Response> describe;
  private final List<Client<?, ?>> clients = new ArrayList<>();

  ParameterClient(Node node, String remote) {
    this.remote = remote;
    get = client(node, GetParameters.TYPE, "get_parameters");
    set = client(node, SetParameters.TYPE, "set_parameters");
    setAtomically = client(node, SetParametersAtomically.TYPE, "set_parameters_atomically");
    list = client(node, ListParameters.TYPE, "list_parameters");
    describe = client(node, DescribeParameters.TYPE, "describe_parameters");
  }

  private <Q, S> Client<Q, S> client(Node node, ServiceType<Q, S> type, String service) {
    Client<Q, S> client = node.createClient(type, remote + "/" + service);
    clients.add(client);
    return client;
  }

  /** Waits until the node is there; false when it is not in time, or at shutdown. */
  public boolean waitForServices(Duration timeout) {
    long end = System.nanoTime() + timeout.toNanos();
    return clients.stream()
        .allMatch(client -> client.waitForService(Duration.ofNanos(end - System.nanoTime())));
  }

  /**
   * Asks for the values of parameters; they come in the same order.
   *
   * @return fails with {@link RclException} where one of them is not declared or has no value
   */
  public CompletableFuture<List<Parameter>> get(List<String> names) {
    return get.call(new GetParameters.Request(names))
        .thenApply(response -> parameters(names, response.values()));
  }

  private List<Parameter> parameters(List<String> names, List<ParameterValue> values) {
    var parameters = new ArrayList<Parameter>();
    for (int i = 0; i < names.size(); i++) {
      // rclcpp answers with nothing at all where one is not declared.
      Optional<Object> value =
          values.size() == names.size() ? ParameterMessages.value(values.get(i)) : Optional.empty();
      if (value.isPresent()) {
        parameters.add(new Parameter(names.get(i), value.get()));
      }
    }
    if (parameters.size() < names.size()) {
      var missing = new ArrayList<>(names);
      parameters.forEach(parameter -> missing.remove(parameter.name()));
      throw new RclException(
          "of the parameters %s not all are declared by %s; list tells which are"
              .formatted(missing, remote));
    }
    return parameters;
  }

  /** Sets each parameter by itself; each gets a result, with the reason where it was refused. */
  public CompletableFuture<List<SetParametersResult>> set(List<Parameter> parameters) {
    return set.call(new SetParameters.Request(messages(parameters)))
        .thenApply(SetParameters.Response::results);
  }

  /** Sets all of the parameters, or none. */
  public CompletableFuture<SetParametersResult> setAtomically(List<Parameter> parameters) {
    return setAtomically
        .call(new SetParametersAtomically.Request(messages(parameters)))
        .thenApply(SetParametersAtomically.Response::result);
  }

  private static List<dev.reverie.msgs.rcl_interfaces.Parameter> messages(List<Parameter> from) {
    return from.stream().map(ParameterMessages::message).toList();
  }

  /** Asks for the names of all parameters. */
  public CompletableFuture<List<String>> list() {
    return list(List.of(), ListParameters.Request.DEPTH_RECURSIVE)
        .thenApply(ListParametersResult::names);
  }

  /**
   * Asks for the names under prefixes.
   *
   * @param prefixes such as {@code limits} for {@code limits.speed}; empty: all
   * @param depth at most so many parts below the prefix; 0: any number
   */
  public CompletableFuture<ListParametersResult> list(List<String> prefixes, long depth) {
    return list.call(new ListParameters.Request(prefixes, depth))
        .thenApply(ListParameters.Response::result);
  }

  /**
   * Asks for the descriptors that parameters were declared with; they come in the same order.
   *
   * @return fails with {@link RclException} where one of them is not declared
   */
  public CompletableFuture<List<ParameterDescriptor>> describe(List<String> names) {
    return describe
        .call(new DescribeParameters.Request(names))
        .thenApply(
            response -> {
              if (response.descriptors().size() != names.size()) {
                throw new RclException(
                    "not all of the parameters %s are declared by %s; list tells which are"
                        .formatted(names, remote));
              }
              return response.descriptors();
            });
  }

  /** Closes the client; calls without an answer fail. */
  @Override
  public void close() {
    CloseAll.close(clients);
  }
}
