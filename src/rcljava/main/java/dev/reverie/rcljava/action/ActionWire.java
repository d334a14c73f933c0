package dev.reverie.rcljava.action;

import dev.reverie.msgs.ActionType;
import dev.reverie.msgs.CdrReader;
import dev.reverie.msgs.CdrWriter;
import dev.reverie.msgs.MessageType;
import dev.reverie.msgs.ServiceType;
import dev.reverie.msgs.action_msgs.CancelGoal;
import dev.reverie.msgs.action_msgs.GoalInfo;
import dev.reverie.msgs.action_msgs.GoalStatusArray;
import dev.reverie.msgs.builtin_interfaces.Time;
import dev.reverie.rcljava.Qos;
import java.nio.ByteBuffer;
import java.util.UUID;
import java.util.function.BiConsumer;
import java.util.function.Function;

/**
 * Describes the three services and two topics that an action is made of, under {@code NAME/_action}
 * (design.ros2.org, Actions).
 */
record ActionWire<G, R, F>(
    ServiceType<SendGoal<G>, Accepted> sendGoal,
    ServiceType<UUID, Ended<R>> getResult,
    MessageType<Feedback<F>> feedback,
    String prefix) {
  static final ServiceType<CancelGoal.Request, CancelGoal.Response> CANCEL_GOAL = CancelGoal.TYPE;
  static final MessageType<GoalStatusArray> STATUS = GoalStatusArray.TYPE;
  static final Qos STATUS_QOS = Qos.transientLocal(1);

  record SendGoal<G>(UUID id, G goal) {}

  record Accepted(boolean accepted, Time stamp) {}

  record Ended<R>(GoalStatus status, R result) {}

  record Feedback<F>(UUID id, F feedback) {}

  /**
   * Returns the parts of an action.
   *
   * @param action full name
   */
  static <G, R, F> ActionWire<G, R, F> of(ActionType<G, R, F> type, String action) {
    String name = type.name();
    return new ActionWire<>(
        new ServiceType<>(
            name + "_SendGoal",
            new Composed<>(
                name + "_SendGoal_Request",
                in -> new SendGoal<>(readId(in), type.goal().read(in)),
                (m, out) -> {
                  writeId(m.id(), out);
                  type.goal().write(m.goal(), out);
                }),
            new Composed<>(
                name + "_SendGoal_Response",
                in -> new Accepted(in.readBoolean(), Time.TYPE.read(in)),
                (m, out) -> {
                  out.writeBoolean(m.accepted());
                  Time.TYPE.write(m.stamp(), out);
                })),
        new ServiceType<>(
            name + "_GetResult",
            new Composed<>(name + "_GetResult_Request", ActionWire::readId, ActionWire::writeId),
            new Composed<>(
                name + "_GetResult_Response",
                in -> new Ended<>(GoalStatus.of(in.readByte()), type.result().read(in)),
                (m, out) -> {
                  out.writeByte(m.status().code());
                  type.result().write(m.result(), out);
                })),
        new Composed<>(
            name + "_FeedbackMessage",
            in -> new Feedback<>(readId(in), type.feedback().read(in)),
            (m, out) -> {
              writeId(m.id(), out);
              type.feedback().write(m.feedback(), out);
            }),
        action + "/_action/");
  }

  String sendGoalName() {
    return prefix + "send_goal";
  }

  String cancelGoalName() {
    return prefix + "cancel_goal";
  }

  String getResultName() {
    return prefix + "get_result";
  }

  String feedbackName() {
    return prefix + "feedback";
  }

  String statusName() {
    return prefix + "status";
  }

  static GoalInfo info(UUID id, Time stamp) {
    byte[] bytes =
        ByteBuffer.allocate(16)
            .putLong(id.getMostSignificantBits())
            .putLong(id.getLeastSignificantBits())
            .array();
    return new GoalInfo(new dev.reverie.msgs.unique_identifier_msgs.UUID(bytes), stamp);
  }

  static UUID id(GoalInfo info) {
    return id(info.goalId().uuid());
  }

  private static UUID id(byte[] bytes) {
    ByteBuffer buffer = ByteBuffer.wrap(bytes);
    return new UUID(buffer.getLong(), buffer.getLong());
  }

  private static UUID readId(CdrReader in) {
    return id(in.readBytes(16));
  }

  private static void writeId(UUID id, CdrWriter out) {
    out.writeBytes(info(id, new Time()).goalId().uuid());
  }

  /** Describes a message that only the protocol of actions knows. */
  private record Composed<T>(
      String name, Function<CdrReader, T> reader, BiConsumer<T, CdrWriter> writer)
      implements MessageType<T> {
    @Override
    public String definition() {
      return "";
    }

    @Override
    public T read(CdrReader in) {
      return reader.apply(in);
    }

    @Override
    public void write(T message, CdrWriter out) {
      writer.accept(message, out);
    }
  }
}
