package dev.reverie.rcljava;

import static java.lang.foreign.ValueLayout.ADDRESS;
import static java.lang.foreign.ValueLayout.JAVA_BOOLEAN;
import static java.lang.foreign.ValueLayout.JAVA_INT;
import static java.lang.foreign.ValueLayout.JAVA_LONG;

import java.lang.foreign.Arena;
import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.MemorySegment;
import java.lang.invoke.MethodHandle;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.function.BooleanSupplier;
import java.util.stream.IntStream;

/**
 * Tells of all nodes, topics and services that a node has discovered. Discovery takes a moment:
 * what is not there now may come later, see {@link #onChange}. Names are full names, remapped names
 * of topics and services given here are resolved as the node's own.
 */
public final class Graph {
  /**
   * Names a node that was discovered.
   *
   * @param namespace beginning with a slash
   * @param enclave its security enclave, {@code /} where it has none
   */
  public record NodeName(String name, String namespace, String enclave) {
    /** Returns namespace and name, such as {@code /left/arm}. */
    public String fullName() {
      return (namespace.equals("/") ? "" : namespace) + "/" + name;
    }
  }

  private static final MethodHandle NODE_NAMES =
      Librcl.function(
          "rcl_get_node_names_with_enclaves",
          FunctionDescriptor.of(JAVA_INT, ADDRESS, Librcl.ALLOCATOR, ADDRESS, ADDRESS, ADDRESS));
  private static final MethodHandle TOPICS =
      Librcl.function(
          "rcl_get_topic_names_and_types",
          FunctionDescriptor.of(JAVA_INT, ADDRESS, ADDRESS, JAVA_BOOLEAN, ADDRESS));
  private static final RclFunction SERVICES = RclFunction.of("rcl_get_service_names_and_types", 3);
  private static final MethodHandle PUBLISHERS_OF_NODE = topicsOfNode("publisher");
  private static final MethodHandle SUBSCRIBERS_OF_NODE = topicsOfNode("subscriber");
  private static final RclFunction SERVICES_OF_NODE =
      RclFunction.of("rcl_get_service_names_and_types_by_node", 5);
  private static final RclFunction CLIENTS_OF_NODE =
      RclFunction.of("rcl_get_client_names_and_types_by_node", 5);
  private static final MethodHandle PUBLISHERS_INFO = info("publishers");
  private static final MethodHandle SUBSCRIPTIONS_INFO = info("subscriptions");
  private static final RclFunction COUNT_PUBLISHERS = RclFunction.of("rcl_count_publishers", 3);
  private static final RclFunction COUNT_SUBSCRIBERS = RclFunction.of("rcl_count_subscribers", 3);
  private static final RclFunction NAMES_FINI = RclFunction.of("rcl_names_and_types_fini", 1);
  private static final RclFunction STRINGS_FINI = RclFunction.of("rcutils_string_array_fini", 1);
  private static final RclFunction INFO_FINI =
      RclFunction.of("rmw_topic_endpoint_info_array_fini", 2);

  /** rcutils_string_array_t: size, data, allocator. */
  private static final long STRINGS_BYTES = 56;

  private static final int NODE_NAME_NON_EXISTENT = 203;

  private final Node node;

  Graph(Node node) {
    this.node = node;
  }

  /** Returns all nodes, this one included. */
  public List<NodeName> nodes() {
    try (var use = new Use()) {
      MemorySegment names = use.zeroed(STRINGS_BYTES);
      MemorySegment namespaces = use.zeroed(STRINGS_BYTES);
      MemorySegment enclaves = use.zeroed(STRINGS_BYTES);
      RclFunction.check(
          (int)
              NODE_NAMES.invokeExact(
                  node.pointer(), Librcl.allocator(), names, namespaces, enclaves),
          "names of nodes");
      List<String> n = strings(names);
      List<String> s = strings(namespaces);
      List<String> e = strings(enclaves);
      for (MemorySegment each : List.of(names, namespaces, enclaves)) {
        STRINGS_FINI.check(STRINGS_FINI.call(each));
      }
      return IntStream.range(0, n.size())
          .mapToObj(i -> new NodeName(n.get(i), s.get(i), e.get(i)))
          .toList();
    } catch (Throwable e) {
      throw DynamicLinker.unchecked(e);
    }
  }

