package dev.reverie.trainer.onnx;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch;
import org.jspecify.annotations.Nullable;

/** Networks with a state: RNN, GRU and LSTM, with their usual activations. */
final class RecurrentOps {
  private RecurrentOps() {}

  static void register(Map<String, Op.Factory> ops) {
    ops.put("RNN", node -> op(node, 1, List.of("Tanh"), RecurrentOps::rnn));
    ops.put("GRU", RecurrentOps::gru);
    ops.put("LSTM", node -> op(node, 4, List.of("Sigmoid", "Tanh", "Tanh"), RecurrentOps::lstm));
  }

  /**
   * The state before a step.
   *
   * @param h the state that is given out, [B, H]
   * @param c the state that is kept, [B, H]; of an LSTM alone
   */
  private record State(Tensor h, @Nullable Tensor c) {}

  /**
   * The weights of one direction.
   *
   * @param r of the state, [G * H, H], G gates one after the other
   * @param bias of the state [G * H]
   * @param peephole from the kept state to the gates, [3 * H]; null: none
   */
  private record Recurrent(Tensor r, @Nullable Tensor bias, @Nullable Tensor peephole) {
    Tensor of(Tensor h) {
      Tensor product = h.matmul(r.t());
      return bias == null ? product : product.add(bias);
    }

    /** The same for some of the gates. */
    Recurrent gates(long first, long count, long size) {
      return new Recurrent(
          r.narrow(0, first * size, count * size),
          bias == null ? null : bias.narrow(0, first * size, count * size),
          null);
    }
  }

  /** A step of time. */
  @FunctionalInterface
  private interface Cell {
    /**
     * Makes it.
     *
     * @param x the input's part of the gates, [B, G * H]
     */
    State next(Tensor x, State state, Recurrent weights);
  }

  private static Op gru(Node node) {
    boolean resetsAfter = node.flag("linear_before_reset", false);
    return op(
        node,
        3,
        List.of("Sigmoid", "Tanh"),
        (x, state, weights) -> gru(x, state, weights, resetsAfter));
  }

  /** The inputs X [S, B, I], W, R, B, lengths, the first h and c, and P. */
  private static Op op(Node node, int gates, List<String> usual, Cell cell) {
    String direction = node.text("direction", "forward");
    int directions = direction.equals("bidirectional") ? 2 : 1;
    boolean batchFirst = node.flag("layout", false);
    List<String> activations = node.texts("activations");
    for (int i = 0; i < activations.size(); i++) {
      String wanted = usual.get(i % usual.size());
      node.require(activations.get(i).equals(wanted), "activation " + activations.get(i));
    }
    node.require(!node.has("clip"), "clip");
    node.require(!node.flag("input_forget", false), "input_forget");
    return Op.several(
        in -> {
          Tensor x = batchFirst ? in.get(0).transpose(0, 1) : in.get(0);
          requireWhole(node, in, x.size(0));
          List<Tensor> outputs = new ArrayList<>();
          List<Tensor> hidden = new ArrayList<>();
          List<Tensor> kept = new ArrayList<>();
          for (int d = 0; d < directions; d++) {
            boolean reverse = direction.equals("reverse") || d == 1;
            List<Tensor> each = new ArrayList<>();
            State last = run(in, d, gates, batchFirst, reverse ? x.flip(0) : x, cell, each);
            Tensor y = Tensors.cat(each, 0); // [S, B, H]
            outputs.add((reverse ? y.flip(0) : y).unsqueeze(1));
            hidden.add(last.h.unsqueeze(0));
            kept.add((last.c == null ? last.h : last.c).unsqueeze(0));
          }
          Tensor y = Tensors.cat(outputs, 1); // [S, D, B, H]
          Tensor h = Tensors.cat(hidden, 0); // [D, B, H]
          Tensor c = Tensors.cat(kept, 0);
          return batchFirst
              ? List.of(y.permute(2, 0, 1, 3), h.transpose(0, 1), c.transpose(0, 1))
              : List.of(y, h, c);
        });
  }

  private static void requireWhole(Node node, NodeInputs in, long length) {
    boolean whole = !in.has(4) || Arrays.stream(in.longs(4)).allMatch(of -> of == length);
    node.require(whole, "sequence_lens of several lengths");
  }

  private static State run(
      NodeInputs in,
      int direction,
      int gates,
      boolean batchFirst,
      Tensor x,
      Cell cell,
      List<Tensor> outputs) {
    Tensor r = in.get(2).select(0, direction);
    long size = r.size(1);
    Tensor bias = in.has(3) ? in.get(3).select(0, direction) : null;
    Tensor inputs = x.matmul(in.get(1).select(0, direction).t()); // [S, B, G * H]
    if (bias != null) {
      inputs = inputs.add(bias.narrow(0, 0, gates * size));
    }
    var weights =
        new Recurrent(
            r,
            bias == null ? null : bias.narrow(0, gates * size, gates * size),
            in.has(7) ? in.get(7).select(0, direction) : null);
    int axis = batchFirst ? 1 : 0;
    Tensor nothing = torch.zeros_like(inputs.select(0, 0).narrow(1, 0, size));
    State state =
        new State(
            in.has(5) ? in.get(5).select(axis, direction) : nothing,
            gates < 4 ? null : in.has(6) ? in.get(6).select(axis, direction) : nothing);
    for (long t = 0; t < x.size(0); t++) {
      state = cell.next(inputs.select(0, t), state, weights);
      outputs.add(state.h.unsqueeze(0));
    }
    return state;
  }

  private static State rnn(Tensor x, State state, Recurrent weights) {
    return new State(x.add(weights.of(state.h)).tanh(), null);
  }

  /** Gates: update, reset, new (arXiv 1406.1078). */
  private static State gru(Tensor x, State state, Recurrent weights, boolean resetsAfter) {
    long size = state.h.size(1);
    Tensor both = x.narrow(1, 0, 2 * size).add(weights.gates(0, 2, size).of(state.h)).sigmoid();
    Tensor update = both.narrow(1, 0, size);
    Tensor reset = both.narrow(1, size, size);
    Recurrent own = weights.gates(2, 1, size);
    Tensor before = resetsAfter ? reset.mul(own.of(state.h)) : own.of(reset.mul(state.h));
    Tensor fresh = x.narrow(1, 2 * size, size).add(before).tanh();
    return new State(fresh.add(update.mul(state.h.sub(fresh))), null);
  }

  /** Gates: input, output, forget, new; with peepholes where there are some. */
  private static State lstm(Tensor x, State state, Recurrent weights) {
    long size = state.h.size(1);
    Tensor gates = x.add(weights.of(state.h));
    Tensor c = Objects.requireNonNull(state.c);
    Tensor input = gate(gates, 0, size, weights.peephole, c);
    Tensor forget = gate(gates, 2, size, weights.peephole, c);
    Tensor kept = forget.mul(c).add(input.mul(gates.narrow(1, 3 * size, size).tanh()));
    Tensor output = gate(gates, 1, size, weights.peephole, kept);
    return new State(output.mul(kept.tanh()), kept);
  }

  private static Tensor gate(
      Tensor gates, long place, long size, @Nullable Tensor peephole, Tensor c) {
    Tensor own = gates.narrow(1, place * size, size);
    return (peephole == null ? own : own.add(peephole.narrow(0, place * size, size).mul(c)))
        .sigmoid();
  }
}
