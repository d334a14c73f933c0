package dev.reverie.rcljava;

import dev.reverie.msgs.rcl_interfaces.ParameterDescriptor;
import dev.reverie.msgs.rcl_interfaces.ParameterEvent;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * Holds the parameters of a node. They are declared with a type; Java and other nodes set them as
 * far as type, range and validators allow; every change is told on {@code /parameter_events}. May
 * be used from any thread.
 */
public final class Parameters {
  private record Entry(ParameterDescriptor descriptor, Object value) {}

  private final String node;
  private final Map<String, Object> overrides = new LinkedHashMap<>();
  private final boolean allowUndeclared;
  private final Consumer<ParameterEvent> events;
  private final List<ParameterValidator> validators = new CopyOnWriteArrayList<>();
  private final List<Consumer<List<Parameter>>> listeners = new CopyOnWriteArrayList<>();

  /** Held from the check of a change until it is made and told; validators run inside. */
  private final ReentrantLock changing = new ReentrantLock();

  // Guarded by itself; changed by the holder of the lock only.
  private final Map<String, Entry> entries = new LinkedHashMap<>();

  /**
   * Begins with nothing declared.
   *
   * @param node full name
   * @param overrides values given from outside
   * @param allowUndeclared whether setting a parameter may declare it
   * @param events publishes an event
   */
  Parameters(
      String node,
      Map<String, Object> overrides,
      boolean allowUndeclared,
      Consumer<ParameterEvent> events) {
    this.node = node;
    overrides.forEach(
        (name, value) -> this.overrides.put(name, new Parameter(name, value).value()));
    this.allowUndeclared = allowUndeclared;
    this.events = events;
  }

  /**
   * Declares a parameter.
   *
   * @return the value given from outside, else the default
   * @throws RclException when that value has another type, is out of range or refused by a
   *     validator, when it is missing but required, or when the name was declared before
   */
  @SuppressWarnings("unchecked") // the value's type was checked; of dynamic ones T is Object
  public <T> T declare(ParameterDeclaration<T> declaration) {
    String name = declaration.name();
    Object given = overrides.get(name);
    if (given == null && declaration.isRequired()) {
      ParameterType type = ParameterType.of(declaration.descriptor().type());
      throw new RclException(
          "parameter '%s' of %s has no value; give it %s: --ros-args -p %s:=..."
              .formatted(name, node, type, name));
    }
    var changes = new ParameterChanges();
    lock();
    try {
      if (has(name)) {
        throw new RclException("parameter '%s' of %s is declared twice".formatted(name, node));
      }
      Object value = given == null ? declaration.byDefault() : given;
      stage(declaration.descriptor(), value, changes, changes.created)
          .or(() -> refusal(changes.created))
          .ifPresent(Parameters::refuse);
      apply(changes);
    } finally {
      changing.unlock();
    }
    tell(changes);
    return (T) changes.created.getFirst().value();
  }

  /** Declares what was given from outside and is not declared yet, of any type. */
  void declareOverrides() {
    for (String name : undeclared()) {
      Object value = overrides.get(name);
      if (value != null) {
        declare(ParameterDeclaration.dynamic(name, value));
      }
    }
  }

  /**
   * Forgets a parameter.
   *
   * @throws RclException when it is not declared, or read-only
   */
  public void undeclare(String name) {
    lock();
    try {
      Entry entry = entry(name);
      if (entry.descriptor.readOnly()) {
        throw new RclException(
            "parameter '%s' of %s is read-only: it stays declared".formatted(name, node));
      }
      var changes = new ParameterChanges();
      changes.deleted.add(new Parameter(name, entry.value));
      apply(changes);
    } finally {
      changing.unlock();
    }
  }

  /** Returns whether a parameter is declared. */
  public boolean has(String name) {
    synchronized (entries) {
      return entries.containsKey(name);
    }
  }

  /**
   * Returns the parameter with its value now.
   *
   * @throws RclException when it is not declared
   */
  public Parameter get(String name) {
    return new Parameter(name, entry(name).value);
  }

  /** Returns the parameter with its value now; empty where it is not declared. */
  public Optional<Parameter> find(String name) {
    return Optional.ofNullable(entryOrNull(name)).map(entry -> new Parameter(name, entry.value));
  }

  /** Returns all declared parameters, in the order of their declaration. */
  public List<Parameter> all() {
    synchronized (entries) {
      return entries.entrySet().stream()
          .map(entry -> new Parameter(entry.getKey(), entry.getValue().value))
          .toList();
    }
  }

  /**
   * Returns the descriptor that a parameter was declared with.
   *
   * @throws RclException when it is not declared
   */
  public ParameterDescriptor describe(String name) {
    return entry(name).descriptor;
  }

  /**
   * Returns the names of parameters that were given a value but are not declared so far, such as
   * misspelt ones.
   */
  public List<String> undeclared() {
    return overrides.keySet().stream().filter(name -> !has(name)).sorted().toList();
  }

  /**
   * Sets one parameter.
   *
   * @param value see {@link Parameter#value}
   * @throws RclException when that is refused, as in {@link #set(List)}
   */
  public void set(String name, Object value) {
    set(List.of(new Parameter(name, value)));
  }

  /**
   * Sets all of the parameters, or none.
   *
   * @throws RclException when one of them is not declared or read-only, has another type, is out of
   *     its range, or a validator refuses
   */
  public void set(List<Parameter> parameters) {
    var wanted = new LinkedHashMap<String, Optional<Object>>();
    parameters.forEach(p -> wanted.put(p.name(), Optional.of(p.value())));
    trySet(wanted).ifPresent(Parameters::refuse);
  }

