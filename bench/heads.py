#!/usr/bin/env python3
"""Small policies of each head in PyTorch: the peers of dev.reverie.trainer.model.Head.

    bench/heads.py src/trainer/test/resources/dev/reverie/trainer/model/heads

exports one of each kind (pip install torch==2.10.0 onnxscript safetensors) and writes beside them, to heads.txt, what
torch.distributions and the papers' formulas say of the log-probability of some drawn values, and its gradient's norm.
Some take no instruction, some no joint positions.
"""

import math
import sys
from pathlib import Path

import onnx
import torch
from safetensors.numpy import save_file
from torch import nn
from torch.distributions import Categorical, Normal

K, D, BINS, LENGTH, JOINTS, HEIGHT, WIDTH = 3, 2, 5, 2, 2, 8, 8
ALPHAS = torch.tensor([0.98, 0.9016, 0.775376, 0.62, 0.46], dtype=torch.float64)  # alphas_cumprod
LEAST_NOISE, FLOW_NOISE, STEPS, SD = 0.1, 0.7, 4, 0.3
INPUTS = {
    "tokens": ("instruction_tokens", "joint_positions"),
    "regression": ("joint_positions",),
    "gaussian": ("instruction_tokens",),
    "flow": ("joint_positions", "x_t", "t"),
    "diffusion": ("instruction_tokens", "joint_positions", "x_t", "t"),
}


def wave(phase, *shape, height=1.0):
    at = torch.arange(math.prod(shape), dtype=torch.float64)
    return (height * torch.sin(at * 0.31 + phase)).float().view(shape)


