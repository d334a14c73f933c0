#!/usr/bin/env python3
"""Networks of one's own in PyTorch, as docs/format-models.md asks for them: the peers of OwnGraph's tests.

    bench/models.py src/trainer/test/resources/dev/reverie/trainer/model/own

exports a small world model, an auto-encoder and a reward classifier (pip install torch==2.10.0 onnxscript) and writes
beside them, to models.txt, what PyTorch says of their outputs and of every parameter's gradient under the inputs of
OwnGraphTest, each as its sum of products with a wave and its norm. The world model's weights lie beside its graph, the
others' inside.
"""

import math
import sys
from pathlib import Path

import torch
from torch import nn
from torch.nn import functional as F

K, SLOTS, D, CHANNELS, CELLS, SIDE, TASKS = 4, 2, 2, 8, 12, 48, 2


def wave(phase, *shape, frequency=0.31, height=1.0):
    at = torch.arange(math.prod(shape), dtype=torch.float64)
    return (height * torch.sin(at * frequency + phase)).float().view(shape)


class WorldModel(nn.Module):
    """A U-Net of two levels with attention on the coarse one; the frames are channels of one picture."""

    def __init__(self, width=16):
        super().__init__()
        self.inp = nn.Conv2d((SLOTS + K) * CHANNELS, width, 3, 1, 1)
        self.told = nn.Linear(K * D + 2, 2 * width)
        self.norm = nn.GroupNorm(4, width)
        self.down = nn.Conv2d(width, 2 * width, 3, 2, 1)
        self.attention_norm = nn.LayerNorm(2 * width)
        self.qkv, self.proj = nn.Linear(2 * width, 6 * width), nn.Linear(2 * width, 2 * width)
        self.up = nn.Conv2d(2 * width, width, 3, 1, 1)
        self.out = nn.Conv2d(2 * width, K * CHANNELS, 3, 1, 1)
        self.register_buffer("steps", torch.linspace(0.5, 1, K).view(1, K, 1))

    def forward(self, frames, time, past, actions, past_noise):
        told = torch.cat([(actions * self.steps).flatten(1), time[:, None], past_noise[:, None]], 1)
        scale, shift = F.silu(self.told(told))[:, :, None, None].chunk(2, 1)
        fine = self.inp(torch.cat([past.flatten(1, 2), frames.flatten(1, 2)], 1))
        fine = F.silu(self.norm(fine) * (1 + scale) + shift)
        coarse = F.silu(self.down(fine))
        tokens = coarse.flatten(2).transpose(1, 2)
        q, k, v = self.qkv(self.attention_norm(tokens)).unflatten(-1, (3, 2, -1)).permute(2, 0, 3, 1, 4).unbind(0)
        seen = F.scaled_dot_product_attention(q, k, v).transpose(1, 2).flatten(2)
        coarse = (tokens + self.proj(seen)).transpose(1, 2).view_as(coarse)
        up = F.silu(self.up(F.interpolate(coarse, scale_factor=2.0, mode="nearest")))
        return self.out(torch.cat([up, fine], 1)).view_as(frames)


class AutoEncoder(nn.Module):
    def __init__(self, width=16):
        super().__init__()
        self.encoder = nn.Sequential(
            nn.Conv2d(3, width, 3, 2, 1, padding_mode="reflect"),
            nn.BatchNorm2d(width),
            nn.SiLU(),
            nn.Conv2d(width, 2 * width, 4, 2, 1),
            nn.GELU(),
            nn.Conv2d(2 * width, 2 * CHANNELS, 1),
        )
        self.decoder = nn.Sequential(
            nn.ConvTranspose2d(CHANNELS, 2 * width, 4, 2, 1),
            nn.SiLU(),
            nn.Conv2d(2 * width, 12, 3, 1, 1),
            nn.PixelShuffle(2),
        )

    def forward(self, image, latent):
        mean, log_variance = self.encoder(image).chunk(2, 1)
        return mean, log_variance, self.decoder(latent)


class Classifier(nn.Module):
    """Convolutions in space and time, modulated by the task; what it says may be success or progress."""

    def __init__(self, width=8):
        super().__init__()
        self.first = nn.Conv3d(3, width, (3, 4, 4), (1, 4, 4), (1, 0, 0))
        self.pool = nn.AvgPool3d((1, 2, 2))
        self.second = nn.Conv3d(width, 2 * width, 3, 1, 1)
        self.task = nn.Embedding(TASKS, 2 * width)
        self.slope = nn.PReLU(2 * width)
        self.hidden, self.out = nn.Linear(2 * width * 36, 16), nn.Linear(16, 1)

    def forward(self, clip, task):
        h = F.elu(self.first(clip.transpose(1, 2)))
        h = self.second(self.pool(h)) + self.task(task)[:, :, None, None, None]
        h = self.slope(h).amax(2)
        return self.out(F.hardswish(self.hidden(h.flatten(1)))).squeeze(1)


NETWORKS = {
    "world_model": (WorldModel, ["frames", "time", "past", "actions", "past_noise"], ["prediction"]),
    "vae": (AutoEncoder, ["image", "latent"], ["latent_mean", "latent_log_variance", "reconstruction"]),
    "classifier": (Classifier, ["clip", "task"], ["logit"]),
}
GIVEN = {
    "frames": wave(1, 2, K, CHANNELS, CELLS, CELLS),
    "time": torch.tensor([1, 0.5]),
    "past": wave(2, 2, SLOTS, CHANNELS, CELLS, CELLS),
    "actions": wave(3, 2, K, D),
    "past_noise": torch.tensor([0.05, 0.2]),
    "image": wave(4, 2, 3, SIDE, SIDE),
    "latent": wave(5, 2, CHANNELS, CELLS, CELLS),
    "clip": wave(6, 2, K, 3, SIDE, SIDE),
    "task": torch.tensor([0, 1]),
}


def export(network, name, inputs, outputs, folder):
    batch = torch.export.Dim("batch")
    program = torch.onnx.export(
        network,
        tuple(GIVEN[given] for given in inputs),
        input_names=inputs,
        output_names=outputs,
        dynamic_shapes=tuple({0: batch} for _ in inputs),
        opset_version=20,
        dynamo=True,
        optimize=False,
        verbose=False,
    )
    for node in program.model.graph:  # where in the source it comes from: ten times the graph
        node.metadata_props.clear()
    for value in program.model.graph.initializers.values():
        value.metadata_props.pop("pkg.torch.onnx.original_node_name", None)
    program.save(folder / f"{name}.onnx", external_data=name == "world_model")


def main():
    folder = Path(sys.argv[1])
    folder.mkdir(parents=True, exist_ok=True)
    torch.set_num_threads(1)
    lines = []
    for name, (kind, inputs, outputs) in NETWORKS.items():
        torch.manual_seed(1)
        network = kind().eval()
        export(network, name, inputs, outputs, folder)
        results = network(*(GIVEN[given] for given in inputs))
        results = dict(zip(outputs, results if isinstance(results, tuple) else (results,), strict=True))
        sum(result.square().mean() for result in results.values()).backward()
        said = results | {key: tensor.grad for key, tensor in network.named_parameters()}
        for key, tensor in said.items():
            product = (tensor * wave(5, *tensor.shape)).sum().item()
            lines.append(f"{name} {key} {product:.9g} {tensor.norm().item():.9g}")
    (folder / "models.txt").write_text("\n".join(lines) + "\n")


main()
