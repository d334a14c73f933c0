#!/usr/bin/env python3
"""The world model's U-Net in PyTorch: the peer of dev.reverie.trainer.model.UNet.

    bench/unet.py

prints what NetworksTest expects of the same weights and inputs (pip install torch==2.10.0), of both kinds of
modulation: the number of weights, the mean square of the prediction, one of its numbers, and the norm of all gradients.
"""

import torch
from torch import nn
from torch.nn import functional as F
from transformer import wave

K, D, LATENT = 4, 2, 8


class Block(nn.Module):
    def __init__(self, inside, outside, e):
        super().__init__()
        self.n1, self.c1 = nn.GroupNorm(8, inside), nn.Conv2d(inside, outside, 3, 1, 1)
        self.n2, self.f = nn.GroupNorm(8, outside), nn.Linear(e, 2 * outside)
        self.c2 = nn.Conv2d(outside, outside, 3, 1, 1)
        if inside != outside:
            self.sk = nn.Conv2d(inside, outside, 1)

    def forward(self, x, e):
        scale, shift = self.f(e)[:, :, None, None].chunk(2, 1)
        h = self.n2(self.c1(F.silu(self.n1(x)))) * (1 + scale) + shift
        return (self.sk(x) if hasattr(self, "sk") else x) + self.c2(F.silu(h))


class UNet(nn.Module):
    """Of pictures 1 or K: as many go through the blocks, each modulated by its own actions."""

    def __init__(self, pictures, memory=2, fine=32, e=128):
        super().__init__()
        self.pictures, self.fine = pictures, fine
        self.inp = nn.Conv2d((memory + K) * LATENT, pictures * fine, 3, 1, 1)
        self.act = nn.Sequential(nn.Linear(2 * D * K // pictures, e), nn.SiLU(), nn.Linear(e, e))
        self.tim = nn.Sequential(nn.Linear(2, 64), nn.SiLU(), nn.Linear(64, e))
        self.r1, self.dn = Block(fine, fine, e), nn.Conv2d(fine, 2 * fine, 3, 2, 1)
        self.r2, self.r3, self.r4 = (Block(2 * fine, 2 * fine, e) for _ in range(3))
        self.up = nn.Conv2d(2 * fine, 4 * fine, 1)
        self.r5, self.r6, self.no = Block(2 * fine, fine, e), Block(fine, fine, e), nn.GroupNorm(8, fine)
        self.fa = nn.Sequential(nn.Linear(2 * D, 64), nn.SiLU(), nn.Linear(64, 2 * fine))
        self.jf = nn.Parameter(torch.randn(K, 2 * fine) * 0.3)
        self.out = nn.Conv2d(fine, LATENT, 3, 1, 1)

    def forward(self, z, context, actions, tau, level):
        b, f = len(z), self.pictures
        moves = torch.cat([actions, actions.cumsum(1)], -1)  # [B, K, 2 D]
        times = self.tim(torch.stack([tau * 2 - 1, level * 5 - 1], 1))
        e = F.silu(self.act(moves.reshape(b, f, -1)) + times[:, None]).flatten(0, 1)  # [B F, e]
        x = self.inp(torch.cat([context.flatten(1, 2), z.flatten(1, 2)], 1))
        fine = self.r1(x.view(b * f, self.fine, *x.shape[2:]), e)
        h = self.r4(self.r3(self.r2(self.dn(fine), e), e), e)
        h = torch.cat([F.pixel_shuffle(self.up(h), 2), fine], 1)
        h = self.no(self.r6(self.r5(h, e), e)).unflatten(0, (b, f))
        film = (self.fa(moves) + self.jf)[..., None, None]
        h = F.silu(h * (1 + film[:, :, : self.fine]) + film[:, :, self.fine :])
        return context[:, -1:] + self.out(h.flatten(0, 1)).view_as(z)


def main():
    torch.set_num_threads(1)
    for name, pictures in (("SOME_BLOCKS", 1), ("EVERY_BLOCK", K)):
        model = UNet(pictures)
        for parameter, tensor in model.named_parameters():
            tensor.data = wave(sum(parameter.encode()) % 97, *tensor.shape, frequency=0.7, height=0.1)
        predicted = model(
            wave(1, 2, 4, 8, 12, 12), wave(2, 2, 2, 8, 12, 12), wave(3, 2, 4, 2),
            torch.tensor([1, 0.5]), torch.tensor([0.05, 0.2]),
        )  # fmt: skip
        loss = predicted.square().mean()
        loss.backward()
        norm = sum(tensor.grad.square().sum() for tensor in model.parameters()).sqrt()
        count = sum(tensor.numel() for tensor in model.parameters())
        print(name, count, f"{loss.item():.8g} {predicted[1, 3, 5, 6, 7].item():.8g} {norm.item():.8g}")


if __name__ == "__main__":
    main()