  /**
   * Asks a validator before parameters are declared or set, also by other nodes, until this is
   * closed.
   */
  public Registration validate(ParameterValidator validator) {
    validators.add(validator);
    return () -> validators.remove(validator);
  }

  /**
   * Tells a listener of parameters that were declared or set, until this is closed: after each
   * change, on the thread that made it. Where several threads change parameters, {@link #get} tells
   * what holds.
   */
  public Registration onChange(Consumer<List<Parameter>> listener) {
    listeners.add(listener);
    return () -> listeners.remove(listener);
  }

  /**
   * Sets all of them, or none.
   *
   * @param wanted by name; empty: deletes it
   * @return the reason why they are refused; empty where they are not
   */
  Optional<String> trySet(Map<String, Optional<Object>> wanted) {
    var changes = new ParameterChanges();
    lock();
    try {
      for (Map.Entry<String, Optional<Object>> each : wanted.entrySet()) {
        Optional<String> refusal = stage(each.getKey(), each.getValue().orElse(null), changes);
        if (refusal.isPresent()) {
          return refusal;
        }
      }
      Optional<String> refusal = refusal(changes.set());
      if (refusal.isPresent()) {
        return refusal;
      }
      apply(changes);
    } finally {
      changing.unlock();
    }
    tell(changes);
    return Optional.empty();
  }

  /** Adds one to the changes, or returns the reason why it is refused. */
  private Optional<String> stage(String name, @Nullable Object value, ParameterChanges changes) {
    Entry entry = entryOrNull(name);
    if (entry == null && (!allowUndeclared || name.isEmpty())) {
      return Optional.of(notDeclared(name));
    }
    if (entry == null) {
      ParameterDescriptor descriptor =
          new ParameterDescriptor().withName(name).withDynamicTyping(true);
      return value == null ? Optional.empty() : stage(descriptor, value, changes, changes.created);
    }
    if (entry.descriptor.readOnly()) {
      return Optional.of(
          "parameter '%s' of %s is read-only; start the node with -p %s:=..."
              .formatted(name, node, name));
    }
    if (value != null) {
      return stage(entry.descriptor, value, changes, changes.changed);
    }
    if (!entry.descriptor.dynamicTyping()) {
      return Optional.of(
          "parameter '%s' of %s has a fixed type: it can not be deleted".formatted(name, node));
    }
    changes.deleted.add(new Parameter(name, entry.value));
    return Optional.empty();
  }

  /** Adds one to the changes where type and range fit, or returns the reason why it is refused. */
  private Optional<String> stage(
      ParameterDescriptor descriptor,
      Object value,
      ParameterChanges changes,
      List<Parameter> kind) {
    Object fitting = value;
    if (!descriptor.dynamicTyping()) {
      ParameterType type = ParameterType.of(descriptor.type());
      fitting = type.widen(value);
      if (ParameterType.of(fitting) != type) {
        return refusal(descriptor, value, "give " + type);
      }
    }
    Optional<String> remedy = ParameterRanges.refusal(descriptor, fitting);
    if (remedy.isPresent()) {
      return refusal(descriptor, fitting, remedy.get());
    }
    changes.descriptors.put(descriptor.name(), descriptor);
    kind.add(new Parameter(descriptor.name(), fitting));
    return Optional.empty();
  }

  private Optional<String> refusal(ParameterDescriptor descriptor, Object value, String remedy) {
    return Optional.of(
        "parameter '%s' of %s can not be %s (%s); %s"
            .formatted(
                descriptor.name(), node, Parameter.show(value), ParameterType.of(value), remedy));
  }

  /** Returns the reason why a validator refuses. */
  private Optional<String> refusal(List<Parameter> wanted) {
    return wanted.isEmpty()
        ? Optional.empty()
        : validators.stream()
            .flatMap(validator -> validator.refuse(List.copyOf(wanted)).stream())
            .findFirst()
            .map(reason -> "%s of %s refused: %s".formatted(wanted, node, reason));
  }

  private static void refuse(String reason) {
    throw new RclException(reason);
  }

  private void apply(ParameterChanges changes) {
    synchronized (entries) {
      changes.deleted.forEach(parameter -> entries.remove(parameter.name()));
      for (Parameter parameter : changes.set()) {
        ParameterDescriptor descriptor =
            Objects.requireNonNull(changes.descriptors.get(parameter.name()))
                .withType(parameter.type().code());
        entries.put(parameter.name(), new Entry(descriptor, parameter.value()));
      }
    }
    if (!changes.isEmpty()) {
      events.accept(changes.event(node));
    }
  }

  /**
   * Tells the listeners, outside of the lock: a listener may wait for others that read or set
   * parameters.
   */
  private void tell(ParameterChanges changes) {
    List<Parameter> set = changes.set();
    if (!set.isEmpty()) {
      listeners.forEach(listener -> listener.accept(set));
    }
  }

  private void lock() {
    if (changing.isHeldByCurrentThread()) {
      throw new IllegalStateException(
          "a validator must not change the parameters of " + node + " that it is asked about");
    }
    changing.lock();
  }

  private @Nullable Entry entryOrNull(String name) {
    synchronized (entries) {
      return entries.get(name);
    }
  }

  private Entry entry(String name) {
    Entry entry = entryOrNull(name);
    if (entry == null) {
      throw new RclException(notDeclared(name));
    }
    return entry;
  }

  private String notDeclared(String name) {
    List<String> declared = all().stream().map(Parameter::name).toList();
    return "parameter '%s' of %s is not declared; declare it, or use one of %s"
        .formatted(name, node, declared);
  }
}