  /** Returns the types by topic; more than one type where endpoints disagree. */
  public Map<String, List<String>> topics() {
    return namesAndTypes(
        "topics",
        (use, result) -> (int) TOPICS.invokeExact(node.pointer(), use.allocator(), false, result));
  }

  /** Returns the types by service. */
  public Map<String, List<String>> services() {
    return namesAndTypes(
        "services", (use, result) -> SERVICES.call(node.pointer(), use.allocator(), result));
  }

  /**
   * Returns the types by topic that a node publishes on.
   *
   * @throws RclException when there is no such node
   */
  public Map<String, List<String>> publishersOf(NodeName other) {
    return topicsOf(PUBLISHERS_OF_NODE, other);
  }

  /** Returns the types by topic that a node subscribes to; as {@link #publishersOf}. */
  public Map<String, List<String>> subscriptionsOf(NodeName other) {
    return topicsOf(SUBSCRIBERS_OF_NODE, other);
  }

  /** Returns the types by service that a node serves; as {@link #publishersOf}. */
  public Map<String, List<String>> servicesOf(NodeName other) {
    return servicesOf(SERVICES_OF_NODE, other);
  }

  /** Returns the types by service that a node has clients of; as {@link #publishersOf}. */
  public Map<String, List<String>> clientsOf(NodeName other) {
    return servicesOf(CLIENTS_OF_NODE, other);
  }

  private Map<String, List<String>> topicsOf(MethodHandle function, NodeName other) {
    return namesAndTypes(
        "node " + other.fullName(),
        (use, result) ->
            (int)
                function.invokeExact(
                    node.pointer(),
                    use.allocator(),
                    false,
                    use.text(other.name()),
                    use.text(other.namespace()),
                    result));
  }

  private Map<String, List<String>> servicesOf(RclFunction function, NodeName other) {
    return namesAndTypes(
        "node " + other.fullName(),
        (use, result) ->
            function.call(
                node.pointer(),
                use.allocator(),
                use.text(other.name()),
                use.text(other.namespace()),
                result));
  }

  /** Returns the publishers of a topic, of all nodes. */
  public List<EndpointInfo> publishers(String topic) {
    return infos(PUBLISHERS_INFO, topic);
  }

  /** Returns the subscriptions of a topic, of all nodes. */
  public List<EndpointInfo> subscriptions(String topic) {
    return infos(SUBSCRIPTIONS_INFO, topic);
  }

  /** Returns the number of publishers of a topic. */
  public int countPublishers(String topic) {
    return count(COUNT_PUBLISHERS, topic);
  }

  /** Returns the number of subscriptions of a topic. */
  public int countSubscriptions(String topic) {
    return count(COUNT_SUBSCRIBERS, topic);
  }

  /**
   * Calls a listener when something came, went or changed, on a thread of the executor, without
   * saying what.
   */
  public Registration onChange(Runnable listener) {
    return node.add(new GraphListener(node, listener))::close;
  }

  /** Waits until the condition holds; false when it does not in time, or at shutdown. */
  public boolean await(Duration timeout, BooleanSupplier condition) {
    return PollUntil.await(node.context(), timeout, condition);
  }

  private int count(RclFunction function, String topic) {
    String name = node.resolveTopic(topic);
    try (var use = new Use()) {
      MemorySegment count = use.arena.allocate(JAVA_LONG);
      function.check(function.call(node.pointer(), use.text(name), count));
      return (int) count.get(JAVA_LONG, 0);
    }
  }

