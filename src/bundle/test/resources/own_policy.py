#!/usr/bin/env python3
"""A small policy of PyTorch as its program would leave it: writes graph.onnx, model.safetensors and probe.safetensors.

    pip install torch==2.10.0 onnx==1.23.2 onnxscript==0.7.2 safetensors && python3 own_policy.py FOLDER

Pictures go through a convolution and batch normalisation, whose statistics are buffers, and through attention, which
the exporter writes with sequences; a table is a buffer that no state dict has.
"""

import sys
from pathlib import Path

import torch
from safetensors.torch import save_file
from torch import nn


class Encoder(nn.Module):
    def __init__(self):
        super().__init__()
        self.conv = nn.Conv2d(3, 8, 4, stride=4)
        self.norm = nn.BatchNorm2d(8)
        self.attention = nn.MultiheadAttention(8, 2, batch_first=True)
        self.register_buffer("places", torch.arange(8.0)[:, None] * torch.ones(8) / 8, persistent=False)

    def forward(self, picture):
        seen = self.norm(self.conv(picture)).flatten(2).transpose(1, 2) + self.places.sin()
        return self.attention(seen, seen, seen)[0].mean(1)


class Policy(nn.Module):
    def __init__(self):
        super().__init__()
        self.encoder = Encoder()
        self.joints = nn.Linear(2, 8)
        self.head = nn.Linear(8, 6)
        self.unused = nn.Linear(4, 4)

    def forward(self, picture, state):
        return self.head(torch.tanh(self.encoder(picture) + self.joints(state))).reshape(-1, 3, 2)


class Wrapped(nn.Module):
    """What is exported: its names have one word more than the state dict's."""

    def __init__(self, policy):
        super().__init__()
        self.policy = policy

    def forward(self, picture, state):
        return self.policy(picture, state)


def main():
    folder = Path(sys.argv[1])
    torch.manual_seed(1)
    policy = Policy()
    with torch.no_grad():
        for weight in policy.parameters():
            weight += 0.1 * torch.randn_like(weight)
        policy.encoder.norm.running_mean.uniform_()
        policy.encoder.norm.running_var.uniform_(0.5, 1.5)
    policy.eval()
    example = {"picture": torch.rand(2, 3, 8, 16), "state": torch.randn(2, 2)}
    batch = torch.export.Dim("batch")
    program = torch.onnx.export(
        Wrapped(policy), tuple(example.values()), input_names=list(example), output_names=["actions"],
        dynamic_shapes={"picture": {0: batch}, "state": {0: batch}}, dynamo=True, optimize=False, verbose=False,
    )  # fmt: skip
    for node in program.model.graph:
        node.metadata_props.clear()  # where the program stood on the machine that exported it
    program.save(folder / "graph.onnx", external_data=False)
    mean, deviation = torch.tensor([0.1, -0.2]), torch.tensor([0.5, 2.0])
    state = {name: value.contiguous() for name, value in policy.state_dict().items()}
    save_file(state | {"state.mean": mean, "state.std": deviation}, folder / "model.safetensors")
    pictures = torch.randint(256, (3, 1, 8, 16, 3), dtype=torch.uint8)
    joints = torch.randn(3, 1, 2)
    with torch.no_grad():
        seen = pictures[:, 0].permute(0, 3, 1, 2) / 255
        actions = policy(seen, (joints[:, 0] - mean) / (deviation + 1e-8))
    save_file(
        {"picture.front": pictures, "joints": joints, "output.actions": actions.contiguous()},
        folder / "probe.safetensors",
    )


if __name__ == "__main__":
    main()
