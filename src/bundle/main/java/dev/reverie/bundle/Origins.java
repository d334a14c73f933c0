package dev.reverie.bundle;

import dev.reverie.policy.ExportedGraph;
import dev.reverie.policy.onnx.NodeProto;
import dev.reverie.policy.onnx.StringStringEntryProto;
import java.util.Collection;
import java.util.HashMap;
import java.util.LinkedHashSet;
import java.util.Map;
import java.util.Set;
import java.util.regex.MatchResult;
import java.util.regex.Pattern;

/** Places in a program of PyTorch where nodes were made, as its exporter tells. */
final class Origins {
  private static final String TRACE = "pkg.torch.onnx.stack_trace";
  private static final Pattern LINE = Pattern.compile("File \"([^\"]+)\", line (\\d+)");
  private static final Pattern NODE = Pattern.compile("node '([^']+)'");

  private final Map<String, String> places = new HashMap<>();

  private Origins(Collection<ExportedGraph> graphs) {
    for (ExportedGraph graph : graphs) {
      for (NodeProto node : graph.model().getGraph().getNodeList()) {
        for (StringStringEntryProto entry : node.getMetadataPropsList()) {
          if (entry.getKey().equals(TRACE)) {
            LINE.matcher(entry.getValue())
                .results()
                .reduce((_, last) -> last)
                .ifPresent(at -> places.put(node.getName(), at.group(1) + ":" + at.group(2)));
          }
        }
      }
    }
  }

  /** A message, and where each node that it names was made. */
  static String told(String message, Collection<ExportedGraph> graphs) {
    Origins origins = new Origins(graphs);
    Set<String> lines = new LinkedHashSet<>();
    for (MatchResult node : NODE.matcher(message).results().toList()) {
      String place = origins.places.get(node.group(1));
      if (place != null) {
        lines.add("node '%s' was made at %s".formatted(node.group(1), place));
      }
    }
    return lines.isEmpty() ? message : message + "\n" + String.join("\n", lines);
  }
}
