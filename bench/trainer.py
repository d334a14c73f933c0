#!/usr/bin/env python3
"""Throughput of the trainer against the same networks in PyTorch: world-model training, imagination, policy update.

The world model twice: the U-Net of the demo, and a transformer of about its cost.

    python3 -m venv /tmp/peer && /tmp/peer/bin/pip install torch==2.10.0 numpy
    mvn -q -pl src/trainer -am -DskipTests package && /tmp/peer/bin/python bench/trainer.py [--threads 1] [--rounds 3]

After `./reverie setup --mkl` ours multiplies matrices by MKL, as PyTorch's wheels do. Both run in turn, in processes
of their own. Prints the medians of CPU and wall time of one repetition and the ratio PyTorch / Reverie: 1 is the same
speed, more is faster than PyTorch. On a busy machine look at CPU time. The share is that of the machine's peak that
our run makes use of: the operations that PyTorch's own counter finds in matrix products and convolutions, by our CPU
time, beside those of a product of two matrices of 1024x1024 (`matmul`), measured in turn.
"""

import argparse
import os
import pathlib
import statistics
import subprocess
import sys
import time

ROOT = pathlib.Path(__file__).resolve().parent.parent
REPETITIONS = 20
MATRIX = 1024
# What ./reverie tells glibc for the trainer; in the environment of this program PyTorch is told it too.
MEMORY = {"MALLOC_ARENA_MAX": "1", "MALLOC_TRIM_THRESHOLD_": "4000000000", "MALLOC_MMAP_THRESHOLD_": "33554432"}
K, D, BINS, LATENT = 4, 2, 21, 8  # chunk length, action dimensions, bins, latent channels


