package dev.reverie.robot;

import dev.reverie.policy.BundleSpec;
import dev.reverie.policy.Observation;
import dev.reverie.policy.OnnxOptions;
import dev.reverie.policy.OnnxPolicy;
import dev.reverie.policy.PolicyBundle;
import dev.reverie.policy.Tokenizer;
import dev.reverie.rollout.CameraImage;
import java.util.HashMap;
import java.util.Map;

/** A checked policy bundle with its warmed-up session. */
record LivePolicy(BundleSpec spec, OnnxPolicy session, Tokenizer tokenizer)
    implements AutoCloseable {

  static LivePolicy open(PolicyBundle bundle, int threads) {
    return new LivePolicy(
        bundle.spec(),
        OnnxPolicy.open(bundle, OnnxOptions.cpu(threads)),
        new Tokenizer(bundle.spec().vocabulary()));
  }

  String id() {
    return session.id();
  }

  /** Decodes what the policy sees. */
  Observation observe(Sensed sensed, String instruction) {
    Map<String, CameraImage> images = new HashMap<>();
    for (int i = 0; i < sensed.frames().size(); i++) {
      images.put(spec.cameras().get(i).name(), sensed.frames().get(i).picture().get());
    }
    return new Observation(images, sensed.joints().positions(), instruction);
  }

  @Override
  public void close() {
    session.close();
  }
}
