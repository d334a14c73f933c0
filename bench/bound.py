"""A policy of format 2 for the simulated arm that is bound to every source, and damages to it.

`write(folder, bias)` writes a flow policy in two graphs that share a weights file, with two cameras, joints and their
history, a tokenizer, decided actions and a probe. The damages are of somebody who hashes the files anew and signs them:
what is wrong has to be found in the files themselves. bench/swaps.py asks for them.
"""

import json
import pathlib
import subprocess

import numpy as np
import onnx
import onnxruntime
from onnx import TensorProto, helper
from safetensors import safe_open
from safetensors.numpy import load_file, save

PIXELS, HORIZON, SKIP, WIDTH, LENGTH, STEPS = 48, 4, 1, 4, 40, 4
ROWS, JOINTS = HORIZON + SKIP, ["shoulder", "elbow", "wrist"]
INSTRUCTION = "insert the peg into the red slot"
LETTERS = "Ġabcdefghijklmnopqrstuvwxyz."
STATISTICS = {
    "state.mean": [0.5, -0.5, 0.25],
    "state.sd": [2, 4, 3],
    "colour.least": [0, 0.25, 0],
    "colour.most": [1, 0.75, 2],
    "action.low": [-0.02, -0.01, -0.02],
    "action.high": [0.01, 0.02, 0.02],
}
FACTORS = {"pixels.camera": 0.3, "pixels.wrist": -0.2, "state": 0.5, "ids": 0.4}  # 0.1 of the others
SHAPES = {
    "pixels.camera": [1, 3, PIXELS, PIXELS],
    "pixels.wrist": [1, 3, PIXELS, PIXELS],
    "state": [1, 2, WIDTH],
    "ids": [1, LENGTH],
    "mask": [1, LENGTH],
    "prefix": [1, ROWS, WIDTH],
    "prefix_length": [1],
}
FILES = ["encode.onnx", "step.onnx", "policy.safetensors", "tokenizer.json", "probe.safetensors"]
FLOAT, INT64 = TensorProto.FLOAT, TensorProto.INT64


def tokenizer():
    flags = {"single_word": False, "lstrip": False, "rstrip": False, "normalized": False, "special": True}
    model = {"type": "BPE", "dropout": None, "unk_token": None, "continuing_subword_prefix": None}
    model |= {"end_of_word_suffix": None, "fuse_unk": False, "byte_fallback": False}
    model |= {"vocab": {"<pad>": 0} | {letter: i + 1 for i, letter in enumerate(LETTERS)}, "merges": []}
    before = {"type": "ByteLevel", "add_prefix_space": False, "trim_offsets": True, "use_regex": True}
    return {
        "version": "1.0",
        "truncation": None,
        "padding": None,
        "added_tokens": [{"id": 0, "content": "<pad>"} | flags],
        "normalizer": None,
        "pre_tokenizer": before,
        "post_processor": None,
        "decoder": None,
        "model": model,
    }


