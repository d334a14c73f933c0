#!/usr/bin/env python3
"""A policy of two views and K = 16 in PyTorch, for the arm of arms/simulated_so101.yaml.

    bench/two_views.py out/two-views/untrained

writes it untrained, as a bundle (pip install torch==2.10.0 onnxscript safetensors). `write` takes any policy: torch
exports the graph, its weights go into policy.safetensors, and each initializer of the graph points to its bytes there.
"""

import argparse
import hashlib
import json
import struct
from pathlib import Path

import onnx
import torch
from safetensors.numpy import save
from torch import nn

JOINTS = ["shoulder_pan", "shoulder_lift", "elbow_flex", "wrist_flex", "wrist_roll", "gripper"]
VIEWS = ["front", "wrist"]
HEIGHT, WIDTH = 48, 64
K, D, BINS = 16, len(JOINTS), 21
SPEC = {
    "format": 1,
    "cameras": [
        {
            "name": view,
            "width": WIDTH,
            "height": HEIGHT,
            "rectify": False,
            "crop": {"x": 0.0, "y": 0.0, "width": 1.0, "height": 1.0},
        }
        for view in VIEWS
    ],
    "joint_names": JOINTS,
    "action_space": {"kind": "joint_deltas", "joints": JOINTS, "scale_rad": [0.16] * D},
    "chunk": {"horizon": K, "period_s": 0.1},
    "head": {"kind": "tokens", "bins": BINS},
    "vocabulary": {"kind": "none", "words": [], "length": 0},
    "frozen": [],
    "lineage": {"parent": "", "rollouts": [], "settings": {}, "measured": {"successes": 0, "episodes": 0}},
}


class View(nn.Module):
    """What one camera shows, [B, hidden]."""

    def __init__(self, width, hidden):
        super().__init__()
        self.conv1 = nn.Conv2d(3, width, 5, 2, 2)
        self.conv2 = nn.Conv2d(width, 2 * width, 3, 2, 1)
        self.conv3 = nn.Conv2d(2 * width, 2 * width, 3, 2, 1)
        self.out = nn.Linear(2 * width * HEIGHT * WIDTH // 64, hidden)

    def forward(self, image):
        h = image.float().permute(0, 3, 1, 2) / 127.5 - 1
        for conv in (self.conv1, self.conv2, self.conv3):
            h = nn.functional.silu(conv(h))
        return self.out(h.flatten(1))


class Policy(nn.Module):
    """Two pictures and the joints to the logits of K actions; it takes no instruction."""

    def __init__(self, width, hidden):
        super().__init__()
        self.front, self.wrist = View(width, hidden), View(width, hidden)
        self.joints = nn.Linear(D, hidden)
        self.hidden = nn.Linear(hidden, hidden)
        self.logits = nn.Linear(hidden, K * D * BINS)

    def forward(self, front, wrist, joints):
        h = nn.functional.silu(self.front(front) + self.wrist(wrist) + self.joints(joints))
        h = h + nn.functional.silu(self.hidden(h))
        return self.logits(h).view(-1, K, D, BINS)


def write(policy, inputs, outputs, spec, folder):
    """Exports a policy as a bundle; `inputs` are examples by name, in the order that it takes them."""
    batch = torch.export.Dim("batch")
    model = torch.onnx.export(
        policy.eval(),
        tuple(inputs.values()),
        input_names=list(inputs),
        output_names=outputs,
        dynamic_shapes=tuple({0: batch} for _ in inputs),
        opset_version=20,
        dynamo=True,
        optimize=False,
        verbose=False,
    ).model_proto
    for node in model.graph.node:  # where in the source each node comes from
        node.ClearField("metadata_props")
        node.ClearField("doc_string")
    model.graph.ClearField("value_info")
    del model.graph.metadata_props[:], model.metadata_props[:]
    folder.mkdir(parents=True)
    file = folder / "policy.safetensors"
    content = save({one.name: onnx.numpy_helper.to_array(one).copy() for one in model.graph.initializer})
    file.write_bytes(content)
    (length,) = struct.unpack("<Q", content[:8])
    places = json.loads(content[8 : 8 + length])
    for one in model.graph.initializer:
        begin, end = places[one.name]["data_offsets"]
        at = {"location": file.name, "offset": str(8 + length + begin), "length": str(end - begin)}
        one.ClearField("raw_data")
        one.data_location = onnx.TensorProto.EXTERNAL
        del one.external_data[:]
        one.external_data.extend(onnx.StringStringEntryProto(key=k, value=v) for k, v in at.items())
    graph = model.SerializeToString()
    (folder / "policy.onnx").write_bytes(graph)
    files = {"policy.onnx": graph, file.name: content}
    hashes = {name: hashlib.sha256(data).hexdigest() for name, data in files.items()}
    (folder / "bundle.json").write_text(json.dumps(spec | {"files": hashes}, indent=2) + "\n")


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("bundle", type=Path, help="folder; must not exist yet")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--width", type=int, default=32, help="channels of the first layer (32)")
    parser.add_argument("--hidden", type=int, default=256, help="of the layers behind the views (256)")
    args = parser.parse_args()
    torch.manual_seed(args.seed)
    picture = torch.zeros(2, HEIGHT, WIDTH, 3, dtype=torch.uint8)
    inputs = {f"image.{view}": picture for view in VIEWS} | {"joint_positions": torch.zeros(2, D)}
    write(Policy(args.width, args.hidden), inputs, ["logits"], SPEC, args.bundle)


if __name__ == "__main__":
    main()
