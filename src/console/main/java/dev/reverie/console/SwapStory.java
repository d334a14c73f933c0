package dev.reverie.console;

import dev.reverie.console.Snapshot.Swap;
import dev.reverie.console.Snapshot.SwapStep;
import dev.reverie.msgs.Stamps;
import dev.reverie.msgs.reverie.PolicyEvent;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * The swap or rollback that is under way, or was the last, as the node tells of it step by step;
 * and the folders of the policies that it told of. Thread-safe.
 */
final class SwapStory {
  private static final Words STATES = new Words(PolicyEvent.class, "");
  private static final Set<Byte> LAST =
      Set.of(PolicyEvent.LIVE, PolicyEvent.REFUSED, PolicyEvent.CANCELLED, PolicyEvent.ROLLED_BACK);

  private final Map<String, String> folders = new LinkedHashMap<>(); // by the policy's id
  private List<SwapStep> steps = new ArrayList<>();
  private String bundle = "";
  private String policyId = "";
  private String liveId = "";
  private String asked = "";
  private String asks = "";
  private boolean ended = true;

  /** The word of a state, such as STAGED. */
  static String word(byte state) {
    return STATES.of(state);
  }

  /** A person asks for a swap, a rollback or its end; the node may tell of it, or refuse. */
  synchronized void asked(String person) {
    asks = person;
    if (!ended && asked.isEmpty()) {
      asked = person;
    }
  }

  /** Takes what the node tells. */
  synchronized void took(PolicyEvent told) {
    if (ended || !told.bundle().equals(bundle)) {
      steps = new ArrayList<>();
      bundle = told.bundle();
      policyId = "";
      asked = asks;
    }
    ended = LAST.contains(told.state());
    if (ended) {
      asks = "";
    }
    if (!told.policyId().isEmpty()) {
      policyId = told.policyId();
      if (!told.bundle().isEmpty()) {
        folders.put(policyId, told.bundle());
      }
    }
    liveId = told.livePolicyId();
    steps.add(
        new SwapStep(
            word(told.state()), Stamps.nanos(told.header().stamp()) / 1_000_000, told.reason()));
  }

  /** The node was started anew: what was live is not, and what was under way has ended. */
  synchronized void forgetLive() {
    liveId = "";
    if (!ended) {
      ended = true;
      steps = new ArrayList<>();
    }
  }

  /** Returns what a page shows of it; null where the node told of none. */
  synchronized @Nullable Swap state() {
    return steps.isEmpty() ? null : new Swap(bundle, policyId, asked, ended, List.copyOf(steps));
  }

  /** The folders of the policies that the node told of. */
  synchronized List<String> folders() {
    return List.copyOf(folders.values());
  }

  /**
   * The folder of the policy that is live after what was told last; empty where it is not known.
   */
  synchronized String liveFolder() {
    return folders.getOrDefault(liveId, "");
  }
}
