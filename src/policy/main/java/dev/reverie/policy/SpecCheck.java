package dev.reverie.policy;

import dev.reverie.policy.BundleSpec.Camera;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

/** Checks that the parts of a spec of format 2 agree. */
final class SpecCheck {
  private SpecCheck() {}

  static void check(
      List<Camera> cameras,
      ActionSpace actionSpace,
      BundleSpec.Chunk chunk,
      GraphSpec graph,
      HeadSpec head,
      Language language,
      BundleSpec.Execution execution) {
    int dimensions = actionSpace.dimensions();
    checkCameras(cameras, graph.inputs());
    checkOutputs(head, graph, dimensions);
    checkHeadInputs(head, graph.inputs());
    checkLanguage(language, graph.inputs());
    if (!head.carried().isEmpty() && !graph.files().containsKey(GraphSpec.STEP)) {
      throw new IllegalArgumentException(
          "head.cache, and graph.files has %s; what is kept passes from %s to %s: give two files"
              .formatted(graph.files().keySet(), GraphSpec.ENCODE, GraphSpec.STEP));
    }
    if (graph.actions().padTo() != 0 && graph.actions().padTo() < dimensions) {
      throw new IllegalArgumentException(
          "graph.actions.pad_to %d, an action has %d values; give as many or more, or 0"
              .formatted(graph.actions().padTo(), dimensions));
    }
    if (execution.actions() > chunk.horizon()) {
      throw new IllegalArgumentException(
          "execution of %d actions, a chunk has %d; give as many or fewer"
              .formatted(execution.actions(), chunk.horizon()));
    }
  }

  private static void checkCameras(List<Camera> cameras, List<InputSpec> inputs) {
    Set<String> unseen = new HashSet<>(cameras.stream().map(Camera::name).toList());
    Set<String> names = Set.copyOf(unseen);
    for (InputSpec input : inputs) {
      if (input instanceof InputSpec.Camera seeing) {
        for (String camera : seeing.cameras()) {
          if (!names.contains(camera)) {
            throw new IllegalArgumentException(
                "input '%s' sees camera '%s'; the bundle's cameras are %s"
                    .formatted(input.name(), camera, names));
          }
        }
        unseen.removeAll(seeing.cameras());
        Set<List<Integer>> sizes = new HashSet<>();
        cameras.stream()
            .filter(camera -> seeing.cameras().contains(camera.name()))
            .forEach(camera -> sizes.add(List.of(camera.width(), camera.height())));
        if (sizes.size() > 1) {
          throw new IllegalArgumentException(
              "input '%s' stacks pictures of the sizes %s; give its cameras one size"
                  .formatted(input.name(), sizes));
        }
      }
    }
    if (!unseen.isEmpty()) {
      throw new IllegalArgumentException(
          "no input sees the cameras %s; leave them out, or bind an input to them"
              .formatted(unseen));
    }
  }

  private static void checkOutputs(HeadSpec head, GraphSpec graph, int dimensions) {
    Set<String> wanted = head.outputs(1, dimensions).keySet();
    if (!graph.outputs().keySet().equals(wanted)) {
      throw new IllegalArgumentException(
          "graph.outputs names %s, the head %s gives %s; name the graph's output for each"
              .formatted(graph.outputs(), head.word(), wanted.stream().sorted().toList()));
    }
  }

  private static void checkHeadInputs(HeadSpec head, List<InputSpec> inputs) {
    Map<Class<? extends InputSpec>, String> words =
        Map.of(
            InputSpec.Chunk.class, "chunk",
            InputSpec.Time.class, "time",
            InputSpec.ActionTokens.class, "action_tokens");
    Set<Class<? extends InputSpec>> needed =
        switch (head) {
          case DenoisingSpec _ -> Set.of(InputSpec.Chunk.class, InputSpec.Time.class);
          case HeadSpec.Autoregressive _ -> Set.of(InputSpec.ActionTokens.class);
          default -> Set.of();
        };
    words.forEach(
        (source, word) -> {
          long count = inputs.stream().filter(source::isInstance).count();
          long wanted = needed.contains(source) ? 1 : 0;
          if (count != wanted) {
            throw new IllegalArgumentException(
                "%d inputs have the source %s; the head %s takes %d"
                    .formatted(count, word, head.word(), wanted));
          }
        });
  }

  private static void checkLanguage(Language language, List<InputSpec> inputs) {
    boolean takes =
        inputs.stream()
            .anyMatch(
                i -> i instanceof InputSpec.LanguageIds || i instanceof InputSpec.LanguageMask);
    if (takes && language.length() == 0) {
      throw new IllegalArgumentException(
          "an input takes the instruction's tokens, and language is none; give words or tokenizer");
    }
    if (!takes && language.length() > 0) {
      throw new IllegalArgumentException(
          "language is given, and no input has the source language_ids; bind one, or say none");
    }
  }
}
