package dev.reverie.trainer.onnx;

import java.util.List;
import java.util.Map;
import org.bytedeco.pytorch.DoubleOptional;
import org.bytedeco.pytorch.LongOptional;
import org.bytedeco.pytorch.Scalar;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.TensorOptional;
import org.bytedeco.pytorch.global.torch;
import org.bytedeco.pytorch.global.torch.ScalarType;
import org.jspecify.annotations.Nullable;

/** Attention, its key-value cache and rotary positions. */
final class AttentionOps {
  private AttentionOps() {}

  static void register(Map<String, Op.Factory> ops) {
    ops.put("Attention", AttentionOps::attention);
    ops.put("RotaryEmbedding", AttentionOps::rotary);
    ops.put("TensorScatter", AttentionOps::tensorScatter);
  }

  /**
   * A node's words about its attention.
   *
   * @param scale of the products; 0: one over the root of the head's size
   * @param softcap that the products stay below; 0: none
   * @param left places before its own that a query sees; negative: all
   * @param right places after its own that a query sees; negative: all
   * @param shown which products the fourth output has: 0 as they are, 1 capped, 2 with the mask, 3
   *     the probabilities
   */
  private record Kind(
      boolean causal,
      long queryHeads,
      long keyHeads,
      double scale,
      double softcap,
      long left,
      long right,
      long shown) {
    static Kind of(Node node) {
      long queryHeads = node.integer("q_num_heads", 0);
      return new Kind(
          node.flag("is_causal", false),
          queryHeads,
          node.integer("kv_num_heads", queryHeads),
          node.number("scale", 0),
          node.number("softcap", 0),
          node.integer("left_window_size", -1),
          node.integer("right_window_size", -1),
          node.integer("qk_matmul_output_mode", 0));
    }
  }

  /**
   * The inputs Q, K, V as [B, H, S, E] or [B, S, H * E], a mask, keys and values of before, and how
   * many of the keys are there. The outputs are the result, keys and values with those of before,
   * and the products.
   */
  private static Op attention(Node node) {
    Kind kind = Kind.of(node);
    ScalarType precision =
        node.has("softmax_precision") ? Tensors.scalarType(node.type("softmax_precision")) : null;
    boolean shows = node.gives(3);
    return Op.several(
        in -> {
          boolean flat = in.get(0).dim() == 3;
          Tensor query = flat ? heads(in.get(0), kind.queryHeads) : in.get(0);
          Tensor newKey = flat ? heads(in.get(1), kind.keyHeads) : in.get(1);
          Tensor newValue = flat ? heads(in.get(2), kind.keyHeads) : in.get(2);
          Tensor key = in.has(4) ? Tensors.cat(List.of(in.get(4), newKey), 2) : new Tensor(newKey);
          Tensor value =
              in.has(5) ? Tensors.cat(List.of(in.get(5), newValue), 2) : new Tensor(newValue);
          boolean wide = precision != null && precision != query.scalar_type().intern();
          List<Tensor> results =
              shows || kind.softcap > 0 || wide
                  ? composed(kind, in, query, key, value, precision)
                  : List.of(fused(kind, in, query, key, value));
          Tensor result = results.getFirst();
          Tensor shaped = flat ? result.transpose(1, 2).flatten(2, 3) : result;
          return List.of(shaped, key, value, results.getLast());
        });
  }

  private static Tensor heads(Tensor input, long heads) {
    long[] shape = Tensors.shape(input); // [B, S, H * E]
    if (heads <= 0) {
      throw new OnnxException(
          "q_num_heads and kv_num_heads are missing; export the policy with them");
    }
    return input.reshape(shape[0], shape[1], heads, shape[2] / heads).transpose(1, 2);
  }