def peer(threads):
    """The Python half: prints a line for each measurement, as the Java half does."""
    import torch
    from torch import nn
    from torch.nn import functional as F
    from torch.utils.flop_counter import FlopCounterMode
    from transformer import Transformer
    from unet import UNet

    torch.set_num_threads(threads)
    torch.manual_seed(1)

    class WorldModel(UNet):
        def __init__(self):
            super().__init__(pictures=1)

        def forward(self, z, context, _, actions, tau, level):
            return super().forward(z, context, actions, tau, level)

        @torch.no_grad()
        def sample(self, context, led, actions):
            b = len(context)
            z, noisy = torch.randn(b, K, LATENT, 12, 12), context + 0.05 * torch.randn_like(context)
            for tau, after in ((1.0, 0.5), (0.5, 0.0)):
                x = self(z, noisy, led, actions, torch.full((b,), tau), torch.full((b,), 0.05))
                z = x + (z - x) * (after / tau)
            return z

    decoder = nn.Sequential(
        nn.Conv2d(LATENT, 64, 3, 1, 1), nn.SiLU(), nn.Conv2d(64, 64, 3, 1, 1), nn.SiLU(), nn.Conv2d(64, 96, 1),
        nn.PixelShuffle(2), nn.SiLU(), nn.Conv2d(24, 12, 3, 1, 1), nn.PixelShuffle(2),
    )  # fmt: skip
    head = nn.Sequential(
        nn.Conv2d(LATENT, 16, 3, 2, 1), nn.SiLU(), nn.Flatten(), nn.Linear(576, 128), nn.SiLU(), nn.Linear(128, 3)
    )

    class Classifier(nn.Module):
        def __init__(self, c=24):
            super().__init__()
            self.c, self.film = c, nn.Embedding(3, 6 * c)
            self.conv1, self.conv2 = nn.Conv2d(3 * K, c, 3, 2, 1), nn.Conv2d(c, 2 * c, 3, 2, 1)
            self.conv3 = nn.Conv2d(2 * c, 2 * c, 3, 2, 1)
            self.out = nn.Sequential(nn.Linear(2 * c * 36, 64), nn.SiLU(), nn.Linear(64, 1))

        def forward(self, x, instruction):
            c, f = self.c, self.film(instruction)[:, :, None, None]
            h = F.silu(self.conv1(x.flatten(1, 2)) * (1 + f[:, :c]) + f[:, c : 2 * c])
            h = F.silu(self.conv2(h) * (1 + f[:, 2 * c : 4 * c]) + f[:, 4 * c :])
            return self.out(F.silu(self.conv3(h)).flatten(1))[:, 0]

    class Policy(nn.Module):
        def __init__(self, c=32, hidden=256):
            super().__init__()
            self.c, self.words = c, nn.Embedding(4, 32)
            self.film, self.instruction = nn.Linear(32, 6 * c), nn.Linear(32, hidden)
            self.conv1, self.conv2 = nn.Conv2d(3, c, 5, 2, 2), nn.Conv2d(c, 2 * c, 3, 2, 1)
            self.conv3 = nn.Conv2d(2 * c, 2 * c, 3, 2, 1)
            self.image, self.joints = nn.Linear(2 * c * 36, hidden), nn.Linear(3, hidden)
            self.hidden, self.logits = nn.Linear(hidden, hidden), nn.Linear(hidden, K * D * BINS)

        def forward(self, pixels, tokens, joints):
            mask = (tokens > 0).float()[..., None]
            e = (self.words(tokens) * mask).sum(1) / mask.sum(1).clamp(min=1)
            c, f = self.c, self.film(e)[:, :, None, None]
            h = F.silu(self.conv1(pixels.float() / 127.5 - 1) * (1 + f[:, :c]) + f[:, c : 2 * c])
            h = F.silu(self.conv2(h) * (1 + f[:, 2 * c : 4 * c]) + f[:, 4 * c :])
            h = F.silu(self.conv3(h)).flatten(1)
            h = F.silu(self.image(h) + self.instruction(e) + self.joints(joints))
            return self.logits(h + F.silu(self.hidden(h))).view(-1, K, D, BINS)

    def measure(name, work):
        with FlopCounterMode(display=False) as counted:
            work()
        for _ in range(9):
            work()
        cpu, wall = time.process_time(), time.perf_counter()
        for _ in range(REPETITIONS):
            work()
        cpu, wall = time.process_time() - cpu, time.perf_counter() - wall
        print(name, cpu * 1e3 / REPETITIONS, wall * 1e3 / REPETITIONS, counted.get_total_flops(), flush=True)

    model, policy, classifier = WorldModel(), Policy(), Classifier()
    attending = Transformer(K, D, LATENT, 96, 2, 4, 3)
    optimizers = {m: torch.optim.AdamW(m.parameters(), 1e-3, fused=True) for m in (model, attending)}
    z, context, actions = torch.randn(48, K, LATENT, 12, 12), torch.randn(48, 2, LATENT, 12, 12), torch.rand(48, K, D)
    tau, level = torch.rand(48), torch.rand(48)

    def train(world_model):
        optimizers[world_model].zero_grad()
        (world_model(z, context, torch.zeros(48, 2, D), actions, tau, level) - z).square().mean().backward()
        nn.utils.clip_grad_norm_(world_model.parameters(), 1.0)
        optimizers[world_model].step()

    start, instruction = torch.randn(128, 2, LATENT, 12, 12), torch.randint(3, (128,))

    @torch.no_grad()
    def imagine(world_model):
        pixels = to_pixels(decoder(start[:, -1]))
        log = torch.log_softmax(policy(pixels, instruction[:, None] + 1, head(start[:, -1])), -1)
        tokens = torch.multinomial(log.exp().view(-1, BINS), 1).view(128, K, D)
        log.gather(-1, tokens[..., None])
        latents = world_model.sample(start, torch.zeros(128, 2, D), tokens / 10 - 1)
        # In slices of 128 frames as the Java half: at once it takes half as long again.
        frames = torch.cat([to_pixels(decoder(part)) for part in latents.flatten(0, 1).split(128)])
        return classifier((frames.float() / 127.5 - 1).view(128, K, 3, 48, 48), instruction).sigmoid() > 1

    def to_pixels(x):
        return ((x.clamp(-1.05, 1.05) + 1) * 127.5).clamp(0, 255).round().to(torch.uint8)

    practise = torch.optim.Adam(policy.parameters(), 1e-5, fused=True)
    pixels, tokens = torch.randint(256, (256, 3, 48, 48)).to(torch.uint8), torch.randint(3, (256, 1))
    joints, chosen = torch.randn(256, 3), torch.randint(21, (256, K, D))

    def update_policy():
        log = torch.log_softmax(policy(pixels, tokens, joints), -1).gather(-1, chosen[..., None])[..., 0]
        ratio = log.exp()
        advantage = ratio.detach()
        loss = -torch.minimum(ratio * advantage, ratio.clamp(0.8, 1.28) * advantage).mean()
        practise.zero_grad()
        loss.backward()
        nn.utils.clip_grad_norm_(policy.parameters(), 1.0)
        practise.step()

    measure("world_model_training", lambda: train(model))
    measure("transformer_training", lambda: train(attending))
    measure("imagination", lambda: imagine(model))
    measure("transformer_imagination", lambda: imagine(attending))
    measure("policy_update", update_policy)
    left, right = torch.randn(MATRIX, MATRIX), torch.randn(MATRIX, MATRIX)
    measure("matmul", lambda: left @ right)