  private List<EndpointInfo> infos(MethodHandle function, String topic) {
    if ("humble".equals(System.getenv("ROS_DISTRO"))) {
      throw new RclException("ROS 2 humble has another structure of endpoints: use counts instead");
    }
    String name = node.resolveTopic(topic);
    try (var use = new Use()) {
      MemorySegment array = use.zeroed(16);
      RclFunction.check(
          (int) function.invokeExact(node.pointer(), use.allocator(), use.text(name), false, array),
          "endpoints of " + name);
      List<EndpointInfo> infos = EndpointInfo.readAll(array);
      INFO_FINI.check(INFO_FINI.call(array, use.allocator()));
      return infos;
    } catch (Throwable e) {
      throw DynamicLinker.unchecked(e);
    }
  }

  /** Fills an rcl_names_and_types_t. */
  private interface Query {
    int run(Use use, MemorySegment result) throws Throwable;
  }

  private Map<String, List<String>> namesAndTypes(String what, Query query) {
    try (var use = new Use()) {
      // Names, then a pointer to as many arrays of types.
      MemorySegment result = use.zeroed(STRINGS_BYTES + 8);
      int code = query.run(use, result);
      if (code == NODE_NAME_NON_EXISTENT) {
        ErrorState.clear();
        throw new RclException("there is no " + what + " (or it is not discovered yet)");
      }
      RclFunction.check(code, what);
      List<String> names = strings(result);
      var types = new TreeMap<String, List<String>>();
      if (!names.isEmpty()) {
        MemorySegment arrays =
            DynamicLinker.at(result.get(ADDRESS, STRINGS_BYTES), names.size() * STRINGS_BYTES);
        for (int i = 0; i < names.size(); i++) {
          types.put(names.get(i), strings(arrays.asSlice(i * STRINGS_BYTES, STRINGS_BYTES)));
        }
      }
      NAMES_FINI.check(NAMES_FINI.call(result));
      return types;
    } catch (Throwable e) {
      throw DynamicLinker.unchecked(e);
    }
  }

  private static List<String> strings(MemorySegment array) {
    int size = (int) array.get(JAVA_LONG, 0);
    var texts = new ArrayList<String>();
    if (size > 0) {
      MemorySegment data = DynamicLinker.at(array.get(ADDRESS, 8), 8L * size);
      for (int i = 0; i < size; i++) {
        texts.add(DynamicLinker.text(data.getAtIndex(ADDRESS, i)));
      }
    }
    return List.copyOf(texts);
  }

  /** Keeps the node in use, with memory for one question. */
  private final class Use implements AutoCloseable {
    final Arena arena = Arena.ofConfined();

    Use() {
      if (!node.enter()) {
        throw new ClosedException("node " + node.fullName() + " is closed");
      }
    }

    MemorySegment zeroed(long bytes) {
      return DynamicLinker.zeroed(arena, bytes);
    }

    MemorySegment text(String value) {
      return arena.allocateFrom(value);
    }

    MemorySegment allocator() {
      return DynamicLinker.copy(arena, Librcl.allocator(), Librcl.ALLOCATOR.byteSize());
    }

    @Override
    public void close() {
      arena.close();
      node.exit();
    }
  }

  private static MethodHandle topicsOfNode(String endpoint) {
    return Librcl.function(
        "rcl_get_" + endpoint + "_names_and_types_by_node",
        FunctionDescriptor.of(JAVA_INT, ADDRESS, ADDRESS, JAVA_BOOLEAN, ADDRESS, ADDRESS, ADDRESS));
  }

  private static MethodHandle info(String endpoints) {
    return Librcl.function(
        "rcl_get_" + endpoints + "_info_by_topic",
        FunctionDescriptor.of(JAVA_INT, ADDRESS, ADDRESS, ADDRESS, JAVA_BOOLEAN, ADDRESS));
  }
}