  /** Attends by libtorch's own kernel, which does not keep the products. */
  private static Tensor fused(Kind kind, NodeInputs in, Tensor query, Tensor key, Tensor value) {
    boolean plainlyCausal =
        kind.causal && kind.left < 0 && kind.right < 0 && !in.has(3) && !in.has(4) && !in.has(6);
    Tensor mask = plainlyCausal ? null : mask(kind, in, query, key);
    return torch.scaled_dot_product_attention(
        query,
        key,
        value,
        mask == null ? new TensorOptional() : new TensorOptional(mask),
        0,
        plainlyCausal,
        kind.scale == 0 ? new DoubleOptional() : new DoubleOptional(kind.scale),
        query.size(1) != key.size(1));
  }

  /** Step by step; the result and the products. */
  private static List<Tensor> composed(
      Kind kind,
      NodeInputs in,
      Tensor query,
      Tensor key,
      Tensor value,
      @Nullable ScalarType precision) {
    long times = query.size(1) / key.size(1);
    Tensor keys = repeated(key, times);
    double scale = kind.scale == 0 ? 1 / Math.sqrt(query.size(3)) : kind.scale;
    Tensor products = query.matmul(keys.transpose(2, 3)).mul(new Scalar(scale));
    Tensor capped = products;
    if (kind.softcap > 0) {
      capped = products.div(new Scalar(kind.softcap)).tanh().mul(new Scalar(kind.softcap));
    }
    Tensor mask = mask(kind, in, query, key);
    Tensor bias = mask == null ? null : additive(mask, query);
    Tensor masked = bias == null ? capped : capped.add(bias);
    Tensor wide = precision == null ? masked : masked.to(precision);
    Tensor likely = torch.softmax(wide, -1);
    if (bias != null) { // a query that sees nothing has no result, rather than NaN
      Tensor blind = bias.amax(new long[] {-1}, true).eq(new Scalar(Double.NEGATIVE_INFINITY));
      likely = likely.masked_fill(blind, new Scalar(0.0));
    }
    likely = likely.to(query.scalar_type());
    Tensor shown =
        switch ((int) kind.shown) {
          case 0 -> products;
          case 1 -> capped;
          case 2 -> masked;
          default -> likely;
        };
    return List.of(likely.matmul(repeated(value, times)), new Tensor(shown));
  }

  private static Tensor repeated(Tensor heads, long times) {
    return times == 1
        ? heads
        : heads.repeat_interleave(times, new LongOptional(1), new LongOptional());
  }

  /** Returns which keys a query sees, true or 0, and which not, false or negative infinity. */
  private static @Nullable Tensor mask(Kind kind, NodeInputs in, Tensor query, Tensor key) {
    Tensor sees = places(kind, in, query, key);
    if (!in.has(3)) {
      return sees;
    }
    Tensor given = in.get(3);
    boolean bool = given.scalar_type().intern() == ScalarType.Bool;
    long lacks = key.size(2) - given.size(-1);
    if (lacks > 0) {
      given =
          torch.constant_pad_nd(
              given, new long[] {0, lacks}, new Scalar(bool ? 0 : Double.NEGATIVE_INFINITY));
    }
    if (sees == null) {
      return given.dim() == 1 ? given.unsqueeze(0) : given;
    }
    return bool ? given.logical_and(sees) : given.add(additive(sees, query));
  }

  /** Returns what a query sees by its place, [S, S'] or [B, 1, S, S']; null: all. */
  private static @Nullable Tensor places(Kind kind, NodeInputs in, Tensor query, Tensor key) {
    Tensor at = Tensors.upTo(key, key.size(2));
    Tensor own = Tensors.upTo(key, query.size(2)).unsqueeze(1); // [S, 1]
    Tensor sees = null;
    if (in.has(6)) { // of a cache that is longer than what is there
      Tensor there = in.get(6).reshape(-1, 1, 1, 1);
      own = own.add(there.sub(new Scalar(query.size(2))));
      sees = at.lt(there); // [B, 1, 1, S']
    } else if (in.has(4)) {
      own = own.add(new Scalar(in.get(4).size(2)));
    }
    if (kind.causal) {
      sees = both(sees, at.le(own));
    }
    if (kind.left >= 0) {
      sees = both(sees, at.ge(own.sub(new Scalar(kind.left))));
    }
    if (kind.right >= 0) {
      sees = both(sees, at.le(own.add(new Scalar(kind.right))));
    }
    return sees;
  }

