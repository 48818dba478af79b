"""The `classic` audio networks as one would write them in PyTorch, timed on request.

Reads one task a line from standard input and answers one line: the seconds that it took. Tasks:

    prepare LENGTH WIDTH THREADS   make networks and optimisers anew; answers the two parameter counts
    step BATCH CRITICS             CRITICS critic updates with a gradient penalty, then one generator update
    generate BATCH TIMES           so many batches of clips, one after the other, without gradients

Everything is eager, in single precision, with PyTorch's own layers and their default memory layout.
"""

import sys
import time

import torch
import torch.nn.functional as F
from torch import nn


def widths(length, width):
    """Channels after each layer of the discriminator, and its strides."""
    channels, strides, frames = [], [], length
    while frames > 16:
        stride = 4 if frames >= 64 else 2
        channels.append(width * 2 ** len(channels))
        strides.append(stride)
        frames //= stride
    return channels, strides


class Generator(nn.Module):
    def __init__(self, length, width, latent=100):
        super().__init__()
        channels, strides = widths(length, width)
        self.start = channels[-1]
        self.dense = nn.Linear(latent, 16 * self.start)
        ends = channels[-2::-1] + [1]
        starts = channels[::-1]
        # As PyTorch ports of WaveGAN have it, a frame off TensorFlow's SAME: the cost is the same.
        self.upconv = nn.ModuleList(
            nn.ConvTranspose1d(i, o, 25, s, padding=(26 - s) // 2, output_padding=1)
            for i, o, s in zip(starts, ends, strides)
        )

    def forward(self, z):
        x = F.relu(self.dense(z).view(len(z), -1, 16))
        for layer in self.upconv[:-1]:
            x = F.relu(layer(x))
        return torch.tanh(self.upconv[-1](x))


class Discriminator(nn.Module):
    def __init__(self, length, width, radius=2):
        super().__init__()
        channels, self.strides = widths(length, width)
        self.radius = radius
        self.downconv = nn.ModuleList(
            nn.Conv1d(i, o, 25, s) for i, o, s in zip([1] + channels[:-1], channels, self.strides)
        )
        self.output = nn.Linear(16 * channels[-1], 1)

    def shuffle(self, x):
        shift = int(torch.randint(-self.radius, self.radius + 1, ()))
        padded = F.pad(x, (max(shift, 0), max(-shift, 0)), mode="reflect")
        return padded[..., max(-shift, 0) :][..., : x.shape[-1]]

    def forward(self, x):
        for index, (layer, stride) in enumerate(zip(self.downconv, self.strides)):
            total = 25 - stride
            x = F.leaky_relu(layer(F.pad(x, (total // 2, total - total // 2))), 0.2)
            if index + 1 < len(self.downconv):
                x = self.shuffle(x)
        return self.output(x.flatten(1)).squeeze(1)


class Peer:
    def prepare(self, length, width, threads):
        torch.set_num_threads(threads)
        torch.manual_seed(0)
        self.length = length
        self.generator = Generator(length, width)
        self.discriminator = Discriminator(length, width)
        self.optimisers = [
            torch.optim.Adam(network.parameters(), 1e-4, (0.5, 0.9))
            for network in (self.generator, self.discriminator)
        ]
        return [sum(p.numel() for p in n.parameters()) for n in (self.generator, self.discriminator)]

    def latents(self, batch):
        return torch.rand(batch, 100) * 2 - 1

    def critic(self, batch):
        real = torch.rand(batch, 1, self.length) * 2 - 1
        with torch.no_grad():
            fake = self.generator(self.latents(batch))
        self.optimisers[1].zero_grad()
        loss = self.discriminator(fake).mean() - self.discriminator(real).mean()
        mixed = torch.lerp(fake, real, torch.rand(batch, 1, 1)).requires_grad_()
        slope = torch.autograd.grad(self.discriminator(mixed).sum(), mixed, create_graph=True)[0]
        loss = loss + 10 * ((slope.flatten(1).norm(dim=1) - 1) ** 2).mean()
        loss.backward()
        self.optimisers[1].step()
        return loss.item()

    def step(self, batch, critics):
        for _ in range(critics):
            self.critic(batch)
        self.optimisers[0].zero_grad()
        self.discriminator.requires_grad_(False)
        loss = -self.discriminator(self.generator(self.latents(batch))).mean()
        loss.backward()
        self.discriminator.requires_grad_(True)
        self.optimisers[0].step()
        return loss.item()

    def generate(self, batch, times):
        with torch.no_grad():
            for _ in range(times):
                self.generator(self.latents(batch)).abs().max().item()


def main():
    peer = Peer()
    for line in sys.stdin:
        task, *numbers = line.split()
        numbers = [int(number) for number in numbers]
        start = time.perf_counter()
        answer = getattr(peer, task)(*numbers)
        seconds = time.perf_counter() - start
        print(*answer if task == "prepare" else [seconds], flush=True)


if __name__ == "__main__":
    main()
