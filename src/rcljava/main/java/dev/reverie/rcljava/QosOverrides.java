package dev.reverie.rcljava;

import java.util.Locale;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import java.util.function.Function;

/**
 * Lets parameters change the quality of service of a publisher or a subscription when it is made,
 * as in rclcpp: {@code qos_overrides.TOPIC.publisher.depth}, with the full, remapped name of the
 * topic. The parameters are read-only.
 *
 * @param policies that may be changed
 * @param id tells endpoints of one node and topic apart, as in {@code publisher_ID}; may be empty
 * @param validation says why a quality of service must not be; empty where it may
 */
public record QosOverrides(
    Set<QosPolicy> policies, String id, Function<Qos, Optional<String>> validation) {
  /** History, depth and reliability, which fit nearly every topic. */
  public static final QosOverrides DEFAULT =
      of(QosPolicy.HISTORY, QosPolicy.DEPTH, QosPolicy.RELIABILITY);

  /** Copies the policies. */
  public QosOverrides {
    policies = Set.copyOf(policies);
  }

  /** Allows these policies to be set by parameters. */
  public static QosOverrides of(QosPolicy... policies) {
    return new QosOverrides(Set.of(policies), "", qos -> Optional.empty());
  }

  /**
   * Returns the same with an id, which tells endpoints of one topic apart in the names of the
   * parameters.
   */
  public QosOverrides withId(String value) {
    return new QosOverrides(policies, value, validation);
  }

  /** Returns the same with a look at the outcome: a text is the reason why it is refused. */
  public QosOverrides validatedBy(Function<Qos, Optional<String>> value) {
    return new QosOverrides(policies, id, value);
  }

  /**
   * Declares the parameters of a publisher that is to be made.
   *
   * @param qos the one where they have no value
   * @throws RclException when a value means nothing, or the validation refuses
   */
  public Qos ofPublisher(Node node, String topic, Qos qos) {
    return apply(node, "publisher", node.resolveTopic(topic), qos, policies);
  }

  /**
   * Declares the parameters of a subscription, as {@link #ofPublisher}, without a lifespan, which
   * subscriptions do not have.
   */
  public Qos ofSubscription(Node node, String topic, Qos qos) {
    var own = new TreeSet<>(policies);
    own.remove(QosPolicy.LIFESPAN);
    return apply(node, "subscription", node.resolveTopic(topic), qos, own);
  }

  private Qos apply(
      Node node, String kind, String topic, Qos byDefault, Set<QosPolicy> changeable) {
    String prefix = "qos_overrides.%s.%s%s.".formatted(topic, kind, id.isEmpty() ? "" : "_" + id);
    Qos qos = byDefault;
    for (QosPolicy policy : new TreeSet<>(changeable)) {
      String name = prefix + policy.parameter();
      Object value = value(node, name, policy, kind + " of " + topic, qos);
      try {
        qos = policy.with(qos, value);
      } catch (IllegalArgumentException | ArithmeticException e) {
        throw new RclException(
            "parameter '%s' of %s is %s; %s"
                .formatted(name, node.fullName(), Parameter.show(value), e.getMessage()),
            e);
      }
    }
    Qos chosen = qos;
    validation
        .apply(qos)
        .ifPresent(
            reason -> {
              throw new RclException(
                  "%s refused for the %s of %s: %s; change the parameters %s*"
                      .formatted(chosen, kind, topic, reason, prefix));
            });
    return qos;
  }

  private static Object value(
      Node node, String name, QosPolicy policy, String endpoint, Qos byDefault) {
    Parameters parameters = node.parameters();
    Optional<Parameter> declared = parameters.find(name);
    if (declared.isPresent()) {
      return declared.get().value();
    }
    String description =
        "%s of the %s"
            .formatted(policy.name().toLowerCase(Locale.ROOT).replace('_', ' '), endpoint);
    return switch (policy.of(byDefault)) {
      case Long nanosOrDepth ->
          parameters.declare(
              ParameterDeclaration.of(name, nanosOrDepth).describedAs(description).readOnly());
      case Object word ->
          parameters.declare(
              ParameterDeclaration.of(name, word.toString()).describedAs(description).readOnly());
    };
  }
}