class Policy(nn.Module):
    def __init__(self, kind):
        super().__init__()
        self.kind, inputs = kind, INPUTS[kind]
        self.conv = nn.Conv2d(3, 4, 3, 2, 1)
        self.image = nn.Linear(4 * HEIGHT * WIDTH // 4, 16)
        if "instruction_tokens" in inputs:
            self.words = nn.Embedding(4, 16)
        if "joint_positions" in inputs:
            self.joints = nn.Linear(JOINTS, 16)
        if "x_t" in inputs:
            self.chunk = nn.Linear(K * D + 2, 16)
        self.attention = nn.MultiheadAttention(16, 2, batch_first=True)
        self.out = nn.Linear(16, K * D * {"tokens": BINS, "gaussian": 2}.get(kind, 1))

    def forward(self, image, more):
        h = self.conv(image.float().permute(0, 3, 1, 2) / 127.5 - 1).relu().flatten(1)
        parts = [self.image(h)]
        if "instruction_tokens" in more:
            parts.append(self.words(more["instruction_tokens"]).sum(1))
        if "joint_positions" in more:
            parts.append(self.joints(more["joint_positions"]))
        if "x_t" in more:
            t = more["t"][:, None]
            parts.append(self.chunk(torch.cat([more["x_t"].flatten(1), t, t * t], 1)))
        h = torch.stack(parts, 1)
        out = self.out((h + self.attention(h, h, h, need_weights=False)[0]).sum(1).relu() / len(parts))
        if self.kind == "tokens":
            return out.view(-1, K, D, BINS)
        if self.kind == "gaussian":
            mean, log_std = out.view(-1, 2, K, D).unbind(1)
            return mean, log_std
        return out.view(-1, K, D)


def censored(normal, actions):
    """Log-probability of what is carried out within [-1, 1]."""
    log_cdf = torch.special.log_ndtr
    above, below = log_cdf((normal.mean - 1) / normal.stddev), log_cdf((-1 - normal.mean) / normal.stddev)
    return torch.where(actions >= 1, above, torch.where(actions <= -1, below, normal.log_prob(actions)))


def flow_log(policy, image, more, chain):
    """Flow-GRPO's transitions (arXiv 2505.05470, eq. 9, and its code at t = 1)."""
    logs, dt = [], 1 / STEPS
    for i in range(STEPS):
        t = 1 - i * dt
        sigma = FLOW_NOISE * math.sqrt(t / (1 - (t if i else t - dt)))
        x = chain[:, i]
        v = policy(image, more | {"x_t": x, "t": torch.full((len(x),), t)})
        mean = x - (v + sigma**2 / (2 * t) * (x + (1 - t) * v)) * dt
        logs.append(Normal(mean, sigma * math.sqrt(dt)).log_prob(chain[:, i + 1]))
    return torch.stack(logs, 1)


def diffusion_log(policy, image, more, chain):
    """The posterior of DDPM (arXiv 2006.11239, eq. 7) about the clipped chunk."""
    logs = []
    for i, at in enumerate(range(len(ALPHAS) - 1, -1, -1)):
        bar, before = ALPHAS[at].item(), ALPHAS[at - 1].item() if at else 1.0
        alpha, x = bar / before, chain[:, i]
        epsilon = policy(image, more | {"x_t": x, "t": torch.full((len(x),), float(at))})
        clean = ((x - math.sqrt(1 - bar) * epsilon) / math.sqrt(bar)).clamp(-1, 1)
        mean = math.sqrt(before) * (1 - alpha) / (1 - bar) * clean
        mean = mean + math.sqrt(alpha) * (1 - before) / (1 - bar) * x
        variance = (1 - before) / (1 - bar) * (1 - alpha)
        logs.append(Normal(mean, max(math.sqrt(variance), LEAST_NOISE)).log_prob(chain[:, i + 1]))
    return torch.stack(logs, 1)


def log_probability(policy, image, more, kind):
    if kind == "tokens":
        drawn = torch.arange(3 * K * D).view(3, K, D) % BINS
        return Categorical(logits=policy(image, more)).log_prob(drawn)
    actions = wave(2, 3, K, D, height=1.4).clamp(-1, 1)
    if kind == "regression":
        return censored(Normal(policy(image, more), SD), actions)
    if kind == "gaussian":
        mean, log_std = policy(image, more)
        return censored(Normal(mean, log_std.clamp(-5, 2).exp()), actions)
    if kind == "flow":
        return flow_log(policy, image, more, wave(3, 3, STEPS + 1, K, D))
    return diffusion_log(policy, image, more, wave(3, 3, len(ALPHAS) + 1, K, D))


def export(policy, image, more, kind, folder):
    class Named(nn.Module):
        def __init__(self):
            super().__init__()
            self.policy = policy

        def forward(self, image, values):
            return self.policy(image, dict(zip(INPUTS[kind], values, strict=True)))

    batch = torch.export.Dim("batch")
    outputs = {"tokens": ["logits"], "regression": ["actions"], "gaussian": ["mean", "log_std"]}
    outputs |= {"flow": ["velocity"], "diffusion": ["epsilon"]}
    program = torch.onnx.export(
        Named().eval(),
        (image, [more[name] for name in INPUTS[kind]]),
        input_names=["image.camera", *INPUTS[kind]],
        output_names=outputs[kind],
        dynamic_shapes=({0: batch}, [{0: batch} for _ in INPUTS[kind]]),
        opset_version=20,
        dynamo=True,
        optimize=False,
        verbose=False,
    )
    model = program.model_proto
    weights = {}
    for initializer in model.graph.initializer:
        weights[initializer.name] = onnx.numpy_helper.to_array(initializer).copy()
        initializer.ClearField("raw_data")
    for node in model.graph.node:
        node.ClearField("metadata_props")
        node.ClearField("doc_string")
    model.graph.ClearField("value_info")
    del model.graph.metadata_props[:], model.metadata_props[:]
    (folder / f"{kind}.onnx").write_bytes(model.SerializeToString())
    save_file(weights, folder / f"{kind}.safetensors")


def main():
    folder = Path(sys.argv[1])
    folder.mkdir(parents=True, exist_ok=True)
    torch.set_num_threads(1)
    image = (torch.arange(3 * HEIGHT * WIDTH * 3) * 37 % 256).to(torch.uint8).view(3, HEIGHT, WIDTH, 3)
    given = {
        "instruction_tokens": torch.tensor([[1, 2], [3, 0], [2, 2]]),
        "joint_positions": wave(1, 3, JOINTS),
        "x_t": wave(3, 3, K, D),
        "t": torch.tensor([1.0, 0.75, 0.25]),
    }
    lines = []
    for kind in INPUTS:
        torch.manual_seed(1)
        policy = Policy(kind).eval()
        more = {name: given[name] for name in INPUTS[kind]}
        export(policy, image, more, kind, folder)
        log = log_probability(policy, image, {k: v for k, v in more.items() if k not in ("x_t", "t")}, kind)
        log.sum().backward()
        norm = math.sqrt(sum(p.grad.square().sum().item() for p in policy.parameters()))
        lines.append(" ".join([kind, repr(norm), *(repr(v) for v in log.flatten().tolist())]))
    (folder / "heads.txt").write_text("\n".join(lines) + "\n")


main()