  private static Tensor both(@Nullable Tensor some, Tensor more) {
    return some == null ? more : some.logical_and(more);
  }

  private static Tensor additive(Tensor mask, Tensor query) {
    if (mask.scalar_type().intern() != ScalarType.Bool) {
      return mask;
    }
    Tensor zeros = torch.zeros_like(mask).to(query.scalar_type());
    return zeros.masked_fill(mask.logical_not(), new Scalar(Double.NEGATIVE_INFINITY));
  }

  /** The inputs [B, H, S, E] or [B, S, H * E], cosines and sines, and the places [B, S]. */
  private static Op rotary(Node node) {
    long heads = node.integer("num_heads", 0);
    long part = node.integer("rotary_embedding_dim", 0);
    boolean interleaved = node.flag("interleaved", false);
    return Op.one(
        in -> {
          boolean flat = in.get(0).dim() == 3;
          Tensor x = flat ? heads(in.get(0), heads) : in.get(0); // [B, H, S, E]
          long turns = part == 0 ? x.size(3) : part;
          Tensor cos = angles(in, 1);
          Tensor sin = angles(in, 2);
          Tensor turned = x.narrow(3, 0, turns);
          Tensor pairs = // [B, H, S, 2, E / 2] or [B, H, S, E / 2, 2]
              interleaved ? turned.unflatten(3, turns / 2, 2) : turned.unflatten(3, 2, turns / 2);
          int axis = interleaved ? 4 : 3;
          Tensor a = pairs.select(axis, 0);
          Tensor b = pairs.select(axis, 1);
          Tensor real = cos.mul(a).sub(sin.mul(b));
          Tensor imaginary = sin.mul(a).add(cos.mul(b));
          Tensor both =
              Tensors.cat(List.of(real.unsqueeze(axis), imaginary.unsqueeze(axis)), axis)
                  .flatten(3, 4);
          Tensor result =
              turns == x.size(3)
                  ? both
                  : Tensors.cat(List.of(both, x.narrow(3, turns, x.size(3) - turns)), 3);
          return flat ? result.transpose(1, 2).flatten(2, 3) : result;
        });
  }

  /** Cosines or sines for each place, [B, 1, S, E / 2]. */
  private static Tensor angles(NodeInputs in, int input) {
    Tensor all = in.get(input);
    Tensor of = in.has(3) ? torch.embedding(all, in.get(3).to(ScalarType.Long)) : all;
    return of.unsqueeze(1);
  }

  /** A cache [B, .., S, ..] with new values written into it from a place on that each row has. */
  private static Op tensorScatter(Node node) {
    long given = node.integer("axis", -2);
    boolean circular = node.text("mode", "linear").equals("circular");
    return Op.one(
        in -> {
          Tensor cache = in.get(0);
          Tensor update = in.get(1);
          int axis = (int) ShapeOps.axis(given, cache.dim());
          long length = cache.size(axis);
          long[] along = Tensors.ones((int) cache.dim());
          along[axis] = update.size(axis);
          long[] batch = Tensors.ones((int) cache.dim());
          batch[0] = cache.size(0);
          Tensor at = Tensors.upTo(cache, update.size(axis)).reshape(along);
          at = in.has(2) ? at.add(in.get(2).to(ScalarType.Long).reshape(batch)) : at;
          at = circular ? at.remainder(new Scalar(length)) : at;
          return torch.scatter(cache, axis, at.expand(Tensors.shape(update)), update);
        });
  }
}
