"""The networks of text in PyTorch eager, as one would write them, for Benchmarks/Text. Reads tasks, answers seconds."""

import copy
import sys
import time

import torch
import torch.nn.functional as F
from torch import nn


class Generator(nn.Module):
    def __init__(self, symbols, length, latent=32, width=256, embedding=64):
        super().__init__()
        self.symbols, self.length = symbols, length
        self.embedding = nn.Embedding(symbols, embedding)
        self.latent = nn.Linear(latent, width)
        self.gru = nn.GRU(embedding, width, batch_first=True)
        self.output = nn.Linear(width, symbols)

    def logits(self, ids, latents, dropout=0.0):
        state = self.latent(latents).tanh().unsqueeze(0)
        vectors = F.dropout(self.embedding(F.pad(ids[:, :-1], (1, 0))), dropout)
        states, _ = self.gru(vectors, state)
        return self.output(F.dropout(states, dropout))

    @torch.no_grad()
    def write(self, latents, noise=None):
        batch = latents.shape[0]
        state = self.latent(latents).tanh().unsqueeze(0)
        ids = torch.zeros(batch, dtype=torch.long)
        over = torch.zeros(batch, dtype=torch.bool)
        written = []
        for step in range(self.length):
            output, state = self.gru(self.embedding(ids).unsqueeze(1), state)
            logits = self.output(output[:, 0])
            gumbel = -(-torch.rand(batch, self.symbols).clamp(1e-10).log()).log() if noise is None else noise[step]
            ids = (logits + gumbel).argmax(-1).masked_fill(over, 0)
            over = ids == 0
            written.append(ids)
            if over.all():
                break
        return F.pad(torch.stack(written, 1), (0, self.length - len(written)))

    def generate(self, latents):
        noise = -(-torch.rand(self.length, latents.shape[0], self.symbols).clamp(1e-10).log()).log()
        ids = self.write(latents, noise)
        hard = F.one_hot(ids, self.symbols).float()
        if not torch.is_grad_enabled():
            return hard
        soft = (self.logits(ids, latents) + noise.transpose(0, 1)).softmax(-1)
        live = ((ids == 0).cumsum(1) - (ids == 0).long() == 0).float().unsqueeze(-1)
        return hard + (soft - soft.detach()) * live


class Discriminator(nn.Module):
    def __init__(self, symbols, embedding=32, channels=128, hidden=128, widths=(2, 3, 4, 5)):
        super().__init__()
        self.embedding = nn.Embedding(symbols, embedding)
        self.convolutions = nn.ModuleList([nn.Conv1d(embedding, channels, width) for width in widths])
        self.hidden = nn.Linear(2 * channels * len(widths), hidden)
        self.output = nn.Linear(hidden, 1)

    def forward(self, samples):
        vectors = (samples @ self.embedding.weight).transpose(1, 2)
        pooled = []
        for convolution in self.convolutions:
            found = F.leaky_relu(convolution(F.pad(vectors, (convolution.kernel_size[0] - 1, 0))), 0.2)
            pooled += [found.max(2).values, found.mean(2)]
        return self.output(F.leaky_relu(self.hidden(torch.cat(pooled, 1)), 0.2)).squeeze(1)


class Peer:
    def prepare(self, symbols, length, threads):
        torch.set_num_threads(threads)
        torch.manual_seed(0)
        self.generator = Generator(symbols, length)
        self.average = copy.deepcopy(self.generator)
        self.discriminator = Discriminator(symbols)
        networks = (self.generator, self.discriminator)
        self.optimisers = [torch.optim.Adam(network.parameters(), 1e-4, (0.5, 0.99)) for network in networks]
        return [sum(p.numel() for p in network.parameters()) for network in networks]

    def batch(self, count):
        length = self.generator.length
        ids = torch.randint(1, self.generator.symbols, (count, length))
        # Between 36 and 64 symbols and an end: as Duel's lines.
        ends = torch.randint(36, length, (count, 1))
        return ids.masked_fill(torch.arange(length) >= ends, 0)

    def likelihood(self, ids):
        ended = (ids == 0).cumsum(1) - (ids == 0).long() > 0
        logits = self.generator.logits(ids, torch.randn(len(ids), 32), 0.2)
        return F.cross_entropy(logits.flatten(0, 1), ids.masked_fill(ended, -100).flatten())

    def update(self, network, loss):
        self.optimisers[network].zero_grad()
        loss.backward()
        parameters = (self.generator, self.discriminator)[network].parameters()
        nn.utils.clip_grad_norm_(parameters, 5)
        self.optimisers[network].step()
        return loss.item()

    def follow(self):
        with torch.no_grad():
            for average, parameter in zip(self.average.parameters(), self.generator.parameters()):
                average.lerp_(parameter, 0.001)

    def warm(self, count):
        self.update(0, self.likelihood(self.batch(count)))
        self.follow()

    def duel(self, count):
        ids = self.batch(count)
        real = F.one_hot(ids, self.generator.symbols).float()
        with torch.no_grad():
            fake = self.generator.generate(torch.randn(count, 32))
        logits = self.discriminator(torch.cat([real, fake]))
        self.update(1, F.softplus(logits[count:] - logits[:count]).mean())
        self.discriminator.requires_grad_(False)
        fake = self.generator.generate(torch.randn(count, 32))
        loss = F.softplus(self.discriminator(real) - self.discriminator(fake)).mean()
        self.update(0, loss + self.likelihood(ids))
        self.discriminator.requires_grad_(True)
        self.follow()

    def sample(self, count):
        self.generator.write(torch.randn(count, 32))


def main():
    peer = Peer()
    for line in sys.stdin:
        task, *numbers = line.split()
        start = time.perf_counter()
        answer = getattr(peer, task)(*[int(number) for number in numbers])
        seconds = time.perf_counter() - start
        print(*answer if task == "prepare" else [seconds], flush=True)


if __name__ == "__main__":
    main()
