package dev.reverie.robot;

import dev.reverie.msgs.Stamps;
import dev.reverie.msgs.reverie.LabelEpisode;
import dev.reverie.msgs.reverie.SwapPolicy;
import dev.reverie.msgs.std_srvs.Trigger;
import dev.reverie.rcljava.Node;
import dev.reverie.robot.control.Episodes;
import dev.reverie.robot.setup.SwapParameters;
import dev.reverie.robot.swap.PolicySwap;
import dev.reverie.robot.swap.ReplayAsked;
import java.util.Optional;
import java.util.function.Supplier;

/** Offers the node's services. */
final class Services {
  private Services() {}

  /**
   * Offers the services of the node.
   *
   * @param swaps limits of a swap whose request says none
   * @param stop runs when a person stops the arm
   * @param goLive leaves the shadow; gives why not, empty where it is left
   */
  static void offer(
      Node node,
      Episodes episodes,
      PolicySwap policies,
      SwapParameters swaps,
      Runnable stop,
      Supplier<Optional<String>> goLive) {
    node.createService(
        SwapPolicy.TYPE,
        "~/swap_policy",
        (request, responder) ->
            policies.swap(
                asked(request, swaps),
                result ->
                    responder.respond(
                        new SwapPolicy.Response(
                            result.success(),
                            result.message(),
                            result.policyId(),
                            result.previousId(),
                            result.replayed()))));
    node.createService(
        Trigger.TYPE,
        "~/cancel_swap",
        request -> {
          boolean was = policies.cancel("~/cancel_swap was called");
          return new Trigger.Response(
              was, was ? "the policy that was live stays" : "no swap is under way");
        });
    node.createService(
        Trigger.TYPE,
        "~/rollback_policy",
        (request, responder) ->
            policies.rollback(
                "~/rollback_policy was called",
                result ->
                    responder.respond(
                        new Trigger.Response(
                            result.success(),
                            result.success()
                                ? "policy %s is live again".formatted(result.policyId())
                                : result.message()))));
    node.createService(
        LabelEpisode.TYPE,
        "~/label_episode",
        (request, responder) ->
            episodes.label(
                request.episodeId(),
                request.outcome(),
                answer ->
                    responder.respond(
                        new LabelEpisode.Response(
                            answer.success(), answer.message(), answer.episodeId()))));
    node.createService(
        Trigger.TYPE,
        "~/stop",
        request -> {
          stop.run();
          return new Trigger.Response(true, "the arm holds still until ~/reset_stop is called");
        });
    node.createService(
        Trigger.TYPE,
        "~/reset_stop",
        request -> {
          episodes.admission().resetStop();
          return new Trigger.Response(true, "");
        });
    node.createService(
        Trigger.TYPE,
        "~/go_live",
        request -> {
          Optional<String> refusal = goLive.get();
          return new Trigger.Response(
              refusal.isEmpty(),
              refusal.orElse("the policy moves the arm from the next episode on"));
        });
  }

  private static PolicySwap.Request asked(SwapPolicy.Request request, SwapParameters swaps) {
    double limited = request.replayMaxLimited();
    double difference = request.replayMaxDifference();
    return new PolicySwap.Request(
        request.bundle(),
        request.mayDiffer(),
        Stamps.nanos(request.timeout()),
        new ReplayAsked(
            request.replay(),
            request.replayLast(),
            limited == 0 ? swaps.replayMaxLimited() : limited,
            difference == 0 ? swaps.replayMaxDifference() : difference));
  }
}
