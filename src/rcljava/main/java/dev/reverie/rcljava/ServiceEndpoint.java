package dev.reverie.rcljava;

import static java.lang.foreign.ValueLayout.ADDRESS;

import dev.reverie.msgs.ServiceType;
import java.lang.foreign.Arena;
import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.MemorySegment;
import java.lang.invoke.MethodHandle;

/**
 * Holds the part that both ends of a service have: its type, its name, and a structure for each of
 * its two messages.
 *
 * @param <Q> request
 * @param <S> response
 */
abstract sealed class ServiceEndpoint<Q, S> extends Waitable permits Client, Service {
  /**
   * Names the functions of one end.
   *
   * @param words the words of a refusal before its name
   * @param options the function that returns its options structure
   */
  record Functions(
      String words, RclFunction init, RclFunction fini, String options, MethodHandle name) {
    /**
     * Finds the functions.
     *
     * @param end {@code client} or {@code service}
     */
    static Functions of(String end, String words) {
      return new Functions(
          words,
          RclFunction.of("rcl_" + end + "_init", 5),
          RclFunction.of("rcl_" + end + "_fini", 2),
          "rcl_" + end + "_get_default_options",
          Librcl.function(
              "rcl_" + end + "_get_service_name", FunctionDescriptor.of(ADDRESS, ADDRESS)));
    }
  }

  private final Functions functions;
  private final ServiceType<Q, S> type;
  private final String name;
  private final Structure request;
  private final Structure response;

  ServiceEndpoint(
      Functions functions,
      Kind kind,
      Node node,
      ServiceType<Q, S> type,
      String name,
      CallbackGroup group) {
    super(kind, node, group);
    this.functions = functions;
    this.type = type;
    acquire(() -> init(name));
    request = new Structure(type.request().name());
    response = new Structure(type.response().name());
    try {
      this.name = DynamicLinker.text((MemorySegment) functions.name().invokeExact(pointer()));
    } catch (Throwable e) {
      throw DynamicLinker.unchecked(e);
    }
  }

  private void init(String wanted) {
    MemorySegment support = TypeSupport.service(type.name());
    try (var arena = Arena.ofConfined()) {
      MemorySegment options = Librcl.structure(arena, functions.options());
      Qos.SERVICES.writeTo(options);
      RclFunction.check(
          functions
              .init()
              .call(pointer(), node().pointer(), support, arena.allocateFrom(wanted), options),
          functions.words() + wanted);
    }
  }

  /** Returns the full name of the service, remapped. */
  public final String name() {
    return name;
  }

  final ServiceType<Q, S> type() {
    return type;
  }

  final Structure request() {
    return request;
  }

  final Structure response() {
    return response;
  }

  @Override
  final void release() {
    functions.fini().check(functions.fini().call(pointer(), node().pointer()));
    request.close();
    response.close();
  }
}
