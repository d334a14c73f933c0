#!/usr/bin/env python3
"""A plain network of one's own as a policy bundle, the shortest way: docs/own-policy.md.

    cnn.py --policy FOLDER --task TASK.json --out BUNDLE

Put your own network in the place of `Network`; the folder holds its state_dict, model.safetensors.
"""

import bundle
import torch
from safetensors.torch import load_file
from torch import nn

NOW = {"observations": 0, "stride": 0}


class Network(nn.Module):
    """Pictures [B, H, W, 3] of bytes and joints [B, J] in rad to actions [B, K, D] in [-1, 1] of the action space."""

    def __init__(self, cameras: list[dict], joints: int, horizon: int, values: int):
        super().__init__()
        self.shape = (horizon, values)
        self.views = nn.ModuleList()
        for camera in cameras:
            cells = -(-camera["height"] // 8) * -(-camera["width"] // 8)
            layers = [
                nn.Conv2d(3, 16, 5, 2, 2),
                nn.SiLU(),
                nn.Conv2d(16, 32, 3, 2, 1),
                nn.SiLU(),
                nn.Conv2d(32, 32, 3, 2, 1),
            ]
            self.views.append(nn.Sequential(*layers, nn.SiLU(), nn.Flatten(), nn.Linear(32 * cells, 128)))
        self.joints = nn.Linear(joints, 128)
        self.out = nn.Sequential(nn.SiLU(), nn.Linear(128, 128), nn.SiLU(), nn.Linear(128, horizon * values), nn.Tanh())

    def forward(self, joints, *pictures):
        h = self.joints(joints)
        for view, picture in zip(self.views, pictures, strict=True):
            h = h + view(picture.float().permute(0, 3, 1, 2) / 127.5 - 1)
        return self.out(h).reshape(-1, *self.shape)


def network(told: dict, batch: int = 2) -> tuple[Network, dict[str, torch.Tensor]]:
    """What is exported, and examples of its inputs."""
    cameras, joints, values = told["cameras"], len(told["joint_names"]), bundle.dimensions(told["action_space"])
    inputs = {"joints": torch.randn(batch, joints)}
    for camera in cameras:
        inputs[f"picture_{camera['name']}"] = torch.zeros(
            batch, camera["height"], camera["width"], 3, dtype=torch.uint8
        )
    return Network(cameras, joints, told["chunk"]["horizon"], values), inputs


def wrapped(options) -> bundle.Wrapped:
    """The network, and what it says by itself of some observations."""
    told = bundle.task(options)
    torch.manual_seed(options.random or 0)
    module, inputs = network(told)
    if options.policy:
        module.load_state_dict(load_file(options.policy / "model.safetensors"))
    names, space = told["joint_names"], told["action_space"]
    sizes = {camera["name"]: (camera["height"], camera["width"]) for camera in told["cameras"]}
    line = bundle.Line([1.0] * len(names), [0.0] * len(names))
    probe = bundle.observations(options, told, line, torch.zeros(len(names)), torch.ones(len(names)), sizes, 1)
    with torch.no_grad():
        probe["output.actions"] = module(probe["joints"][:, 0], *(probe[f"picture.{camera}"][:, 0] for camera in sizes))
    probe["actions"] = bundle.action_line(space).of(probe["output.actions"])
    views = [
        {"source": "camera", "name": f"picture_{camera}", "cameras": [camera], "dtype": "uint8", "history": NOW}
        for camera in sizes
    ]
    spec = told | {
        "graph": {
            "inputs": [{"source": "joints", "name": "joints", "dtype": "float32", "history": NOW}, *views],
            "outputs": {"actions": "actions"},
        },
        "head": {"kind": "regression", "noise": [0.05] * bundle.dimensions(space)},
        "execution": {"actions": options.executed or told["chunk"]["horizon"], "ensemble": -1.0},
    }
    return bundle.Wrapped(module, inputs, ["actions"], spec, {}, probe)


if __name__ == "__main__":
    bundle.main(bundle.parser(__doc__), wrapped)
