#!/usr/bin/env python3
"""The world model's transformer in PyTorch: the peer of dev.reverie.trainer.model.Transformer.

    bench/transformer.py >src/trainer/test/resources/dev/reverie/trainer/model/transformer.txt

prints, under the weights and inputs of TransformerTest, the prediction and the gradient of every parameter, each as its
sum of products with a wave and its norm. bench/trainer.py times the same network.

    bench/transformer.py --flops

prints what PyTorch counts of the networks of ShapesTest: FLOPs of the past and of the new frames, and parameters.
"""

import math
import sys

import torch
from torch import nn
from torch.nn import functional as F
from torch.nn.attention import SDPBackend, sdpa_kernel
from torch.utils.flop_counter import FlopCounterMode

FREQUENCIES = 128


def frequencies(count):
    return torch.exp(torch.arange(count, dtype=torch.float64) * (-math.log(10_000) / count)).float()


def positions(at, width):
    angles = at[..., None] * frequencies(width // 2)
    return torch.cat([angles.sin(), angles.cos()], -1)


def turned(x, first):
    """Rotary position embedding of [N, H, L, d], the halves being the pairs."""
    angles = torch.arange(first, first + x.shape[2])[:, None] * frequencies(x.shape[-1] // 2)
    cos, sin, (a, b) = angles.cos(), angles.sin(), x.chunk(2, -1)
    return torch.cat([a * cos - b * sin, b * cos + a * sin], -1)


def up_to(first, rows, columns):
    row = torch.arange(first, first + rows).clamp(min=0)[:, None]
    return torch.zeros(rows, columns).masked_fill(torch.arange(columns) > row, -math.inf)


class Attention(nn.Module):
    def __init__(self, width, heads):
        super().__init__()
        self.heads = heads
        self.q, self.kv, self.proj = nn.Linear(width, width), nn.Linear(width, 2 * width), nn.Linear(width, width)
        self.q_norm = nn.Parameter(torch.ones(width // heads))
        self.k_norm = nn.Parameter(torch.ones(width // heads))

    def memory(self, tokens, first=None):
        keys, values = self.kv(tokens).unflatten(-1, (2, self.heads, -1)).unbind(2)
        keys = F.rms_norm(keys.transpose(1, 2), self.k_norm.shape, self.k_norm, 1e-6)
        return (keys if first is None else turned(keys, first)), values.transpose(1, 2)

    def forward(self, tokens, memory, mask=None, first=None):
        queries = self.q(tokens).unflatten(-1, (self.heads, -1)).transpose(1, 2)
        queries = F.rms_norm(queries, self.q_norm.shape, self.q_norm, 1e-6)
        queries = queries if first is None else turned(queries, first)
        seen = F.scaled_dot_product_attention(queries, *memory, attn_mask=mask)
        return self.proj(seen.transpose(1, 2).flatten(2))


class Block(nn.Module):
    def __init__(self, width, heads, cross):
        super().__init__()
        self.table, self.attn = nn.Parameter(torch.zeros(6, width)), Attention(width, heads)
        if cross:
            self.cross = Attention(width, heads)
        self.fc1, self.fc2 = nn.Linear(width, 4 * width), nn.Linear(4 * width, width)

    def modulation(self, shared):
        """[B, F, 6 d] to shift, scale and gate twice, each [B, F, 1, d]."""
        return [part[:, :, None] for part in (shared.unflatten(-1, (6, -1)) + self.table).unbind(2)]

    def normed(self, x):
        return F.layer_norm(x, x.shape[-1:], eps=1e-6)

    def over_space(self, x, m):
        h = (self.normed(x) * (1 + m[1]) + m[0]).flatten(0, 1)
        return x + m[2] * self.attn(h, self.attn.memory(h)).view_as(x)

    def places(self, x, m):
        return (self.normed(x) * (1 + m[1]) + m[0]).transpose(1, 2).flatten(0, 1)

    def over_time(self, x, m, memory, mask, first):
        seen = self.attn(self.places(x, m), memory, mask, first)
        return x + m[2] * seen.view(x.shape[0], x.shape[2], x.shape[1], x.shape[3]).transpose(1, 2)

    def rest(self, x, m, told, mask):
        if hasattr(self, "cross"):
            each = mask.repeat_interleave(x.shape[2], 0)
            x = x + self.cross(self.normed(x).flatten(1, 2), self.cross.memory(told), each).view_as(x)
        h = self.normed(x) * (1 + m[4]) + m[3]
        return x + m[5] * self.fc2(F.gelu(self.fc1(h), approximate="tanh"))


class Transformer(nn.Module):
    """predict() with the past taken in by past(); the target is the clean frames less the newest one."""

    def __init__(
        self,
        k,
        actions,
        channels,
        width,
        depth,
        heads,
        patch,
        memory=2,
        reference=False,
        retained=False,
        cross=False,
        every=False,
    ):
        super().__init__()
        self.k, self.patch, self.memory, self.reference, self.retained = k, patch, memory, reference, retained
        self.every = every  # whether actions modulate the temporal blocks too
        self.slots = memory + reference
        self.patches = nn.Conv2d(channels, width, patch, patch)
        self.times = nn.Sequential(nn.Linear(2 * FREQUENCIES, width), nn.SiLU(), nn.Linear(width, width))
        self.actions = nn.Sequential(nn.Linear(2 * actions, 4 * width), nn.SiLU(), nn.Linear(4 * width, width))
        self.shared = nn.Linear(width, 6 * width)
        if cross:
            self.no_action = nn.Parameter(torch.randn(1, width) * 0.02)
        self.spatial = nn.ModuleList(Block(width, heads, cross) for _ in range(depth))
        self.temporal = nn.ModuleList(Block(width, heads, cross) for _ in range(depth))
        self.out_shared, self.out = nn.Linear(width, 2 * width), nn.Linear(width, channels * patch * patch)

    def embedded(self, actions):
        return self.actions(torch.cat([actions, actions.cumsum(1)], -1))

    def tokens(self, frames):
        x = self.patches(frames.flatten(0, 1))
        rows, columns, width = x.shape[2], x.shape[3], x.shape[1]
        row = positions(torch.arange(rows), width // 2)[:, None].expand(-1, columns, -1)
        column = positions(torch.arange(columns), width // 2)[None].expand(rows, -1, -1)
        x = x.flatten(2).transpose(1, 2) + torch.cat([row, column], -1).flatten(0, 1)
        return x.unflatten(0, frames.shape[:2])

    def past(self, frames, led, actions, level):
        embedded = self.embedded(actions)
        levels = level[:, None].repeat(1, self.slots)
        if self.reference:
            levels[:, 0] = 0
        alone = self.times(positions(levels * 1000, 2 * FREQUENCIES))
        by, told = alone, embedded
        if self.retained:
            before = self.embedded(led)
            by = torch.cat([alone[:, : -self.memory], alone[:, -self.memory :] + before], 1)
            told = torch.cat([before, embedded], 1)
        if hasattr(self, "no_action"):
            told = torch.cat([self.no_action.expand(len(frames), 1, -1), told], 1)
            told = told + positions(torch.arange(told.shape[1]), told.shape[2])
        by, alone = self.shared(F.silu(by)), self.shared(F.silu(alone))
        offset = self.slots + self.k - told.shape[1]
        to_actions = up_to(-offset, self.slots, told.shape[1])
        x, seen = self.tokens(frames), []
        for i, (space, time) in enumerate(zip(self.spatial, self.temporal, strict=True)):
            x = self.in_frames(space, x, by, told, to_actions)
            m = time.modulation(by if self.every else alone)
            seen.append(time.attn.memory(time.places(x, m), 0))
            if i + 1 < len(self.spatial):
                x = time.over_time(x, m, seen[-1], up_to(0, self.slots, self.slots), 0)
                x = time.rest(x, m, told, to_actions)
        return embedded, told, seen

    def predict(self, z, tau, past):
        embedded, told, seen = past
        alone = self.times(positions(tau[:, None] * 1000, 2 * FREQUENCIES))
        by = F.silu(alone + embedded)
        shared, alone = self.shared(by), self.shared(F.silu(alone))
        offset = self.slots + self.k - told.shape[1]
        to_actions = up_to(self.slots - offset, self.k, told.shape[1])
        causal, x = up_to(self.slots, self.k, self.slots + self.k), self.tokens(z)
        for space, time, before in zip(self.spatial, self.temporal, seen, strict=True):
            x = self.in_frames(space, x, shared, told, to_actions)
            m = time.modulation(shared if self.every else alone)
            now = time.attn.memory(time.places(x, m), self.slots)
            both = [torch.cat(pair, 2) for pair in zip(before, now, strict=True)]
            x = time.rest(time.over_time(x, m, both, causal, self.slots), m, told, to_actions)
        shift, scale = self.out_shared(by).unflatten(-1, (2, -1))[:, :, None].unbind(3)
        x = F.layer_norm(x, x.shape[-1:], eps=1e-6) * (1 + scale) + shift
        squares = self.out(x).flatten(0, 1).transpose(1, 2)
        squares = squares.unflatten(2, (z.shape[3] // self.patch, z.shape[4] // self.patch))
        return F.pixel_shuffle(squares, self.patch).view_as(z)

    @staticmethod
    def in_frames(block, x, shared, told, mask):
        m = block.modulation(shared)
        return block.rest(block.over_space(x, m), m, told, mask)

    def forward(self, z, frames, led, actions, tau, level):
        return frames[:, -1:] + self.predict(z, tau, self.past(frames, led, actions, level))

    @torch.no_grad()
    def sample(self, frames, led, actions, taus=(1.0, 0.5)):
        b = len(frames)
        noisy = frames + 0.05 * torch.randn_like(frames)
        z, past = torch.randn(b, self.k, *frames.shape[2:]), self.past(noisy, led, actions, torch.full((b,), 0.05))
        for tau, after in zip(taus, (*taus[1:], 0.0), strict=True):
            x = noisy[:, -1:] + self.predict(z, torch.full((b,), tau), past)
            z = x + (z - x) * (after / tau)
        return z


def wave(phase, *shape, frequency=0.31, height=1.0):
    at = torch.arange(math.prod(shape), dtype=torch.float64)
    return (height * torch.sin(at * frequency + phase)).float().view(shape)


def flops():
    for name, cross, memory in (("wmpo", False, 2), ("wovr", True, 4)):
        model = Transformer(4, 2, 8, 64, 3, 4, 2, memory=memory, reference=cross, retained=cross, cross=cross)
        counts = []
        with sdpa_kernel(SDPBackend.MATH):  # the others are not counted
            with FlopCounterMode(display=False) as counter:
                past = model.past(
                    torch.randn(1, memory + cross, 8, 12, 12),
                    torch.randn(1, memory, 2),
                    torch.randn(1, 4, 2),
                    torch.rand(1),
                )
            counts.append(counter.get_total_flops())
            with FlopCounterMode(display=False) as counter:
                model.predict(torch.randn(1, 4, 8, 12, 12), torch.rand(1), past)
            counts.append(counter.get_total_flops())
        print(name, *counts, sum(parameter.numel() for parameter in model.parameters()))


def main():
    torch.set_num_threads(1)
    if sys.argv[1:] == ["--flops"]:
        flops()
        return
    for name, cross, every in (("wmpo", False, False), ("wovr", True, False), ("every", True, True)):
        model = Transformer(
            4, 2, 8, 16, 2, 2, 3, memory=3, reference=cross, retained=cross, cross=cross, every=every
        )  # fmt: skip
        for parameter, tensor in model.named_parameters():
            phase = sum(parameter.encode()) % 97
            tensor.data = wave(phase, *tensor.shape, frequency=0.7, height=0.1) + parameter.endswith("_norm")
        predicted = model(
            wave(1, 2, 4, 8, 12, 12), wave(2, 2, 3 + cross, 8, 12, 12), wave(4, 2, 3, 2), wave(3, 2, 4, 2),
            torch.tensor([1, 0.5]), torch.tensor([0.05, 0.2]),
        )  # fmt: skip
        predicted.square().mean().backward()
        said = {"prediction": predicted} | {key: tensor.grad for key, tensor in model.named_parameters()}
        for key, tensor in said.items():
            product = (tensor * wave(5, *tensor.shape)).sum().item()
            print(name, key, f"{product:.9g}", f"{tensor.norm().item():.9g}")


if __name__ == "__main__":
    main()