def java(threads):
    module = ROOT / "src" / "trainer"
    classpath = f"{module}/target/test-classes:{module}/target/classes:{(module / 'target' / 'classpath').read_text()}"
    java_home = os.environ.get("JAVA_HOME")
    mkl = ["-Dorg.bytedeco.openblas.load=mkl_rt"] if "-redist.jar" in classpath else []
    return [
        f"{java_home}/bin/java" if java_home else "java", f"@{ROOT}/setup/java/trainer.args", *mkl, "-cp", classpath,
        "dev.reverie.trainer.ThroughputBenchmark", str(threads), str(REPETITIONS),
    ]  # fmt: skip


def measured(command, threads, more=None):
    environment = os.environ | {"OMP_NUM_THREADS": str(threads), "MKL_THREADING_LAYER": "GNU"} | (more or {})
    out = subprocess.run(command, env=environment, check=True, capture_output=True, text=True, timeout=600).stdout
    return {name: tuple(map(float, told)) for name, *told in (line.split() for line in out.splitlines())}


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--threads", type=int, default=1)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--peer", action="store_true", help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.peer:
        peer(options.threads)
        return
    python = [sys.executable, __file__, "--peer", "--threads", str(options.threads)]
    rounds = []
    for _ in range(options.rounds):
        rounds.append((measured(java(options.threads), options.threads, MEMORY), measured(python, options.threads)))
    print(f"{'CPU ms | wall ms':24} {'Reverie':>17} {'PyTorch':>17} {'ratio':>13} {'GFLOP':>7} {'share':>6}")
    peak = flops("matmul", rounds) / median("matmul", rounds, 0, 0)
    for name in rounds[0][0]:
        cpu, wall, cpu_peer, wall_peer = (median(name, rounds, side, what) for side in (0, 1) for what in (0, 1))
        print(
            f"{name:24} {cpu:8.1f} {wall:8.1f} {cpu_peer:8.1f} {wall_peer:8.1f}"
            f" {cpu_peer / cpu:6.2f} {wall_peer / wall:6.2f} {flops(name, rounds) / 1e9:7.2f}"
            f" {flops(name, rounds) / cpu / peak:6.2f}"
        )
    print(f"the product of matrices: {peak / 1e6:.1f} GFLOP a CPU second")


def median(name, rounds, side, what):
    return statistics.median(r[side][name][what] for r in rounds)


def flops(name, rounds):
    """Operations of one repetition, which PyTorch has counted."""
    return rounds[0][1][name][2]


if __name__ == "__main__":
    main()
