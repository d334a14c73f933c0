package dev.reverie.robot.swap;

import dev.reverie.policy.BundleException;
import dev.reverie.policy.BundleSignature;
import dev.reverie.policy.PolicyBundle;
import dev.reverie.policy.SigningKeys;
import dev.reverie.policy.TrialJava;
import dev.reverie.robot.sense.TrainedCalibrations;
import dev.reverie.robot.setup.RobotParameters;
import dev.reverie.robot.setup.SameArm;
import dev.reverie.robot.swap.PolicyStore.Remembered;
import dev.reverie.rollout.CameraCalibration;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Consumer;

/**
 * Brings into memory what a node begins with: what was live when it ended, and the policies before
 * that, where it remembers them; else the bundle of its parameter. For the loader's thread.
 *
 * @param lenses calibrations of the cameras whose pictures are rectified, by name
 * @param warn takes why something that is remembered is not there any more
 */
public record FirstPolicies(
    RobotParameters parameters,
    Map<String, CameraCalibration> lenses,
    Optional<PolicyStore> store,
    Consumer<String> warn) {
  /**
   * Loads them.
   *
   * @param bundle of the parameter; empty: the node begins without a policy
   * @throws BundleException where that one cannot be used
   */
  public KeptPolicy.All load(Optional<PolicyBundle> bundle) {
    Optional<PolicyStore.State> state = store.flatMap(PolicyStore::read);
    Optional<KeptPolicy> live = state.flatMap(known -> remembered(known.live()));
    List<KeptPolicy> earlier = new ArrayList<>();
    boolean watched = live.isPresent() && state.get().watched();
    try {
      if (live.isEmpty()) {
        live = bundle.map(first -> new KeptPolicy(open(first, folder()), folder()));
      } else {
        state.get().earlier().stream()
            .limit(parameters.swap().history())
            .forEach(known -> remembered(known).ifPresent(earlier::add));
      }
      return new KeptPolicy.All(live, earlier, watched);
    } catch (RuntimeException | Error e) {
      new KeptPolicy.All(live, earlier, watched).close();
      throw e;
    }
  }

  private Path folder() {
    return Path.of(parameters.bundle());
  }

  private Optional<KeptPolicy> remembered(Remembered known) {
    try {
      Path folder = Path.of(known.folder());
      PolicyBundle bundle = PolicyBundle.load(folder);
      if (!bundle.id().equals(known.id())) {
        throw new BundleException(
            "bundle %s is %s now, and was %s".formatted(folder, bundle.id(), known.id()));
      }
      SameArm.requireSwappable(parameters.task(), bundle.spec());
      return Optional.of(new KeptPolicy(open(bundle, folder), folder));
    } catch (RuntimeException e) {
      warn.accept(
          "policy %s, which is remembered, is left out: %s"
              .formatted(known.id(), TrialJava.reason(e)));
      return Optional.empty();
    }
  }

  private LivePolicy open(PolicyBundle bundle, Path folder) {
    String keys = parameters.swap().keys();
    if (!keys.isEmpty()) {
      BundleSignature.require(folder, bundle.id(), SigningKeys.publicKeys(Path.of(keys)));
    }
    TrainedCalibrations.require(bundle, lenses);
    LivePolicy policy = PolicyRuntime.of(parameters).open(bundle, lenses);
    try {
      policy.requireActs(List.of(), lenses);
      return policy.seeing(parameters.task().cameraNames());
    } catch (RuntimeException | Error e) {
      policy.close();
      throw e;
    }
  }
}
