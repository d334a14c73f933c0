package dev.reverie.trainer.nn;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.SequencedMap;
import org.bytedeco.javacpp.PointerScope;
import org.bytedeco.pytorch.Tensor;

/**
 * The point where a stopped stage goes on: weights, the optimizer's moments, the random state and
 * the step.
 *
 * @param file of the checkpoint
 * @param about what makes the run what it is; another run's checkpoint is refused
 */
record ResumePoint(Path file, String about) {
  /** Saves; of several ranks all take part, and the first writes. */
  void save(int step, Parameters parameters, AdamW optimizer) {
    try (var _ = new PointerScope()) {
      SequencedMap<String, Tensor> tensors = new LinkedHashMap<>();
      tensors.put("step", Torch.of(new long[] {step}, 1));
      tensors.put("random_state", Torch.randomState());
      parameters.all().forEach((name, tensor) -> tensors.put("network." + name, tensor));
      optimizer.state().forEach((name, tensor) -> tensors.put("optimizer." + name, tensor));
      if (Ranks.world().first()) {
        Checkpoint.write(file, tensors, about);
      }
    }
  }

  /** Brings everything to where it was saved; the step to go on with, 0 where nothing was. */
  int restore(Parameters parameters, AdamW optimizer) {
    if (!Files.exists(file)) {
      return 0;
    }
    try (var _ = new PointerScope()) {
      Checkpoint.requireAbout(file, about);
      Map<String, Tensor> tensors = Checkpoint.read(file);
      parameters.load(Checkpoint.under("network.", tensors));
      optimizer.load(Checkpoint.under("optimizer.", tensors));
      Torch.restoreRandomState(Torch.required(tensors, "random_state"));
      return (int) Torch.required(tensors, "step").item_long();
    }
  }

  void delete() {
    try {
      Files.deleteIfExists(file);
    } catch (IOException e) {
      throw new UncheckedIOException("cannot delete " + file, e);
    }
  }
}
