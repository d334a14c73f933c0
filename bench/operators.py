#!/usr/bin/env python3
"""Gradients of ONNX operators by PyTorch: the peers of OperatorGradientsTest.

    bench/operators.py src/trainer/test/resources/dev/reverie/trainer/onnx

writes operators.onnx (pip install torch==2.10.0 onnx==1.23.2 onnxruntime), a graph with an output for each operator in
a form that PyTorch has too, whose inputs are weights, and operators.txt: what PyTorch says of each output and of the
gradient of its squares, weighted by a wave, by each weight, as the sum of products with the wave and the norm. ONNX
Runtime has to give the same outputs, or the script fails.
"""

import math
import sys
from pathlib import Path

import onnx
import torch
from onnx import TensorProto, helper, numpy_helper
from torch.nn import functional as F

OPSET = 24
# A window is newer than the opset; SAME of a dilated window has the size of one without gaps there.
NOT_IN_ORT = {"attention_window", "average_pool_same"}


def wave(*shape):
    at = torch.arange(math.prod(shape), dtype=torch.float64)
    return torch.sin(at * 0.31 + 5).float().view(shape)


def normal(*shape):
    return torch.randn(*shape)


def whole(*values):
    return torch.tensor(values)


def attention(q, k, v, mask=None, scale=None, softcap=0.0):
    k, v = (x.repeat_interleave(q.shape[1] // x.shape[1], 1) for x in (k, v))
    products = q @ k.transpose(2, 3) * (scale or q.shape[-1] ** -0.5)
    if softcap:
        products = torch.tanh(products / softcap) * softcap
    return torch.softmax(products if mask is None else products + mask, -1) @ v


def seen(queries, keys, offset=0, left=None):
    ahead = torch.arange(queries)[:, None] + offset - torch.arange(keys)
    allowed = ahead >= 0 if left is None else (ahead >= 0) & (ahead <= left)
    return torch.zeros(queries, keys).masked_fill(~allowed, -math.inf)


def rotary(x, cos, sin, interleaved=False):
    a, b = (x[..., ::2], x[..., 1::2]) if interleaved else x.chunk(2, -1)
    both = (cos * a - sin * b, sin * a + cos * b)
    return torch.stack(both, -1).flatten(-2) if interleaved else torch.cat(both, -1)


def same_average(x):
    """Of a dilated window of 3 x 2 with as much padding as keeps the size, which does not count."""
    padded, ones = F.pad(x, (1, 1, 2, 2)), F.pad(torch.ones_like(x), (1, 1, 2, 2))
    kernel = torch.ones(x.shape[1], 1, 3, 2)
    return F.conv2d(padded, kernel, dilation=2, groups=x.shape[1]) / F.conv2d(
        ones, kernel, dilation=2, groups=x.shape[1]
    )


def group_norm(x, scale, bias):
    return F.group_norm(x, 2, scale, bias, 1e-5)


def transposed(x, w, b):
    """A result of 9 x 8 places, of 9 x 9: the odd one is taken off before the others."""
    return F.conv_transpose2d(x, w, b, stride=(2, 3))[..., 1:]


def chunks(names, output):
    return [
        helper.make_node("SplitToSequence", names, [output + ".s"], axis=1),
        helper.make_node("Constant", [], [output + ".first"], value_int=0),
        helper.make_node("Constant", [], [output + ".last"], value_int=-1),
        helper.make_node("SequenceAt", [output + ".s", output + ".first"], [output + ".a"]),
        helper.make_node("SequenceAt", [output + ".s", output + ".last"], [output + ".b"]),
        helper.make_node("SequenceConstruct", [output + ".b", output + ".a"], [output + ".t"]),
        helper.make_node("ConcatFromSequence", [output + ".t"], [output], axis=0, new_axis=1),
    ]


def giving(kind, more, **attributes):
    """An operator with more outputs than the one that is compared."""
    return lambda names, output: [
        helper.make_node(kind, names, [output, *(f"{output}.{m}" for m in more)], **attributes)
    ]


def cases():
    """Name, operator or what makes the nodes, inputs (floats are weights), PyTorch's function, and attributes."""
    x = normal(2, 3, 5, 7)
    q, k, v = normal(2, 4, 3, 8), normal(2, 2, 5, 8), normal(2, 2, 5, 8)
    past_k, past_v = normal(2, 2, 2, 8), normal(2, 2, 2, 8)
    cos, sin = normal(2, 3, 4), normal(2, 3, 4)
    index = torch.tensor([[0, 1, 1], [2, 0, 3]])
    grid = torch.rand(2, 4, 6, 2) * 1.8 - 0.9
    new, one = normal(2, 4, 5, 8), normal(2, 4, 5, 8)

    def resized(height, width):
        return [None, None, whole(2, 3, height, width)]

    yield "resize_linear", "Resize", [x, *resized(8, 4)], lambda x, _: F.interpolate(x, (8, 4), mode="bilinear"), {
        "mode": "linear"}  # fmt: skip
    yield (
        "resize_corners",
        "Resize",
        [x, *resized(8, 9)],
        lambda x, _: F.interpolate(x, (8, 9), mode="bilinear", align_corners=True),
        {"mode": "linear", "coordinate_transformation_mode": "align_corners"},
    )
    yield "resize_cubic", "Resize", [x, *resized(8, 9)], lambda x, _: F.interpolate(x, (8, 9), mode="bicubic"), {
        "mode": "cubic"}  # fmt: skip
    yield "resize_nearest", "Resize", [x, *resized(8, 4)], lambda x, _: F.interpolate(x, (8, 4), mode="nearest"), {
        "mode": "nearest", "coordinate_transformation_mode": "asymmetric", "nearest_mode": "floor"}  # fmt: skip
    yield "einsum", "Einsum", [normal(2, 3, 4), normal(2, 5, 4)], lambda a, b: torch.einsum("bij,bkj->bik", a, b), {
        "equation": "bij,bkj->bik"}  # fmt: skip
    yield "top_k", giving("TopK", ["places"], axis=3), [x, whole(3)], lambda x, _: x.topk(3, 3).values, {}
    yield (
        "scatter_add",
        "ScatterElements",
        [normal(2, 4), index, normal(2, 3)],
        lambda a, i, b: a.scatter_add(1, i, b),
        {"axis": 1, "reduction": "add"},
    )
    for reduction, named in (("mul", "prod"), ("max", "amax"), ("min", "amin")):
        yield (
            f"scatter_{reduction}",
            "ScatterElements",
            [normal(2, 4), index, normal(2, 3)],
            lambda a, i, b, n=named: a.scatter_reduce(1, i, b, n),
            {"axis": 1, "reduction": reduction},
        )
    yield (
        "scatter_nd",
        "ScatterND",
        [normal(4, 3), torch.tensor([[1], [3]]), normal(2, 3)],
        lambda a, i, b: a.index_add(0, i[:, 0], b),
        {"reduction": "add"},
    )
    yield (
        "gather_nd",
        "GatherND",
        [normal(2, 4, 3), torch.tensor([[1], [3]])],
        lambda a, i: a[torch.arange(2), i[:, 0]],
        {"batch_dims": 1},
    )
    yield (
        "chunks",
        chunks,
        [normal(3, 6, 2), whole(2, 2, 2)],
        lambda a, _: torch.stack([a.chunk(3, 1)[2], a.chunk(3, 1)[0]]),
        {},
    )
    yield (
        "attention_cache",
        giving("Attention", ["key", "value"], is_causal=1),
        [q, k, v, None, past_k, past_v],
        lambda q, k, v, pk, pv: attention(q, torch.cat([pk, k], 2), torch.cat([pv, v], 2), seen(3, 7, 2)),
        {},
    )
    yield (
        "attention_mask_causal",
        "Attention",
        [q, k, v, normal(3, 5)],
        lambda q, k, v, m: attention(q, k, v, m + seen(3, 5)),
        {"is_causal": 1},
    )
    yield "attention_softcap", "Attention", [q, k, v], lambda q, k, v: attention(q, k, v, None, 0.5, 2.0), {
        "softcap": 2.0, "scale": 0.5}  # fmt: skip
    yield (
        "attention_window",
        "Attention",
        [one, new, new.clone()],
        lambda q, k, v: attention(q, k, v, seen(5, 5, 0, 2)),
        {"is_causal": 1, "left_window_size": 2},
    )
    yield (
        "rotary",
        "RotaryEmbedding",
        [normal(2, 4, 3, 8), cos, sin],
        lambda x, c, s: rotary(x, c[:, None], s[:, None]),
        {},
    )
    yield (
        "rotary_interleaved",
        "RotaryEmbedding",
        [normal(2, 4, 3, 8), cos, sin],
        lambda x, c, s: rotary(x, c[:, None], s[:, None], True),
        {"interleaved": 1},
    )
    yield "max_pool_1d", "MaxPool", [normal(2, 3, 9)], lambda x: F.max_pool1d(x, 3, 2, 1), {
        "kernel_shape": [3], "strides": [2], "pads": [1, 1]}  # fmt: skip
    yield (
        "max_pool_3d",
        "MaxPool",
        [normal(1, 2, 5, 6, 4)],
        lambda x: F.max_pool3d(F.pad(x, (0, 1, 0, 0, 2, 1), value=-math.inf), 3, 2),
        {"kernel_shape": [3, 3, 3], "strides": [2, 2, 2], "pads": [2, 0, 0, 1, 0, 1]},
    )
    yield "average_pool_3d", "AveragePool", [normal(1, 2, 5, 6, 4)], lambda x: F.avg_pool3d(x, 2, 2), {
        "kernel_shape": [2, 2, 2], "strides": [2, 2, 2]}  # fmt: skip
    yield "average_pool_same", "AveragePool", [x], same_average, {
        "kernel_shape": [3, 2], "dilations": [2, 2], "auto_pad": "SAME_UPPER"}  # fmt: skip
    yield "lp_pool", "LpPool", [x], lambda x: F.lp_pool2d(x, 2, 2, 1), {"kernel_shape": [2, 2], "p": 2}
    yield "global_max_pool", "GlobalMaxPool", [x], lambda x: x.amax((2, 3), True), {}
    yield "conv_same", "Conv", [x, normal(4, 3, 3, 2), normal(4)], lambda x, w, b: F.conv2d(x, w, b, padding="same"), {
        "auto_pad": "SAME_UPPER"}  # fmt: skip
    yield "conv_transpose", "ConvTranspose", [normal(1, 2, 4, 3), normal(2, 3, 3, 3), normal(3)], transposed, {
        "strides": [2, 3], "output_shape": [9, 8]}  # fmt: skip
    for mode, named in (("reflect", "reflect"), ("edge", "replicate"), ("wrap", "circular")):
        yield (
            f"pad_{mode}",
            "Pad",
            [x, whole(0, 0, 1, 2, 0, 0, 2, 1)],
            lambda x, _, n=named: F.pad(x, (2, 1, 1, 2), n),
            {"mode": mode},
        )
    yield (
        "batch_norm",
        "BatchNormalization",
        [x, normal(3), normal(3), normal(3), normal(3).abs() + 0.5],
        lambda x, *n: F.batch_norm(x, n[2].detach(), n[3].detach(), n[0], n[1]),
        {},
    )
    yield "group_norm", "GroupNormalization", [normal(2, 4, 5), normal(4), normal(4)], group_norm, {"num_groups": 2}
    yield (
        "instance_norm",
        "InstanceNormalization",
        [x, normal(3), normal(3)],
        lambda x, s, b: F.instance_norm(x, weight=s, bias=b),
        {},
    )
    yield (
        "layer_norm",
        "LayerNormalization",
        [x, normal(5, 7), normal(5, 7)],
        lambda x, s, b: F.layer_norm(x, (5, 7), s, b),
        {"axis": 2},
    )
    yield "rms_norm", "RMSNormalization", [x, normal(7)], lambda x, s: F.rms_norm(x, (7,), s, 1e-5), {}
    yield "lp_norm", "LpNormalization", [x], lambda x: F.normalize(x, dim=1), {"axis": 1}
    yield (
        "mean_variance",
        "MeanVarianceNormalization",
        [x],
        lambda x: F.batch_norm(x, None, None, training=True, eps=1e-12),
        {},
    )
    yield "depth_to_space", "DepthToSpace", [normal(1, 8, 3, 2)], lambda x: F.pixel_shuffle(x, 2), {
        "blocksize": 2, "mode": "CRD"}  # fmt: skip
    yield "p_relu", "PRelu", [x, normal(3, 1, 1)], lambda x, s: torch.where(x < 0, x * s, x), {}
    yield "grid_linear", "GridSample", [x, grid], lambda x, g: F.grid_sample(x, g, align_corners=False), {
        "mode": "linear"}  # fmt: skip
    yield (
        "grid_cubic",
        "GridSample",
        [x, grid.clone()],
        lambda x, g: F.grid_sample(x, g, "bicubic", "border", align_corners=True),
        {"mode": "cubic", "padding_mode": "border", "align_corners": 1},
    )
    yield "reduce_prod", "ReduceProd", [normal(2, 3, 4), whole(1)], lambda x, _: x.prod(1), {"keepdims": 0}
    yield "reduce_max", "ReduceMax", [x, whole(1, 3)], lambda x, _: x.amax((1, 3), True), {}
    yield "log_sum_exp", "ReduceLogSumExp", [x, whole(2)], lambda x, _: x.logsumexp(2, True), {}
    yield "cum_sum", "CumSum", [x, torch.tensor(1)], lambda x, _: x.flip(1).cumsum(1).flip(1) - x, {
        "reverse": 1, "exclusive": 1}  # fmt: skip
    yield "dequantize", "DequantizeLinear", [
        torch.randint(-100, 100, (2, 3, 4)).to(torch.int8), normal(3).abs(), torch.tensor([1, 2, 3]).to(torch.int8)
    ], lambda x, s, z: (x.float() - z[:, None]) * s[:, None], {}  # fmt: skip
    yield "shrink", "Shrink", [x], lambda x: torch.where(x.abs() > 0.5, x - x.sign() * 0.2, 0 * x), {
        "lambd": 0.5, "bias": 0.2}  # fmt: skip


def told(name, tensor):
    product = (tensor * wave(*tensor.shape)).sum().item()
    return f"{name} {product:.9g} {tensor.norm().item():.9g}"


def main():
    torch.manual_seed(1)
    torch.set_num_threads(1)
    nodes, weights, outputs, expected, lines = [], [], [], {}, []
    for name, kind, inputs, function, attributes in cases():
        names = ["" if value is None else f"{name}.{i}" for i, value in enumerate(inputs)]
        given = [value for value in inputs if value is not None]
        leaves = [v.clone().requires_grad_() if v.is_floating_point() else v for v in given]
        weights += [numpy_helper.from_array(v.numpy(), n) for v, n in zip(given, filter(None, names), strict=True)]
        if callable(kind):
            nodes += kind(names, name)
        else:
            nodes.append(helper.make_node(kind, names, [name], **attributes))
        result = function(*leaves)
        (result.square() * wave(*result.shape)).sum().backward()
        outputs.append(helper.make_tensor_value_info(name, TensorProto.FLOAT, list(result.shape)))
        expected[name] = result.detach()
        lines.append(told(name, result.detach()))
        for leaf, key in zip(leaves, filter(None, names), strict=True):
            if leaf.is_floating_point() and leaf.grad is not None:
                lines.append(told(key, leaf.grad))
    graph = helper.make_graph(nodes, "operators", [], outputs, weights)
    model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", OPSET)], ir_version=10)
    compare(model, expected)
    folder = Path(sys.argv[1])
    folder.mkdir(parents=True, exist_ok=True)
    onnx.save(model, folder / "operators.onnx")
    (folder / "operators.txt").write_text("\n".join(lines) + "\n")


def only(model, name):
    """The model of one case."""
    part = onnx.ModelProto()
    part.CopyFrom(model)

    def own(value):
        return value == name or value.startswith(name + ".")

    for field, keep in (
        (part.graph.node, lambda node: any(map(own, node.output))),
        (part.graph.output, lambda value: own(value.name)),
        (part.graph.initializer, lambda value: own(value.name)),
    ):
        kept = [value for value in field if keep(value)]
        del field[:]
        field.extend(kept)
    return part


def compare(model, expected):
    """Each case by ONNX Runtime, where that has the operator."""
    import onnxruntime

    for name, wanted in expected.items():
        if name in NOT_IN_ORT:
            continue
        part = only(model, name)
        try:
            session = onnxruntime.InferenceSession(part.SerializeToString(), providers=["CPUExecutionProvider"])
        except onnxruntime.capi.onnxruntime_pybind11_state.NotImplemented as e:
            print(f"{name} is not compared: {e}", file=sys.stderr)
            continue
        got = torch.from_numpy(session.run(None, {})[0])
        error = (got - wanted).abs().max().item() / max(1e-6, wanted.abs().max().item())
        if got.shape != wanted.shape or error > 1e-4:
            sys.exit(f"{name}: ONNX Runtime and PyTorch differ by {error}")


if __name__ == "__main__":
    main()
