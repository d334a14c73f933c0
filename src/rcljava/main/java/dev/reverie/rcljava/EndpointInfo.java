package dev.reverie.rcljava;

import static java.lang.foreign.ValueLayout.ADDRESS;
import static java.lang.foreign.ValueLayout.JAVA_BYTE;
import static java.lang.foreign.ValueLayout.JAVA_LONG;

import java.lang.foreign.MemorySegment;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;

/**
 * Describes a publisher or subscription of any node of the graph.
 *
 * @param type such as {@code sensor_msgs/msg/Image}
 * @param typeHash such as {@code RIHS01_...} (REP 2016); empty where the endpoint does not tell
 * @param gid the middleware's identity of the endpoint, in hexadecimal digits
 */
public record EndpointInfo(
    String node, String namespace, String type, String typeHash, String gid, Qos qos) {
  // rmw_topic_endpoint_info_t: three strings, rosidl_type_hash_t (version, 32 bytes), kind, gid,
  // QoS
  private static final long HASH = 24;
  private static final long GID = 64;
  private static final int GID_BYTES = 16;
  private static final long QOS = 80;
  private static final long BYTES = QOS + Qos.BYTES;

  /** The name that rmw_dds_common gives (graph_cache.cpp). */
  private static final String UNKNOWN_NODE = "_NODE_NAME_UNKNOWN_";

  /**
   * Returns the node's full name, such as {@code /arm/driver}; of an endpoint that was discovered
   * before its node, which some middleware names {@code _NODE_NAME_UNKNOWN_}, words that say so.
   */
  public String fullName() {
    if (node.equals(UNKNOWN_NODE)) {
      return "a node that is not discovered yet";
    }
    return (namespace.equals("/") ? "" : namespace) + "/" + node;
  }

  /**
   * Reads all elements.
   *
   * @param array rmw_topic_endpoint_info_array_t: size, then elements
   */
  static List<EndpointInfo> readAll(MemorySegment array) {
    long size = array.get(JAVA_LONG, 0);
    var infos = new ArrayList<EndpointInfo>();
    if (size > 0) {
      MemorySegment elements = DynamicLinker.at(array.get(ADDRESS, 8), size * BYTES);
      for (long i = 0; i < size; i++) {
        infos.add(read(elements.asSlice(i * BYTES, BYTES)));
      }
    }
    return List.copyOf(infos);
  }

  private static EndpointInfo read(MemorySegment info) {
    byte version = info.get(JAVA_BYTE, HASH);
    byte[] hash = info.asSlice(HASH + 1, 32).toArray(JAVA_BYTE);
    return new EndpointInfo(
        DynamicLinker.text(info.get(ADDRESS, 0)),
        DynamicLinker.text(info.get(ADDRESS, 8)),
        DynamicLinker.text(info.get(ADDRESS, 16)),
        version == 0 ? "" : "RIHS%02d_%s".formatted(version, HexFormat.of().formatHex(hash)),
        HexFormat.of().formatHex(info.asSlice(GID, GID_BYTES).toArray(JAVA_BYTE)),
        Qos.read(info.asSlice(QOS, Qos.BYTES)));
  }
}