def spec():
    present = {"observations": 0, "stride": 0}
    colours = {"kind": "min_max", "tensors": ["colour.least", "colour.most"]}
    inputs = [
        {"source": "camera", "name": f"pixels.{camera}", "cameras": [camera], "dtype": "float32", "layout": "nchw"}
        | {"range": "0_1", "normalise": colours, "history": present}
        for camera in ("camera", "wrist")
    ]
    state = {"kind": "mean_sd", "tensors": ["state.mean", "state.sd"]}
    inputs += [
        {"source": "joints", "name": "state", "dtype": "float32", "pad_to": WIDTH, "normalise": state}
        | {"history": {"observations": 2, "stride": 2}},
        {"source": "language_ids", "name": "ids", "dtype": "int64"},
        {"source": "language_mask", "name": "mask", "dtype": "float32"},
        {"source": "action_prefix", "name": "prefix", "dtype": "float32"},
        {"source": "action_prefix_length", "name": "prefix_length", "dtype": "int64"},
        {"source": "chunk", "name": "x_t", "dtype": "float32"},
        {"source": "time", "name": "t", "dtype": "float32"},
    ]
    crop = {"x": 0.0, "y": 0.0, "width": 1.0, "height": 1.0}
    language = {"kind": "tokenizer", "file": "tokenizer.json", "prompt": "{instruction}.", "lower_case": True}
    language |= {"special_tokens": False, "begin": [], "end": [], "length": LENGTH, "padding": "right", "pad_id": 0}
    return {
        "format": 2,
        "cameras": [
            {"name": name, "width": PIXELS, "height": PIXELS, "rectify": False, "crop": crop}
            for name in ("camera", "wrist")
        ],
        "joint_names": JOINTS,
        "action_space": {"kind": "joint_deltas", "joints": JOINTS, "scale_rad": [0.02] * 3},
        "chunk": {"horizon": HORIZON, "period_s": 0.1},
        "graph": {
            "files": {"encode": "encode.onnx", "step": "step.onnx"},
            "inputs": inputs,
            "outputs": {"velocity": "wanted"},
            "actions": {"skip": SKIP, "pad_to": WIDTH}
            | {"normalise": {"kind": "quantile", "tensors": ["action.low", "action.high"]}},
        },
        "head": {"kind": "flow", "steps": STEPS, "sampler": "ode", "noise": 0.7},
        "language": language,
        "parameters": {"trained": ["*"], "frozen": [], "adapters": {"rank": 0, "weights": []}},
        "execution": {"actions": 2, "ensemble": -1.0},
        "limits": {"load_s": 60.0, "inference_s": 0.5, "memory_mb": 1024},
        "probe": {"tolerance": 1e-4},
        "lineage": {"parent": "", "rollouts": [], "settings": {}, "measured": {"successes": 0, "episodes": 0}},
        "files": dict.fromkeys(FILES, ""),
    }


def graphs():
    """Both graphs, whose weights have no values yet."""
    nodes, inputs = [], []

    def node(kind, *of, **attributes):
        nodes.append(helper.make_node(kind, list(of), [f"v{len(nodes)}"], name=f"n{len(nodes)}", **attributes))
        return f"v{len(nodes) - 1}"

    def constant(value, kind=FLOAT):
        array = np.array(value, np.float32 if kind == FLOAT else np.int64)
        return node("Constant", value=onnx.numpy_helper.from_array(array))

    total = constant([0.0])
    for name, shape in SHAPES.items():
        kind = INT64 if name in ("ids", "prefix_length") else FLOAT
        inputs.append(helper.make_tensor_value_info(name, kind, shape))
        value = name
        if name == "ids":
            value = node("Gather", "embedding", "ids")
        elif name == "prefix_length":
            value = node("Cast", name, to=FLOAT)
        flat = node("Reshape", value, constant([1, -1], INT64))
        mean = node("ReduceMean", flat, constant([1], INT64), keepdims=0)
        total = node("Add", total, node("Mul", mean, constant([FACTORS.get(name, 0.1)])))
    nodes.append(helper.make_node("Mul", [total, "gain"], ["seen"], name="seen"))
    seen = helper.make_tensor_value_info("seen", FLOAT, [1])
    encode = helper.make_graph(nodes, "encode", inputs, [seen])
    nodes = []
    chunk = helper.make_tensor_value_info("x_t", FLOAT, [1, ROWS, WIDTH])
    inputs = [seen, chunk, helper.make_tensor_value_info("t", FLOAT, [1])]
    late = node("Add", "seen", node("Mul", "t", constant([0.01])))
    late = node("Add", late, node("Mul", "x_t", "gain"))
    nodes.append(helper.make_node("Add", [late, "bias"], ["wanted"], name="wanted"))
    step = helper.make_graph(nodes, "step", inputs, [helper.make_tensor_value_info("wanted", FLOAT, [1, ROWS, WIDTH])])
    opset = [helper.make_opsetid("", 20)]
    return {
        "encode.onnx": (helper.make_model(encode, opset_imports=opset, ir_version=9), ["embedding", "gain"]),
        "step.onnx": (helper.make_model(step, opset_imports=opset, ir_version=9), ["gain", "bias"]),
    }


def offsets(data):
    """Where each array lies in a safetensors file."""
    begin = 8 + int.from_bytes(data[:8], "little")
    header = json.loads(data[8:begin])
    header.pop("__metadata__", None)
    return {name: tuple(begin + at for at in array["data_offsets"]) for name, array in header.items()}


