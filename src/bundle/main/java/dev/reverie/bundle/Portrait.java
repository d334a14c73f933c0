package dev.reverie.bundle;

import dev.reverie.policy.ActionSpace;
import dev.reverie.policy.BundleJson;
import dev.reverie.policy.BundleSignature;
import dev.reverie.policy.BundleSpec;
import dev.reverie.policy.EnumWords;
import dev.reverie.policy.InputSpec;
import dev.reverie.policy.Language;
import dev.reverie.policy.Normalisation;
import dev.reverie.policy.PolicyBundle;
import dev.reverie.policy.onnx.NodeProto;
import dev.reverie.policy.onnx.OperatorSetIdProto;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Collectors;

/** A bundle as a page of text. */
final class Portrait {
  private static final int COLUMN = 12;

  private final List<String> lines = new ArrayList<>();

  private Portrait() {}

  /** Describes a bundle, in lines. */
  static List<String> of(Path folder, PolicyBundle bundle) {
    Portrait page = new Portrait();
    page.whole(folder, bundle);
    return List.copyOf(page.lines);
  }

  private void whole(Path folder, PolicyBundle bundle) {
    BundleSpec spec = bundle.spec();
    line("policy", bundle.id());
    line("format", "%d, %s".formatted(spec.format(), spec.graph().files()));
    GraphPorts ports = GraphPorts.of(Map.of("act", bundle.graph()));
    line(
        "batch",
        bundle.isOneByOne() ? "1: one observation after the other" : "any number of observations");
    for (InputSpec input : bundle.inputs()) {
      line(
          "input",
          "%s %s: %s".formatted(input.name(), ports.inputs().get(input.name()), told(spec, input)));
    }
    ports.outputs().forEach((name, port) -> line("output", name + " " + port));
    line("head", "%s %s".formatted(spec.head().word(), rest(spec.head())));
    line(
        "chunk",
        "%d actions, one every %s s; %s"
            .formatted(
                spec.chunk().horizon(),
                spec.chunk().periodS(),
                spec.execution().actions() == 0
                    ? "all are carried out"
                    : spec.execution().actions() + " are carried out"));
    line("joints", String.join(", ", spec.jointNames()));
    for (ActionSpace part : parts(spec.actionSpace())) {
      line("action", BundleJson.line(part));
    }
    line(
        "actions",
        "of the graph: skip %d, pad_to %d, %s"
            .formatted(
                spec.graph().actions().skip(),
                spec.graph().actions().padTo(),
                told(spec.graph().actions().normalise())));
    line("language", told(spec.language()));
    Weighed weighed = Weighed.of(bundle);
    line(
        "trained",
        weighed.trained().tensors() == 0 ? "nothing: it only acts" : weighed.trained().toString());
    line("frozen", weighed.frozen().toString());
    line("normalising", weighed.normalising().toString());
    line("parameters", Weighed.cut(BundleJson.line(spec.parameters())));
    line("operators", operators(bundle));
    line("limits", told(spec.limits()));
    line(
        "probe",
        spec.files().containsKey("probe.safetensors")
            ? "there, tolerance " + spec.probe().tolerance()
            : "none");
    int signatures = BundleSignature.count(folder);
    line("signature", signatures == 0 ? "nobody has signed it" : "by " + signatures);
    lineage(spec.lineage());
    spec.files().forEach((name, hash) -> line("file", name + " " + hash));
  }

  private void lineage(BundleSpec.Lineage lineage) {
    line("parent", lineage.parent().isEmpty() ? "none" : lineage.parent());
    line("rollouts", lineage.rollouts().size() + " bags");
    line(
        "settings",
        lineage.settings().isEmpty()
            ? "none"
            : lineage.settings().size() + ", ./reverie policy history lists them");
    BundleSpec.Measured measured = lineage.measured();
    line(
        "measured",
        measured.episodes() == 0
            ? "nothing, when it was written"
            : "%d of %d real episodes%s"
                .formatted(
                    measured.successes(),
                    measured.episodes(),
                    lineage.parent().isEmpty() ? "" : " of its parent"));
  }

