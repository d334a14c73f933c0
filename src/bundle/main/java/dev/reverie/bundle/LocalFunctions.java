package dev.reverie.bundle;

import dev.reverie.policy.BundleException;
import dev.reverie.policy.ExportedGraph;
import dev.reverie.policy.onnx.AttributeProto;
import dev.reverie.policy.onnx.FunctionProto;
import dev.reverie.policy.onnx.ModelProto;
import dev.reverie.policy.onnx.NodeProto;
import dev.reverie.policy.onnx.OperatorSetIdProto;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * Writes out the functions that an exporter has put into a model, such as PyTorch's: each node that
 * calls one becomes the function's nodes.
 */
final class LocalFunctions {
  /** A few functions that call each other are enough for a graph without end. */
  private static final int MOST_NODES = 1_000_000;

  private final Map<Key, FunctionProto> functions = new HashMap<>();
  private final List<NodeProto> nodes = new ArrayList<>();
  private int calls;

  private LocalFunctions(ModelProto model) {
    for (FunctionProto function : model.getFunctionsList()) {
      requireOpsets(model, function);
      functions.put(
          new Key(function.getDomain(), function.getName(), function.getOverload()), function);
    }
  }

  private record Key(String domain, String name, String overload) {
    static Key of(NodeProto node) {
      return new Key(node.getDomain(), node.getOpType(), node.getOverload());
    }
  }

  /**
   * A call that is written out.
   *
   * @param names what the values of the function are called outside
   * @param attributes of the call, by the function's names
   * @param within functions that it stands in, and itself
   */
  private record Call(
      Map<String, String> names, Map<String, AttributeProto> attributes, Set<Key> within) {}

  /**
   * The same model without functions.
   *
   * @throws BundleException naming the function that cannot be written out
   */
  static ExportedGraph inlined(ExportedGraph exported) {
    ModelProto model = exported.model();
    if (model.getFunctionsCount() == 0) {
      return exported;
    }
    try {
      var functions = new LocalFunctions(model);
      for (NodeProto node : model.getGraph().getNodeList()) {
        functions.add(node, Set.of());
      }
      ModelProto.Builder all = model.toBuilder().clearFunctions().clearOpsetImport();
      Set<String> domains = new HashSet<>();
      functions.nodes.forEach(node -> domains.add(domain(node.getDomain())));
      for (OperatorSetIdProto opset : model.getOpsetImportList()) {
        String domain = domain(opset.getDomain());
        if (domain.isEmpty() || domains.contains(domain)) {
          all.addOpsetImport(opset);
        }
      }
      all.getGraphBuilder().clearNode().addAllNode(functions.nodes);
      return new ExportedGraph(all.build(), exported.weights(), exported.files());
    } catch (BundleException e) {
      throw new BundleException("%s: %s".formatted(exported.files().getFirst(), e.getMessage()), e);
    }
  }

  private static String domain(String domain) {
    return domain.equals("ai.onnx") ? "" : domain;
  }

  /** Operators mean in the graph what they mean in the function. */
  private static void requireOpsets(ModelProto model, FunctionProto function) {
    for (OperatorSetIdProto own : function.getOpsetImportList()) {
      for (OperatorSetIdProto all : model.getOpsetImportList()) {
        if (domain(own.getDomain()).equals(domain(all.getDomain()))
            && own.getVersion() != all.getVersion()) {
          throw new BundleException(
              "its function '%s' has the operators of '%s' %d, and the graph %d; export with one opset, or write it out with onnx.inliner.inline_local_functions(model, True)"
                  .formatted(
                      function.getName(), own.getDomain(), own.getVersion(), all.getVersion()));
        }
      }
    }
  }

  private void add(NodeProto node, Set<Key> within) {
    FunctionProto function = functions.get(Key.of(node));
    if (function == null) {
      nodes.add(node);
      if (nodes.size() > MOST_NODES) {
        throw new BundleException(
            "its functions written out are more than %d nodes; export it without functions"
                .formatted(MOST_NODES));
      }
      return;
    }
    if (within.contains(Key.of(node))) {
      throw new BundleException(
          "its function '%s' calls itself, so the graph would not end; export it without"
              .formatted(function.getName()));
    }
    write(node, function, within);
  }

  private void write(NodeProto node, FunctionProto function, Set<Key> within) {
    if (node.getInputCount() > function.getInputCount()
        || node.getOutputCount() > function.getOutputCount()) {
      throw new BundleException(
          "node '%s' gives its function '%s' %d inputs for %d, and takes %d outputs of %d; export it again"
              .formatted(
                  node.getName(),
                  function.getName(),
                  node.getInputCount(),
                  function.getInputCount(),
                  node.getOutputCount(),
                  function.getOutputCount()));
    }
    String prefix = "%s/%d/".formatted(function.getName(), calls++);
    Call call = new Call(new HashMap<>(), attributes(node, function), new HashSet<>(within));
    call.within.add(Key.of(node));
    for (int i = 0; i < function.getInputCount(); i++) { // an input may be left out
      String given = i < node.getInputCount() ? node.getInput(i) : "";
      call.names.put(function.getInput(i), given);
    }
    Map<String, String> copies = new HashMap<>(); // outputs that are other values as well
    for (int i = 0; i < node.getOutputCount(); i++) {
      if (!node.getOutput(i).isEmpty()
          && call.names.putIfAbsent(function.getOutput(i), node.getOutput(i)) != null) {
        copies.put(node.getOutput(i), function.getOutput(i));
      }
    }
    for (NodeProto inner : function.getNodeList()) {
      add(outside(inner, call, prefix), call.within);
    }
    copies.forEach(
        (output, inner) ->
            nodes.add(
                NodeProto.newBuilder()
                    .setName(prefix + output)
                    .setOpType("Identity")
                    .addInput(call.names.getOrDefault(inner, prefix + inner))
                    .addOutput(output)
                    .build()));
  }

  private static Map<String, AttributeProto> attributes(NodeProto node, FunctionProto function) {
    Map<String, AttributeProto> attributes = new HashMap<>();
    function.getAttributeProtoList().forEach(each -> attributes.put(each.getName(), each));
    node.getAttributeList().forEach(each -> attributes.put(each.getName(), each));
    return attributes;
  }

  /** A node of a function as it stands in the graph. */
  private static NodeProto outside(NodeProto inner, Call call, String prefix) {
    NodeProto.Builder node =
        inner.toBuilder()
            .setName(prefix + (inner.getName().isEmpty() ? inner.getOutput(0) : inner.getName()))
            .clearInput()
            .clearOutput()
            .clearAttribute();
    inner.getInputList().forEach(name -> node.addInput(outside(name, call, prefix)));
    inner.getOutputList().forEach(name -> node.addOutput(outside(name, call, prefix)));
    for (AttributeProto attribute : inner.getAttributeList()) {
      if (attribute.getRefAttrName().isEmpty()) {
        node.addAttribute(attribute);
        continue;
      }
      AttributeProto given = call.attributes.get(attribute.getRefAttrName());
      if (given != null) { // else the operator's default
        node.addAttribute(given.toBuilder().setName(attribute.getName()));
      }
    }
    return node.build();
  }

  private static String outside(String name, Call call, String prefix) {
    return name.isEmpty() ? "" : call.names.getOrDefault(name, prefix + name);
  }
}
