package dev.reverie.rcljava.lifecycle;

import static dev.reverie.rcljava.lifecycle.LifecycleState.ACTIVATING;
import static dev.reverie.rcljava.lifecycle.LifecycleState.ACTIVE;
import static dev.reverie.rcljava.lifecycle.LifecycleState.CLEANINGUP;
import static dev.reverie.rcljava.lifecycle.LifecycleState.CONFIGURING;
import static dev.reverie.rcljava.lifecycle.LifecycleState.DEACTIVATING;
import static dev.reverie.rcljava.lifecycle.LifecycleState.ERRORPROCESSING;
import static dev.reverie.rcljava.lifecycle.LifecycleState.FINALIZED;
import static dev.reverie.rcljava.lifecycle.LifecycleState.INACTIVE;
import static dev.reverie.rcljava.lifecycle.LifecycleState.SHUTTINGDOWN;
import static dev.reverie.rcljava.lifecycle.LifecycleState.UNCONFIGURED;

import dev.reverie.msgs.lifecycle_msgs.Transition;
import dev.reverie.msgs.lifecycle_msgs.TransitionDescription;
import java.util.List;
import java.util.Locale;
import java.util.Optional;

/**
 * Represents one arrow of the state machine of managed nodes (design.ros2.org, Managed nodes),
 * numbered and named as in rcl_lifecycle.
 */
record LifecycleStep(int id, String label, LifecycleState from, LifecycleState to) {
  static final List<LifecycleStep> ALL =
      List.of(
          new LifecycleStep(1, "configure", UNCONFIGURED, CONFIGURING),
          result(10, TransitionResult.SUCCESS, CONFIGURING, INACTIVE),
          result(11, TransitionResult.FAILURE, CONFIGURING, UNCONFIGURED),
          result(12, TransitionResult.ERROR, CONFIGURING, ERRORPROCESSING),
          new LifecycleStep(2, "cleanup", INACTIVE, CLEANINGUP),
          result(20, TransitionResult.SUCCESS, CLEANINGUP, UNCONFIGURED),
          result(21, TransitionResult.FAILURE, CLEANINGUP, INACTIVE),
          result(22, TransitionResult.ERROR, CLEANINGUP, ERRORPROCESSING),
          new LifecycleStep(3, "activate", INACTIVE, ACTIVATING),
          result(30, TransitionResult.SUCCESS, ACTIVATING, ACTIVE),
          result(31, TransitionResult.FAILURE, ACTIVATING, INACTIVE),
          result(32, TransitionResult.ERROR, ACTIVATING, ERRORPROCESSING),
          new LifecycleStep(4, "deactivate", ACTIVE, DEACTIVATING),
          result(40, TransitionResult.SUCCESS, DEACTIVATING, INACTIVE),
          result(41, TransitionResult.FAILURE, DEACTIVATING, ACTIVE),
          result(42, TransitionResult.ERROR, DEACTIVATING, ERRORPROCESSING),
          new LifecycleStep(5, "shutdown", UNCONFIGURED, SHUTTINGDOWN),
          new LifecycleStep(6, "shutdown", INACTIVE, SHUTTINGDOWN),
          new LifecycleStep(7, "shutdown", ACTIVE, SHUTTINGDOWN),
          result(50, TransitionResult.SUCCESS, SHUTTINGDOWN, FINALIZED),
          result(51, TransitionResult.FAILURE, SHUTTINGDOWN, FINALIZED),
          result(52, TransitionResult.ERROR, SHUTTINGDOWN, ERRORPROCESSING),
          result(60, TransitionResult.SUCCESS, ERRORPROCESSING, UNCONFIGURED),
          result(61, TransitionResult.FAILURE, ERRORPROCESSING, FINALIZED),
          result(62, TransitionResult.ERROR, ERRORPROCESSING, FINALIZED));

  private static LifecycleStep result(
      int id, TransitionResult result, LifecycleState from, LifecycleState to) {
    return new LifecycleStep(id, label(result), from, to);
  }

  private static String label(TransitionResult result) {
    return "transition_" + result.name().toLowerCase(Locale.ROOT);
  }

  /** Returns the steps out of a state. */
  static List<LifecycleStep> from(LifecycleState state) {
    return ALL.stream().filter(step -> step.from == state).toList();
  }

  static Optional<LifecycleStep> named(String label, LifecycleState from) {
    return from(from).stream().filter(step -> step.label.equals(label)).findFirst();
  }

  static Optional<LifecycleStep> numbered(int id, LifecycleState from) {
    return from(from).stream().filter(step -> step.id == id).findFirst();
  }

  /** Returns the step that ends a transition. */
  static LifecycleStep ending(LifecycleState transition, TransitionResult result) {
    return named(label(result), transition).orElseThrow();
  }

  Transition transition() {
    return new Transition((byte) id, label);
  }

  TransitionDescription description() {
    return new TransitionDescription(transition(), from.message(), to.message());
  }
}