def write(folder, bias):
    folder = pathlib.Path(folder)
    folder.mkdir()
    random = np.random.default_rng(4)
    weights = {name: np.array(value, np.float32) for name, value in STATISTICS.items()}
    weights["embedding"] = (0.05 * np.arange(len(LETTERS) + 1)).astype(np.float32)
    weights["gain"] = np.array([0.5], np.float32)
    weights["bias"] = (bias + random.uniform(-0.2, 0.2, (1, ROWS, WIDTH))).astype(np.float32)
    data = save(weights, {"format": "pt"})
    (folder / "policy.safetensors").write_bytes(data)
    for file, (model, names) in graphs().items():
        for name in names:
            begin, end = offsets(data)[name]
            tensor = TensorProto(name=name, data_type=FLOAT, dims=weights[name].shape)
            tensor.data_location = TensorProto.EXTERNAL
            for key, value in (("location", "policy.safetensors"), ("offset", begin), ("length", end - begin)):
                tensor.external_data.add(key=key, value=str(value))
            model.graph.initializer.append(tensor)
        (folder / file).write_bytes(model.SerializeToString())
    (folder / "tokenizer.json").write_text(json.dumps(tokenizer()))
    (folder / "probe.safetensors").write_bytes(probe(folder))
    (folder / "bundle.json").write_text(json.dumps(spec(), indent=2) + "\n")


def probe(folder):
    """Two observations, and what ONNX Runtime and NumPy make of them."""
    random = np.random.default_rng(9)
    statistics = {name: np.array(value, np.float64) for name, value in STATISTICS.items()}
    pictures = {name: random.integers(0, 256, (2, 2, PIXELS, PIXELS, 3), np.uint8) for name in ("camera", "wrist")}
    joints = random.uniform(-1, 1, (2, 2, 3)).astype(np.float32)
    noise = random.standard_normal((2, ROWS, WIDTH)).astype(np.float32)
    text = (INSTRUCTION + ".").replace(" ", "Ġ")
    ids = np.zeros((1, LENGTH), np.int64)
    ids[0, : len(text)] = [LETTERS.index(letter) + 1 for letter in text]
    sessions = {name: onnxruntime.InferenceSession(folder / f"{name}.onnx") for name in ("encode", "step")}
    outputs, actions = [], []
    for n in range(2):
        inputs = {"ids": ids, "mask": (ids > 0).astype(np.float32), "prefix_length": np.zeros(1, np.int64)}
        inputs["prefix"] = np.zeros((1, ROWS, WIDTH), np.float32)
        for name, seen in pictures.items():
            least, most = statistics["colour.least"], statistics["colour.most"]
            value = 2 * (seen[n, 1] / 255.0 - least) / (most - least) - 1
            inputs[f"pixels.{name}"] = value.transpose(2, 0, 1)[None].astype(np.float32)
        state = np.zeros((1, 2, WIDTH), np.float32)
        state[0, :, :3] = (joints[n] - statistics["state.mean"]) / (statistics["state.sd"] + 1e-8)
        seen = sessions["encode"].run(None, inputs | {"state": state})[0]

        def velocity(x, t, seen=seen):
            given = {"seen": seen, "x_t": x[None].astype(np.float32), "t": np.array([t], np.float32)}
            return sessions["step"].run(None, given)[0][0]

        outputs.append(velocity(noise[n], 0.5))
        x = noise[n].astype(np.float64)
        for s in range(STEPS, 0, -1):
            x = x - velocity(x, s / STEPS) / STEPS
        low, high = statistics["action.low"], statistics["action.high"]
        actions.append((x[SKIP:, :3] + 1) / 2 * (high - low) + low)
    arrays = {f"picture.{name}": seen for name, seen in pictures.items()}
    arrays |= {"joints": joints, "input.x_t": noise, "input.t": np.full(2, 0.5, np.float32)}
    arrays |= {"output.wanted": np.array(outputs, np.float32), "actions": np.array(actions, np.float32)}
    arrays["noise"] = noise.reshape(2, -1)
    return save(arrays, {f"instruction.{n}": INSTRUCTION for n in range(2)})


def signature(work, identity, key):
    """A signature of a bundle's id, as openssl makes it."""
    message = work / "message"
    message.write_bytes(f"reverie policy bundle {identity}\n".encode())
    command = ["openssl", "pkeyutl", "-sign", "-rawin", "-inkey", key, "-in", message]
    return subprocess.run(command, capture_output=True, check=True).stdout


