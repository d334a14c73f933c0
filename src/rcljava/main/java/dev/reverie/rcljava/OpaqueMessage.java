package dev.reverie.rcljava;

import static java.lang.foreign.ValueLayout.ADDRESS;

import dev.reverie.msgs.CdrWriter;
import dev.reverie.msgs.MessageType;
import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.MemorySegment;
import java.lang.invoke.MethodHandle;

/**
 * A request or response in the layout of C, which rcl wants for services. Its fields are not known
 * here: it is made by the package's own library and filled and read through CDR. Used under the
 * lock of its owner.
 */
final class OpaqueMessage<T> implements AutoCloseable {

  private static final RclFunction SERIALIZE = RclFunction.of("rmw_serialize", 3);
  private static final RclFunction DESERIALIZE = RclFunction.of("rmw_deserialize", 3);

  private final MessageType<T> type;
  private final MemorySegment support;
  private final MemorySegment structure;
  private final MethodHandle destroy;
  private final CdrWriter writer = new CdrWriter();
  private final SerializedMessage.View view = new SerializedMessage.View();
  private final SerializedMessage serialized = new SerializedMessage();

  /**
   * @param type such as {@code std_srvs/srv/SetBool_Request}
   */
  OpaqueMessage(MessageType<T> type) {
    this.type = type;
    String name = type.name();
    support = TypeSupport.message(name);
    String symbol = name.replace("/", "__");
    destroy =
        DynamicLinker.function(
            TypeSupport.symbol(name, "rosidl_generator_c", symbol + "__destroy"),
            FunctionDescriptor.ofVoid(ADDRESS));
    MemorySegment create = TypeSupport.symbol(name, "rosidl_generator_c", symbol + "__create");
    try {
      structure =
          (MemorySegment)
              DynamicLinker.function(create, FunctionDescriptor.of(ADDRESS)).invokeExact();
    } catch (Throwable e) {
      throw DynamicLinker.unchecked(e);
    }
  }

  MemorySegment pointer() {
    return structure;
  }

  void set(T value) {
    writer.reset();
    type.write(value, writer);
    // Safe: rmw checks lengths and bounds against the type, and frees what the structure held.
    DESERIALIZE.check(DESERIALIZE.call(view.of(writer.written()), support, structure));
  }

  T get() {
    SERIALIZE.check(SERIALIZE.call(structure, support, serialized.pointer()));
    return type.decode(serialized.bytes());
  }

  @Override
  public void close() {
    serialized.close();
    try {
      destroy.invokeExact(structure);
    } catch (Throwable e) {
      throw DynamicLinker.unchecked(e);
    }
  }
}
