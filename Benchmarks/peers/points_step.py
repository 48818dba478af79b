"""r-GAN (Achlioptas et al., 2018) as one would write it in PyTorch, timed on request.

Reads one task a line from standard input and answers one line: the seconds that it took. Tasks:

    prepare POINTS THREADS   make networks and optimisers anew; answers the two parameter counts
    step BATCH CRITICS       CRITICS critic updates with a gradient penalty, then one generator update
    sample COUNT             COUNT clouds of l-GAN's latent generator and fully connected decoder, without gradients

Everything is eager, in single precision, with PyTorch's own layers and their default memory layout.
"""

import sys
import time

import torch
from torch import nn


def perceptron(*widths):
    layers = []
    for inputs, outputs in zip(widths, widths[1:]):
        layers += [nn.Linear(inputs, outputs), nn.ReLU()]
    return nn.Sequential(*layers[:-1])


class Generator(nn.Module):
    def __init__(self, points):
        super().__init__()
        self.points = points
        self.layers = perceptron(128, 64, 128, 512, 1024, 3 * points)

    def forward(self, z):
        return self.layers(z).view(-1, self.points, 3)


class Critic(nn.Module):
    def __init__(self):
        super().__init__()
        widths = [3, 64, 128, 256, 256, 512]
        layers = []
        for inputs, outputs in zip(widths, widths[1:]):
            layers += [nn.Conv1d(inputs, outputs, 1), nn.ReLU()]
        self.shared = nn.Sequential(*layers)
        self.head = perceptron(512, 128, 64, 1)

    def forward(self, clouds):
        features = self.shared(clouds.transpose(1, 2)).max(dim=2).values
        return self.head(features).squeeze(1)


class Peer:
    def prepare(self, points, threads):
        torch.set_num_threads(threads)
        torch.manual_seed(0)
        self.points = points
        self.generator = Generator(points)
        self.critic = Critic()
        self.optimisers = [
            torch.optim.Adam(network.parameters(), 1e-4, (0.5, 0.999))
            for network in (self.generator, self.critic)
        ]
        # l-GAN: a code of 128, and a decoder of 256-256-3N.
        self.latent = perceptron(128, 128, 128)
        self.decoder = perceptron(128, 256, 256, 3 * points)
        return [sum(p.numel() for p in n.parameters()) for n in (self.generator, self.critic)]

    def latents(self, batch):
        return torch.randn(batch, 128) * 0.2

    def update_critic(self, batch):
        real = torch.rand(batch, self.points, 3) * 2 - 1
        with torch.no_grad():
            fake = self.generator(self.latents(batch))
        self.optimisers[1].zero_grad()
        loss = self.critic(fake).mean() - self.critic(real).mean()
        mixed = torch.lerp(fake, real, torch.rand(batch, 1, 1)).requires_grad_()
        slope = torch.autograd.grad(self.critic(mixed).sum(), mixed, create_graph=True)[0]
        loss = loss + 10 * ((slope.flatten(1).norm(dim=1) - 1) ** 2).mean()
        loss.backward()
        self.optimisers[1].step()
        return loss.item()

    def step(self, batch, critics):
        for _ in range(critics):
            self.update_critic(batch)
        self.optimisers[0].zero_grad()
        self.critic.requires_grad_(False)
        loss = -self.critic(self.generator(self.latents(batch))).mean()
        loss.backward()
        self.critic.requires_grad_(True)
        self.optimisers[0].step()
        return loss.item()

    def sample(self, count):
        with torch.no_grad():
            clouds = self.decoder(self.latent(torch.randn(count, 128)).relu())
            return clouds.abs().max().item()


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
