package dev.reverie.rcljava;

import static java.lang.foreign.ValueLayout.ADDRESS;

import dev.reverie.msgs.type_description_interfaces.GetTypeDescription;
import java.lang.foreign.Arena;
import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.MemorySegment;
import java.lang.invoke.MethodHandle;

/** Serves {@code ~/get_type_description} of a node (REP 2016), which rcl itself answers. */
final class TypeDescriptions extends Waitable {
  private static final String INIT = "rcl_node_type_description_service_init";
  private static final RclFunction FINI = RclFunction.of("rcl_service_fini", 2);
  private static final RclFunction TAKE = RclFunction.of("rcl_take_request_with_info", 3);
  private static final RclFunction SEND = RclFunction.of("rcl_send_response", 3);

  private final MethodHandle answer =
      Librcl.function(
          "rcl_node_type_description_service_handle_request",
          FunctionDescriptor.ofVoid(ADDRESS, ADDRESS, ADDRESS, ADDRESS));
  private final MemorySegment info = DynamicLinker.zeroed(Arena.ofAuto(), Service.INFO_BYTES);

  private TypeDescriptions(Node node) {
    super(Kind.SERVICE, node, node.group());
    RclFunction init = RclFunction.of(INIT, 2);
    acquire(() -> init.check(init.call(pointer(), node.pointer())));
  }

  /** Serves it where the distribution has it (not on humble). */
  static void serve(Node node) {
    if (DynamicLinker.find(Librcl.load(), INIT).isPresent()) {
      node.add(new TypeDescriptions(node));
    }
  }

  @Override
  boolean work() {
    try (var request = new Structure(GetTypeDescription.Request.TYPE.name());
        var response = new Structure(GetTypeDescription.Response.TYPE.name())) {
      int code = TAKE.call(pointer(), info, request.pointer());
      if (code == Service.TAKE_FAILED) {
        ErrorState.clear();
        return false;
      }
      TAKE.check(code);
      MemorySegment id = info.asSlice(Service.REQUEST_ID, Service.REQUEST_ID_BYTES);
      // Safe: both structures are of the types that the service was made with.
      answer.invokeExact(node().pointer(), id, request.pointer(), response.pointer());
      SEND.check(SEND.call(pointer(), id, response.pointer()));
      return true;
    } catch (Throwable e) {
      throw DynamicLinker.unchecked(e);
    }
  }

  @Override
  void release() {
    FINI.check(FINI.call(pointer(), node().pointer()));
  }
}
