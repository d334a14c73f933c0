package dev.reverie.policy;

import java.util.ArrayList;
import java.util.List;
import java.util.Set;

/** Bindings of the inputs of a graph of format 1, which their names tell. */
final class Bindings {
  private Bindings() {}

  /**
   * The inputs of a bundle's graph.
   *
   * @param declared names of those that it has; of format 1 it may leave out instruction and joints
   */
  static List<InputSpec> of(BundleSpec spec, Set<String> declared) {
    if (spec.format() > 1) {
      return spec.graph().inputs();
    }
    List<InputSpec> inputs = new ArrayList<>();
    for (BundleSpec.Camera camera : spec.cameras()) {
      inputs.add(InputSpec.Camera.raw("image." + camera.name(), camera.name()));
    }
    if (declared.contains(PolicyBundle.INSTRUCTION)) {
      inputs.add(new InputSpec.LanguageIds(PolicyBundle.INSTRUCTION, DType.I64));
    }
    if (declared.contains(PolicyBundle.JOINTS)) {
      inputs.add(
          new InputSpec.Joints(
              PolicyBundle.JOINTS, DType.F32, 0, Normalisation.NONE, InputSpec.History.PRESENT));
    }
    if (spec.head() instanceof DenoisingSpec) {
      inputs.add(new InputSpec.Chunk(DenoisingSpec.CHUNK, DType.F32));
      inputs.add(new InputSpec.Time(DenoisingSpec.TIME, DType.F32));
    }
    return inputs;
  }
}
