#!/usr/bin/env python3
"""Joints in imagination in PyTorch: the peer of dev.reverie.trainer.model.JointHead of kind DYNAMICS.

    bench/joints.py

prints what NetworksTest expects of the same weights and inputs (pip install torch==2.10.0).
"""

import math

import torch
from torch import nn

JOINTS, ACTIONS, STEP_RAD = 3, 2, 0.1


def wave(phase, *shape):
    return torch.sin(torch.arange(math.prod(shape), dtype=torch.float64) * 0.31 + phase).float().view(shape)


class Dynamics(nn.Module):
    def __init__(self):
        super().__init__()
        self.a = nn.Linear(2 * JOINTS + 2 * ACTIONS, 64)
        self.b = nn.Linear(64, JOINTS)
        self.g = nn.Linear(JOINTS, JOINTS)

    def forward(self, before, led, actions, shown):
        was, now, path = before[:, -2], before[:, -1], []
        for t in range(actions.shape[1]):
            h = nn.functional.silu(self.a(torch.cat([now, (now - was) / STEP_RAD, led, actions[:, t]], 1)))
            expected = now + STEP_RAD * self.b(h)
            apart = shown[:, t] - expected
            was, now, led = now, expected + self.g(apart.abs() / STEP_RAD).sigmoid() * apart, actions[:, t]
            path.append(now)
        return torch.stack(path, 1)


class Head(nn.Module):
    def __init__(self):
        super().__init__()
        self.c = nn.Conv2d(8, 16, 3, 2, 1)
        self.a = nn.Linear(16 * 36, 128)
        self.b = nn.Linear(128, JOINTS)
        self.m = Dynamics()

    def forward(self, before, led, actions, latents):
        h = nn.functional.silu(self.c(latents.flatten(0, 1))).flatten(1)
        shown = self.b(nn.functional.silu(self.a(h))).view(*latents.shape[:2], JOINTS)
        return self.m(before, led, actions, shown)


def main():
    head = Head()
    with torch.no_grad():
        for name, tensor in head.named_parameters():
            phase = sum(map(ord, name)) % 97
            at = torch.arange(tensor.numel(), dtype=torch.float64)
            tensor.copy_((0.1 * torch.sin(at * 0.7 + phase)).float().view(tensor.shape))
        path = head(wave(1, 2, 2, JOINTS), wave(2, 2, ACTIONS), wave(3, 2, 4, ACTIONS), wave(6, 2, 4, 8, 12, 12))
    print("after the last of four actions:", [round(float(value), 7) for value in path[:, -1].flatten()])


if __name__ == "__main__":
    main()
