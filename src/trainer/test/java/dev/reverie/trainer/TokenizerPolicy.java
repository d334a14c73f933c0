package dev.reverie.trainer;

import dev.reverie.policy.BundleSpec;
import dev.reverie.policy.GraphSpec;
import dev.reverie.policy.Language;
import dev.reverie.policy.PolicyBundle;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/** A policy that is told words by the file of a tokenizer. */
final class TokenizerPolicy {
  private TokenizerPolicy() {}

  /** The same policy in format 2, whose tokens are those of a file. */
  static PolicyBundle of(PolicyBundle words) {
    BundleSpec spec = words.spec();
    var language =
        new Language.Subwords(
            "tokenizer.json",
            "{instruction}",
            false,
            false,
            List.of(),
            List.of(),
            spec.language().length(),
            Language.Padding.RIGHT,
            0);
    byte[] file =
        """
        {"version": "1.0", "truncation": null, "padding": null, "added_tokens": [],
         "normalizer": null, "pre_tokenizer": {"type": "Whitespace"}, "post_processor": null,
         "decoder": null,
         "model": {"type": "WordLevel", "vocab": {"?": 0, "go_right": 1}, "unk_token": "?"}}
        """
            .getBytes(StandardCharsets.UTF_8);
    var told =
        new BundleSpec(
            2,
            spec.cameras(),
            spec.jointNames(),
            spec.actionSpace(),
            spec.chunk(),
            new GraphSpec(
                new TreeMap<>(Map.of("act", "policy.onnx")),
                words.inputs(),
                new TreeMap<>(Map.of("logits", "logits")),
                GraphSpec.Actions.PLAIN),
            spec.head(),
            language,
            spec.parameters(),
            spec.execution(),
            spec.limits(),
            spec.probe(),
            spec.lineage(),
            new TreeMap<>());
    return PolicyBundle.of(
        told, Map.of("act", words.graph()), words.weights(), Map.of("tokenizer.json", file));
  }
}