def arrays(bundle, file, change):
    """Writes a safetensors file anew, with what a function makes of its arrays."""
    path = bundle.folder / file
    with safe_open(path, "np") as opened:
        about = opened.metadata()
    kept = {name: value.copy() for name, value in load_file(path).items()}
    change(kept)
    path.write_bytes(save(kept, about))


def value(bundle, chance, file, name, number):
    def change(kept):
        flat = kept[name].reshape(-1)
        flat[chance.randrange(flat.size)] = number

    arrays(bundle, file, change)
    return name


def moved(bundle, chance, file, name):
    def change(kept):
        was = kept[name]
        kept[name] = 255 - was if was.dtype == np.uint8 else (was + chance.uniform(0.3, 1)).astype(was.dtype)

    arrays(bundle, file, change)


def reshaped(bundle, chance, file, name):
    def change(kept):
        shape = list(kept[name].shape)
        shape[chance.randrange(len(shape))] += 1
        kept[name] = np.zeros(shape, kept[name].dtype)

    arrays(bundle, file, change)


def damage_weights(bundle, chance):
    kind = chance.choice(["huge", "nan", "cut", "flipped", "shape", "missing", "of one word"])
    file, name = "policy.safetensors", chance.choice(["gain", "bias"])
    if kind in ("huge", "nan"):
        value(bundle, chance, file, name, 1e30 if kind == "huge" else np.nan)
    elif kind == "of one word":
        value(bundle, chance, file, "embedding", np.nan)
    elif kind == "shape":
        reshaped(bundle, chance, file, name)
    elif kind == "missing":
        arrays(bundle, file, lambda kept: kept.pop(name))
    elif kind == "cut":
        cut(bundle, chance, file)
    else:
        data = bytearray((bundle.folder / file).read_bytes())
        begin, end = offsets(bytes(data))[name]
        at = chance.randrange(begin // 4, end // 4) * 4 + 3  # of sign and exponent
        data[at] ^= 1 << chance.randrange(3, 8)
        (bundle.folder / file).write_bytes(data)
    return f"weights {kind}"


def cut(bundle, chance, file):
    data = (bundle.folder / file).read_bytes()
    (bundle.folder / file).write_bytes(data[: chance.randrange(len(data))])


def damage_probe(bundle, chance):
    kind = chance.choice(["moved", "nan", "shape", "missing", "cut"])
    file, names = "probe.safetensors", ["joints", "output.wanted", "input.x_t", "actions", "noise"]
    if kind == "moved":
        moved(bundle, chance, file, chance.choice([*names, "picture.camera", "picture.wrist"]))
    elif kind == "nan":
        value(bundle, chance, file, chance.choice(names), np.nan)
    elif kind == "shape":
        reshaped(bundle, chance, file, chance.choice([*names[:4], "picture.wrist"]))
    elif kind == "missing":
        name = chance.choice(["joints", "output.wanted", "picture.camera", "input.t"])
        arrays(bundle, file, lambda kept: kept.pop(name))
    else:
        cut(bundle, chance, file)
    return f"probe {kind}"


def damage_graphs(bundle, chance):
    kind = chance.choice(["missing", "left out", "exchanged", "one twice", "opset", "cut", "flipped", "draws"])
    names = ["encode.onnx", "step.onnx"]
    name = chance.choice(names)
    path = bundle.folder / name
    if kind in ("missing", "left out"):
        path.unlink()
        if kind == "left out":
            del bundle.spec["graph"]["files"][name.removesuffix(".onnx")], bundle.spec["files"][name]
    elif kind in ("exchanged", "one twice"):
        first, second = [(bundle.folder / each).read_bytes() for each in names]
        (bundle.folder / names[0]).write_bytes(second)
        (bundle.folder / names[1]).write_bytes(first if kind == "exchanged" else second)
    elif kind == "cut":
        cut(bundle, chance, name)
    elif kind == "flipped":
        data = bytearray(path.read_bytes())
        words = [b"ReduceMean", b"Reshape", b"gain", b"bias", b"embedding", b"Mul"]
        word = chance.choice([each for each in words if each in data])
        data[data.index(word)] ^= 1 << chance.randrange(5)
        path.write_bytes(data)
    else:
        model = onnx.load(path, load_external_data=False)
        if kind == "opset":
            model.opset_import[0].version = chance.randrange(1, 20)
        else:
            operator = chance.choice(["RandomNormalLike", "RandomUniformLike", "Bernoulli"])
            model.graph.node.append(helper.make_node(operator, [model.graph.input[0].name], ["drawn"], name="drawn"))
        path.write_bytes(model.SerializeToString())
    return f"graph {kind}"


def damage_normalisation(bundle, chance):
    kind = chance.choice(["moved", "shape", "zero", "nan", "infinite", "exchanged", "missing"])
    file, name = "policy.safetensors", chance.choice(list(STATISTICS))
    if kind == "moved":
        moved(bundle, chance, file, name)
    elif kind == "shape":
        reshaped(bundle, chance, file, name)
    elif kind == "zero":
        value(bundle, chance, file, chance.choice(["state.sd", "colour.most", "action.high"]), 0)
    elif kind in ("nan", "infinite"):
        value(bundle, chance, file, name, np.nan if kind == "nan" else np.inf)
    elif kind == "missing":
        arrays(bundle, file, lambda kept: kept.pop(name))
    else:
        graph = bundle.spec["graph"]
        of = chance.choice([graph["inputs"][0], graph["inputs"][2], graph["actions"]])
        of["normalise"]["tensors"].reverse()
    return f"normalisation {kind}"


def damage_tokenizer(bundle, chance):
    kind = chance.choice(["cut", "exchanged", "incomplete", "no json", "empty"])
    path = bundle.folder / "tokenizer.json"
    file = json.loads(path.read_text())
    if kind == "cut":
        cut(bundle, chance, "tokenizer.json")
    elif kind in ("no json", "empty"):
        path.write_text("" if kind == "empty" else "{]")
    else:
        vocabulary = file["model"]["vocab"]
        if kind == "exchanged":
            a, b = chance.sample(LETTERS, 2)
            vocabulary[a], vocabulary[b] = vocabulary[b], vocabulary[a]
        else:
            of = chance.choice([file, file["model"], vocabulary])
            del of[chance.choice(list(of))]
        path.write_text(json.dumps(file))
    return f"tokenizer {kind}"


def damage_bindings(bundle, chance):
    graph = bundle.spec["graph"]
    inputs = {each["name"]: each for each in graph["inputs"]}
    kinds = ["cameras", "history", "pad", "dtype", "layout", "range", "source", "missing", "twice", "prefix"]
    kind = chance.choice([*kinds, "actions", "output"])
    if kind == "cameras":
        inputs["pixels.camera"]["cameras"], inputs["pixels.wrist"]["cameras"] = ["wrist"], ["camera"]
    elif kind == "history":
        inputs["state"]["history"] = {"observations": chance.randrange(4), "stride": chance.choice([0, 1, 3])}
    elif kind == "pad":
        inputs["state"]["pad_to"] = chance.choice([-1, 0, 2, 5, 400])
    elif kind == "dtype":
        inputs[chance.choice(list(inputs))]["dtype"] = chance.choice(["float16", "int32", "bool", "float64", ""])
    elif kind == "layout":
        inputs["pixels.wrist"]["layout"] = "nhwc"
    elif kind == "range":
        inputs["pixels.wrist"]["range"] = chance.choice(["0_255", "-1_1"])
    elif kind == "source":
        each = inputs[chance.choice(list(inputs))]
        source = chance.choice(["noise", "action_tokens", "joints", "camera", "torques"])
        name = each["name"]
        each.clear()
        each |= {"source": source, "name": name, "dtype": "float32"}
    elif kind == "missing":
        graph["inputs"].remove(inputs[chance.choice(list(inputs))])
    elif kind == "twice":
        graph["inputs"].append(dict(inputs[chance.choice(list(inputs))]))
    elif kind == "prefix":
        inputs["prefix"]["source"] = chance.choice(["noise", "chunk"])
    elif kind == "actions":
        graph["actions"][chance.choice(["skip", "pad_to"])] = chance.choice([-1, 0, 2, 3, 9])
    else:
        graph["outputs"]["velocity"] = chance.choice(["seen", "", "gain"])
    return f"binding {kind}"


DAMAGE = [damage_weights, damage_probe, damage_graphs, damage_normalisation, damage_tokenizer, damage_bindings]

