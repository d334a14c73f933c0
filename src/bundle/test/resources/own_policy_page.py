#!/usr/bin/env python3
"""The policy of docs/own-policy.md, exported by the page's own lines: graph.onnx, model.safetensors, probe.safetensors.

    pip install torch==2.10.0 onnx==1.23.2 onnxscript==0.7.2 safetensors && python3 own_policy_page.py FOLDER

The test has them in own_policy_page.zip.
"""

import os
import re
import sys
from pathlib import Path

import onnx
import safetensors.torch
import torch
from torch import nn

PAGE = Path(__file__).resolve().parents[4] / "docs" / "own-policy.md"
HORIZON, JOINTS = 20, 6
STATISTICS = {
    "observation.images.front.mean": torch.tensor([0.4, 0.5, 0.6]).reshape(3, 1, 1),
    "observation.images.front.std": torch.tensor([0.2, 0.3, 0.25]).reshape(3, 1, 1),
    "observation.state.mean": torch.linspace(-0.5, 0.5, JOINTS),
    "observation.state.std": torch.linspace(0.5, 1.0, JOINTS),
    "action.mean": torch.linspace(-0.4, 0.4, JOINTS),
    "action.std": torch.linspace(0.4, 0.2, JOINTS),
}


class Policy(nn.Module):
    def __init__(self):
        super().__init__()
        self.see = nn.Conv2d(3, 8, 16, stride=16)
        self.feel = nn.Linear(JOINTS, 8)
        self.act = nn.Linear(8, HORIZON * JOINTS)

    def forward(self, front, state):
        seen = torch.relu(self.see(front)).mean((2, 3))
        return self.act(torch.tanh(seen + self.feel(state))).reshape(-1, HORIZON, JOINTS)


def normalised(values, name):
    return (values - STATISTICS[name + ".mean"]) / (STATISTICS[name + ".std"] + 1e-8)


def main():
    os.chdir(sys.argv[1])
    torch.manual_seed(1)
    policy = Policy()
    front, state = torch.rand(2, 3, 96, 128), torch.randn(2, JOINTS)
    lines = re.search(r"```python\n(.*?)```", PAGE.read_text(), re.DOTALL)[1]
    exec(lines, {"torch": torch, "safetensors": safetensors, "policy": policy, "front": front, "state": state})
    graph = onnx.load("graph.onnx")  # without where the program stood on the machine that exported it
    for node in graph.graph.node:
        del node.metadata_props[:]
    onnx.save(graph, "graph.onnx")
    Path("graph.onnx.data").unlink(missing_ok=True)
    weights = safetensors.torch.load_file("model.safetensors")
    safetensors.torch.save_file(weights | STATISTICS, "model.safetensors")
    pictures = torch.randint(256, (3, 1, 96, 128, 3), dtype=torch.uint8)
    joints = 0.3 * torch.randn(3, 1, JOINTS)
    with torch.no_grad():
        seen = normalised(pictures[:, 0].permute(0, 3, 1, 2) / 255, "observation.images.front")
        out = policy(seen, normalised(joints[:, 0], "observation.state"))
    probe = {"picture.front": pictures, "joints": joints, "output.out": out.contiguous()}
    safetensors.torch.save_file(probe, "probe.safetensors")


if __name__ == "__main__":
    main()