  private void line(String word, String text) {
    lines.add(word + " ".repeat(Math.max(1, COLUMN - word.length())) + text);
  }

  private static String told(BundleSpec spec, InputSpec input) {
    return switch (input) {
      case InputSpec.Camera camera ->
          "pictures of %s, %s, %s%s, %s"
              .formatted(
                  spec.cameras().stream()
                      .filter(each -> camera.cameras().contains(each.name()))
                      .map(Portrait::told)
                      .collect(Collectors.joining(" and ")),
                  EnumWords.of(camera.layout()),
                  "black and white " + EnumWords.of(camera.range()).replace('_', ' '),
                  history(camera.history()),
                  told(camera.normalise()));
      case InputSpec.Joints joints ->
          "joints as measured%s%s, %s"
              .formatted(
                  joints.padTo() == 0 ? "" : ", zeros up to " + joints.padTo(),
                  history(joints.history()),
                  told(joints.normalise()));
      case InputSpec.LanguageIds _ -> "tokens of the instruction";
      case InputSpec.LanguageMask _ -> "which tokens are no padding";
      case InputSpec.Noise _ -> "noise, drawn for each chunk";
      case InputSpec.Chunk _ -> "the chunk before a step";
      case InputSpec.Time _ -> "time of the step";
      case InputSpec.ActionTokens _ -> "tokens drawn so far";
      case InputSpec.ActionPrefix _ -> "actions carried out meanwhile";
      case InputSpec.ActionPrefixLength _ -> "how many they are";
    };
  }

  private static String told(BundleSpec.Camera camera) {
    return "'%s' at %dx%d%s%s"
        .formatted(
            camera.name(),
            camera.width(),
            camera.height(),
            camera.rectify() ? ", rectified" : "",
            camera.crop().equals(BundleSpec.Crop.NONE) ? "" : ", cropped");
  }

  private static String history(InputSpec.History history) {
    return history.observations() == 0
        ? ""
        : ", the last %d observations, %d periods apart"
            .formatted(history.observations(), history.stride());
  }

  private static String told(Normalisation normalise) {
    return normalise.tensors().isEmpty()
        ? "normalise " + EnumWords.of(normalise.kind())
        : "normalised by %s of %s"
            .formatted(EnumWords.of(normalise.kind()), String.join(", ", normalise.tensors()));
  }

  private static String told(Language language) {
    return switch (language) {
      case Language.None _ -> "none: any instruction will do";
      case Language.Words words ->
          "%d words, %d tokens: %s"
              .formatted(words.words().size(), words.length(), String.join(" ", words.words()));
      case Language.Subwords subwords ->
          "%s, %d tokens, prompt %s"
              .formatted(subwords.file(), subwords.length(), BundleJson.line(subwords.prompt()));
    };
  }

  private static String told(BundleSpec.Limits limits) {
    return limits.equals(BundleSpec.Limits.NONE)
        ? "none of its own"
        : "load %s s, inference %s s, memory %d MiB; 0: none"
            .formatted(limits.loadS(), limits.inferenceS(), limits.memoryMb());
  }

  private static List<ActionSpace> parts(ActionSpace space) {
    return space instanceof ActionSpace.Parts several ? several.parts() : List.of(space);
  }

  private static String rest(Object record) {
    return BundleJson.line(record);
  }

  private static String operators(PolicyBundle bundle) {
    Map<String, Long> counts =
        bundle.graph().getGraph().getNodeList().stream()
            .collect(
                Collectors.groupingBy(NodeProto::getOpType, TreeMap::new, Collectors.counting()));
    long opset =
        bundle.graph().getOpsetImportList().stream()
            .mapToLong(OperatorSetIdProto::getVersion)
            .max()
            .orElse(0);
    return "%d nodes, opset %d: %s"
        .formatted(
            bundle.graph().getGraph().getNodeCount(),
            opset,
            counts.entrySet().stream()
                .map(each -> each.getValue() + " " + each.getKey())
                .collect(Collectors.joining(", ")));
  }
}
