"""The default networks of audio and points, and `modern`, as one would write them in PyTorch, timed on request.

Reads one task a line from standard input and answers one line: the seconds that it took. Tasks:

    prepare NAME THREADS SIZES...  make networks and optimisers anew; answers the two parameter counts
    step BATCH COUNT               COUNT training steps, a slope penalty in the first
    sample COUNT                   COUNT samples at once, without gradients

NAME is spectral (sizes: exemplars, neighbours, labels, frames, bands, length, latents), modern (labels, length, latents) or latent
(points of the mean shape, numbers, exemplars, neighbours, labels, points, latents).

Everything is eager, in single precision, with PyTorch's own layers and their default memory layout. Data are random numbers.
"""

import copy
import math
import sys
import time

import torch
import torch.nn.functional as F
from torch import nn


def leaky(x):
    return F.leaky_relu(x, 0.2)


def same(x, layer):
    """A convolution with TensorFlow's SAME padding."""
    missing = layer.kernel_size[0] - layer.stride[0]
    return layer(F.pad(x, (missing // 2, missing - missing // 2)))


class Head(nn.Module):
    """A logit, and a label by projection."""

    def __init__(self, features, labels):
        super().__init__()
        self.output = nn.Linear(features, 1)
        self.label = nn.Embedding(labels, features)

    def forward(self, x, labels):
        return self.output(x).squeeze(1) + (x * self.label(labels)).sum(1)


class Modulation(nn.Module):
    def __init__(self, style, channels):
        super().__init__()
        self.affine = nn.Linear(style, 2 * channels)

    def forward(self, x, style):
        scale, bias = self.affine(style).unsqueeze(2).chunk(2, 1)
        return x * torch.rsqrt(x.square().mean(1, keepdim=True) + 1e-6) * (scale + 1) + bias


class StyledBlock(nn.Module):
    def __init__(self, inputs, outputs, kernel, style):
        super().__init__()
        self.first = nn.Conv1d(inputs, outputs, kernel, padding=kernel // 2)
        self.second = nn.Conv1d(outputs, outputs, kernel, padding=kernel // 2)
        self.before, self.between = Modulation(style, inputs), Modulation(style, outputs)
        self.skip = nn.Conv1d(inputs, outputs, 1) if inputs != outputs else nn.Identity()
        self.noise = nn.Parameter(torch.zeros(outputs, 1))

    def forward(self, x, style):
        inner = self.first(leaky(self.before(x, style)))
        inner = inner + torch.randn(len(x), 1, x.shape[2]) * self.noise
        inner = self.second(leaky(self.between(inner, style)))
        return (self.skip(x) + inner) * math.sqrt(0.5)


def doubled(x):
    return F.interpolate(x, scale_factor=2, mode="linear", align_corners=False)


class ModernGenerator(nn.Module):
    def __init__(self, labels, length, latent, window=256, widths=(256, 192, 128, 96), style=128):
        super().__init__()
        self.length, self.window, self.widths = length, window, widths
        self.bins = window // 2 + 1
        self.frames = length // (window // 2) + 1
        self.start_frames = -(-self.frames // 8)
        self.label = nn.Embedding(labels, 64)
        self.mapping = nn.ModuleList([nn.Linear(latent + 64, style), nn.Linear(style, style)])
        self.start = nn.Linear(style, self.start_frames * widths[0])
        starts = (widths[0],) + widths[:-1]
        self.blocks = nn.ModuleList(StyledBlock(i, o, 3, style) for i, o in zip(starts, widths))
        self.last = Modulation(style, widths[-1])
        self.spectrum = nn.Conv1d(widths[-1], 3 * self.bins, 1)
        self.register_buffer("oscillators", torch.rand(self.bins, 1))
        self.register_buffer("hann", torch.hann_window(window))

    def forward(self, z, labels):
        style = torch.cat([z, self.label(labels)], 1)
        for layer in self.mapping:
            style = leaky(layer(style))
        x = self.start(style).view(len(z), self.widths[0], self.start_frames)
        for level, block in enumerate(self.blocks):
            x = block(doubled(x) if level else x, style)
        x = self.spectrum(leaky(self.last(x[:, :, : self.frames], style)))
        tone, turn, hiss = x.chunk(3, 1)
        bound = math.log(self.window)
        tone, hiss = ((part * 1.5 - 2).clamp(max=bound).exp() for part in (tone, hiss))
        phase = self.oscillators + (turn.tanh() * (0.6 * math.pi)).cumsum(2)
        noise = torch.randn(2, *hiss.shape)
        spectrum = torch.complex(tone * phase.cos() + hiss * noise[0], tone * phase.sin() + hiss * noise[1])
        frames = torch.fft.irfft(spectrum, dim=1)
        hop = self.window // 2
        wave = F.fold(frames, (1, (self.frames + 1) * hop), (1, self.window), stride=(1, hop))
        return wave[:, :, 0, hop : hop + self.length]


class ModernDiscriminator(nn.Module):
    def __init__(self, labels, length, window=256, width=128, waves=(32, 48, 64)):
        super().__init__()
        self.window, self.frames = window, length // (window // 2)
        self.spectrum = nn.Conv1d(window // 2 + 1, width, 5, padding=2)
        self.wave = nn.ModuleList(
            nn.Conv1d(i, o, 3 * s, s) for i, o, s in zip((1,) + waves, waves, (8, 4, 4))
        )
        inputs = (width + waves[-1], width, width)
        self.merged = nn.ModuleList(nn.Conv1d(i, width, 6, 2) for i in inputs)
        self.head = Head(width * (self.frames // 8), labels)
        self.register_buffer("hann", torch.hann_window(window))

    def augmented(self, x):
        reach, size = 160, -(-len(x) // 8)
        padded = F.pad(x, (reach, reach))
        starts = torch.randint(0, 2 * reach + 1, (8,)).tolist()
        parts = [part[..., s : s + x.shape[2]] for part, s in zip(padded.split(size), starts)]
        gain = 10 ** ((torch.rand(len(x), 1, 1) * 2 - 1) * 3 / 20)
        turn = 1 - (torch.rand(len(x), 1, 1) < 0.5).float() * 2
        return torch.cat(parts) * gain * turn

    def forward(self, x, labels):
        x = self.augmented(x)
        spectrum = torch.stft(
            x[:, 0], self.window, self.window // 2, window=self.hann, pad_mode="constant", return_complex=True
        )
        power = torch.view_as_real(spectrum).square().sum(-1)[:, :, : self.frames]
        features = leaky(self.spectrum((power / 0.01**2 + 1).log() * 0.25))
        waves = x * 4
        for layer in self.wave:
            waves = leaky(same(waves, layer))
        x = torch.cat([features, waves], 1)
        for layer in self.merged:
            x = leaky(same(x, layer))
        return self.head(x.flatten(1), labels)


class Modern:
    """Sounds of samples. The penalty is R1, every eighth step."""

    weight = 0.2
    betas = (0.0, 0.99)
    rates = (4e-4, 2e-4)

    def __init__(self, labels, length, latent):
        self.labels, self.length, self.latent = labels, length, latent
        self.generator = ModernGenerator(labels, length, latent)
        self.discriminator = ModernDiscriminator(labels, length)

    def real(self, labels):
        return torch.rand(len(labels), 1, self.length) * 2 - 1

    def finished(self, samples):
        return samples


def cubic(positions, count):
    """Weights `[B, n, count]` of cubic interpolation."""
    d = (positions.unsqueeze(2) - torch.arange(count)).abs().clamp(max=2)
    near = (d * 1.5 - 2.5) * d.square() + 1
    far = ((d * -0.5 + 2.5) * d - 4) * d + 2
    return torch.where(d < 1, near, far)


class Codec:
    """Log-mel pictures of sounds, and back by the fast Griffin-Lim algorithm."""

    def __init__(self, frames, bands, length, window=256):
        self.frames, self.bands, self.length, self.window = frames, bands, length, window
        self.hop = window // 4
        self.hann = torch.hann_window(window)
        self.filters = torch.rand(window // 2 + 1, bands)
        self.inverse = torch.rand(bands, window // 2 + 1) / bands
        self.hertz = torch.linspace(0, 4000, bands)

    def places(self, hertz):
        low = hertz.clamp(max=1000) / 31.25
        high = ((hertz.clamp(min=1000) / 700 + 1).log() * 1127 - 1000) / 20
        return low + high

    def encode(self, sounds):
        total = (self.frames + 3) * self.hop
        lead = (self.window - self.hop) // 2
        padded = F.pad(sounds, (lead, total - lead - self.length))
        spectrum = torch.stft(
            padded, self.window, self.hop, window=self.hann, center=False, return_complex=True
        )
        levels = spectrum.abs().transpose(1, 2) @ self.filters / 0.02
        return (levels + 1).log() / 4 - 1

    def decode(self, codes, iterations=64):
        levels = ((codes + 1) * 4).clamp(0, 12).exp() - 1
        magnitudes = (levels * 0.02 @ self.inverse).clamp(min=0).transpose(1, 2)
        directions = torch.exp(2j * math.pi * torch.rand(1, *magnitudes.shape[1:]))
        last = 0
        options = dict(n_fft=self.window, hop_length=self.hop, window=self.hann)
        for _ in range(iterations):
            wave = torch.istft(magnitudes * directions, **options)
            rebuilt = torch.stft(wave, return_complex=True, **options)
            ahead = rebuilt - last * (0.99 / 1.99)
            directions = ahead / (ahead.abs() + 1e-12)
            last = rebuilt
        wave = torch.istft(magnitudes * directions, **options)[:, : self.length]
        wanted = 0.9
        peaks = wave.abs().amax(1, keepdim=True).clamp(min=1e-4)
        gain = (wanted / peaks - 1).clamp(-0.5, 1)
        return wave * ((wave / peaks) ** 4 * gain + 1)

    def in_time(self, codes, positions):
        return cubic(positions, self.frames) @ (codes + 1) - 1

    def in_frequency(self, codes, factors):
        matrices = cubic(self.places(self.hertz / factors), self.bands).transpose(1, 2)
        return (codes + 1) @ matrices - 1

    def louder(self, codes, decibels):
        return (codes + decibels / 34.7 * self.openness(codes)).clamp(min=-1)

    @staticmethod
    def openness(codes):
        return ((codes + 1) / 0.2).clamp(0, 1)


class SpectralGenerator(nn.Module):
    def __init__(self, exemplars, neighbours, labels, codec, latent, widths=(64, 96, 128), style=128):
        super().__init__()
        self.codec, self.neighbours = codec, neighbours
        frames, bands = codec.frames, codec.bands
        self.choosing = latent - 9 - neighbours
        self.register_buffer("exemplars", torch.randint(0, 256, (exemplars, frames, bands), dtype=torch.uint8))
        self.register_buffer("classes", torch.arange(exemplars) % labels)
        self.register_buffer("keys", F.normalize(torch.randn(exemplars, self.choosing)))
        self.register_buffer("others", torch.randint(0, exemplars, (exemplars, neighbours)))
        self.register_buffer("alignments", torch.arange(frames).expand(exemplars, neighbours, frames) + 0.1)
        self.register_buffer("transpositions", torch.zeros(exemplars, neighbours))
        self.register_buffer("grain_time", torch.rand(frames, frames) / frames)
        self.register_buffer("grain_frequency", torch.rand(bands, bands) / bands)
        self.register_buffer("bends", torch.rand(2, frames))
        self.register_buffer("colours", torch.rand(3, bands))
        self.label = nn.Embedding(labels, 32)
        self.mapping = nn.Linear(latent + 32, style)
        starts = (bands,) + widths[:-1]
        self.falling = nn.ModuleList(
            nn.Conv1d(i, o, 6 if level else 5, 2 if level else 1)
            for level, (i, o) in enumerate(zip(starts, widths))
        )
        up = widths[::-1]
        self.rising = nn.ModuleList(StyledBlock(i, o, 3, style) for i, o in zip((up[0],) + up[:-1], up))
        self.output = nn.Conv1d(widths[0], bands, 3, padding=1)
        nn.init.zeros_(self.output.weight)

    def codes(self, indices):
        return self.exemplars[indices].float() * (2.5 / 255) - 1

    @torch.no_grad()
    def varied(self, z, labels):
        codec, slots = self.codec, self.neighbours
        amounts, picks, rest = z.split([9, slots, self.choosing], 1)
        agreement = rest @ self.keys.T
        chosen = agreement.masked_fill(labels.unsqueeze(1) != self.classes, -1e4).argmax(1)
        slot = picks.argmax(1)
        own, other = self.codes(chosen), self.codes(self.others[chosen, slot])
        alignment, move = self.alignments[chosen, slot], self.transpositions[chosen, slot].unsqueeze(1)
        amounts = amounts * 0.85
        weight = (amounts[:, :1] * 1.702).sigmoid()
        fitted = codec.in_frequency(codec.in_time(other, alignment), move.exp())
        difference = self.grain_time @ (fitted - own) @ self.grain_frequency * codec.openness(own)
        codes = (own + difference * weight.unsqueeze(2)).clamp(min=-1)
        times = torch.arange(codec.frames).float()
        speed = (amounts[:, 1:2] * 0.05).clamp(-0.3, 0.3).exp()
        bent = amounts[:, 2:4] @ self.bends * (0.015 * codec.frames)
        codes = codec.in_time(codes, times * speed + bent * (times * 8 / codec.frames).clamp(max=1))
        frequency = (amounts[:, 4:5] * 0.015).clamp(-0.2, 0.2) - move * weight
        codes = codec.in_frequency(codes, frequency.exp())
        colour = amounts[:, 5:8] @ self.colours * 0.4
        slope = amounts[:, 8:9] * (times / codec.frames - 0.25) * 0.5
        return codec.louder(codes, colour.unsqueeze(1) + slope.unsqueeze(2))

    def forward(self, z, labels):
        codes = self.varied(z, labels)
        style = leaky(self.mapping(torch.cat([z, self.label(labels)], 1)))
        levels, x = [], (codes + 1).transpose(1, 2)
        for layer in self.falling:
            x = leaky(same(x, layer))
            levels.append(x)
        for level, block in enumerate(self.rising):
            x = block(doubled(x) if level else x, style)
            if level:
                x = (x + levels[-1 - level]) * math.sqrt(0.5)
        free = self.output(leaky(x)).transpose(1, 2) * (0.1 / 0.2)
        return (codes + free.tanh() * 0.2 * self.codec.openness(codes)).clamp(min=-1)


class SpectralDiscriminator(nn.Module):
    def __init__(self, labels, codec, width=128, layers=3):
        super().__init__()
        self.codec = codec
        self.first = nn.Conv1d(codec.bands, width, 5, padding=2)
        self.layers = nn.ModuleList(nn.Conv1d(width, width, 6, 2) for _ in range(layers))
        self.head = Head(width, labels)
        self.plain = nn.Linear(3 * codec.bands, 1)

    def augmented(self, codes):
        shift, speed, frequency, level, slope = (torch.rand(5, len(codes), 1) * 2 - 1).unbind()
        times = torch.arange(self.codec.frames).float()
        codes = self.codec.in_time(codes, times * (speed * 0.02).exp() + shift * 2.5)
        codes = self.codec.in_frequency(codes, (frequency * 0.01).exp())
        decibels = (level + slope * torch.linspace(-1, 1, self.codec.bands)) * 0.3
        return self.codec.louder(codes, decibels.unsqueeze(1))

    def forward(self, codes, labels):
        codes = self.augmented(codes)
        x = leaky(self.first((codes + 1).transpose(1, 2)))
        for layer in self.layers:
            x = leaky(same(x, layer))
        loud = codes.clamp(min=0)
        statistics = torch.cat([codes.mean(1), (loud.var(1) + 1e-6).sqrt(), (loud[:, 1:] - loud[:, :-1]).abs().mean(1)], 1)
        return self.head(x.mean(2), labels) + self.plain(statistics).squeeze(1)


class Spectral:
    """Pictures of sounds. The penalty is R1, every eighth step."""

    weight = 0.5
    betas = (0.5, 0.99)
    rates = (2e-5, 1e-3)

    def __init__(self, exemplars, neighbours, labels, frames, bands, length, latent):
        self.labels, self.length, self.latent = labels, length, latent
        self.codec = Codec(frames, bands, length)
        self.generator = SpectralGenerator(exemplars, neighbours, labels, self.codec, latent)
        self.discriminator = SpectralDiscriminator(labels, self.codec)

    def real(self, labels):
        return self.codec.encode(torch.rand(len(labels), self.length) * 2 - 1)

    def finished(self, samples):
        return self.codec.decode(samples)


def perceptron(*widths):
    layers = []
    for inputs, outputs in zip(widths, widths[1:]):
        layers += [nn.Linear(inputs, outputs), nn.LeakyReLU(0.2)]
    return nn.Sequential(*layers)


class LatentGenerator(nn.Module):
    def __init__(self, places, numbers, exemplars, neighbours, labels, latent):
        super().__init__()
        self.neighbours = neighbours
        self.register_buffer("mean", torch.rand(places, 3))
        self.register_buffer("directions", torch.rand(numbers, 3 * places) / numbers)
        self.register_buffer("scales", torch.ones(numbers))
        self.register_buffer("exemplars", torch.randn(exemplars, numbers))
        self.register_buffer("classes", torch.arange(exemplars) % labels)
        self.register_buffer("keys", F.normalize(torch.randn(exemplars, latent)))
        self.register_buffer("deformations", torch.randn(exemplars, neighbours * 30) * 0.01)
        self.amounts = nn.Linear(latent, neighbours + 1)
        self.change = perceptron(latent + numbers, 256, 256)
        self.changed = nn.Linear(256, numbers)

    def encode(self, clouds):
        return (clouds - self.mean).flatten(1) @ self.directions.T / self.scales

    def decode(self, codes):
        return (codes * self.scales @ self.directions).view(len(codes), -1, 3) + self.mean

    def deformed(self, codes, neighbours, amounts, share=1.0):
        way = amounts[:, -1:].tanh() * 0.25 + 0.75
        sums = ((amounts[:, :-1] * 10).softmax(1) * way * (1.1 * share)).unsqueeze(1) @ neighbours
        clouds = self.decode(codes)
        low, high = self.mean.amin(0), self.mean.amax(0)
        p = (clouds - (low + high) / 2) / ((high - low).max() / 2)
        x, y, z = p.unbind(2)
        terms = torch.cat(
            [torch.ones_like(p[..., :1]), p, p * p, torch.stack([x * y, x * z, y * z], 2)], 2
        )
        moved = clouds + terms @ sums.view(-1, 10, 3)
        low, high = moved.amin(1, keepdim=True), moved.amax(1, keepdim=True)
        return (moved - (low + high) / 2) / ((high - low).amax(2, keepdim=True) / 2)

    def shapes(self, z, labels):
        agreement = F.normalize(z) * 500 @ self.keys.T
        weights = agreement.masked_fill(labels.unsqueeze(1) != self.classes, -1e4).softmax(1)
        exemplar = weights @ self.exemplars
        code = exemplar + self.changed(self.change(torch.cat([z, exemplar], 1)))
        neighbours = (weights @ self.deformations).view(len(z), -1, 30)
        return self.deformed(code, neighbours, self.amounts(z))

    def forward(self, z, labels):
        return self.encode(self.shapes(z, labels))


class CodeCritic(nn.Module):
    def __init__(self, numbers, labels):
        super().__init__()
        self.layers = perceptron(numbers, 256, 256, 256)
        self.head = Head(256, labels)

    def forward(self, codes, labels):
        return self.head(self.layers(codes), labels)


class Latent:
    """Codes of shapes. The penalty is R1, every fourth step."""

    weight = 0.3
    betas = (0.0, 0.99)
    rates = (1e-4, 1e-3)

    def __init__(self, places, numbers, exemplars, neighbours, labels, points, latent):
        self.labels, self.latent, self.points = labels, latent, points
        self.generator = LatentGenerator(places, numbers, exemplars, neighbours, labels, latent)
        self.discriminator = CodeCritic(numbers, labels)

    @torch.no_grad()
    def real(self, labels):
        """Training shapes, deformed at random."""
        generator = self.generator
        indices = torch.randint(0, len(generator.exemplars), labels.shape)
        neighbours = generator.deformations[indices].view(len(labels), -1, 30)
        amounts = torch.randn(len(labels), generator.neighbours + 1)
        return generator.encode(
            generator.deformed(generator.exemplars[indices], neighbours, amounts, share=0.95)
        )

    def drawn(self, z, labels):
        clouds = self.generator.shapes(z, labels)
        choices = torch.rand(clouds.shape[:2]).topk(self.points).indices
        return clouds.gather(1, choices.unsqueeze(2).expand(-1, -1, 3))


class Peer:
    kinds = {"modern": Modern, "spectral": Spectral, "latent": Latent}

    def prepare(self, name, threads, *sizes):
        torch.set_num_threads(int(threads))
        torch.manual_seed(0)
        self.kind = self.kinds[name](*map(int, sizes))
        self.average = copy.deepcopy(self.kind.generator)
        networks = (self.kind.generator, self.kind.discriminator)
        self.optimisers = [
            torch.optim.Adam(network.parameters(), rate, self.kind.betas)
            for network, rate in zip(networks, self.kind.rates)
        ]
        return [sum(p.numel() for p in network.parameters()) for network in networks]

    def draws(self, count):
        return torch.randn(count, self.kind.latent), torch.randint(0, self.kind.labels, (count,))

    def update(self, penalised, count):
        kind = self.kind
        generator, discriminator = kind.generator, kind.discriminator
        z, labels = self.draws(count)
        real = kind.real(labels)
        with torch.no_grad():
            fake = generator(z, labels)
        logits = discriminator(torch.cat([real, fake]), torch.cat([labels, labels]))
        loss = F.softplus(-logits[:count]).mean() + F.softplus(logits[count:]).mean()
        if penalised:
            leaf = real.clone().requires_grad_()
            slope = torch.autograd.grad(discriminator(leaf, labels).sum(), leaf, create_graph=True)[0]
            loss = loss + kind.weight / 2 * slope.flatten(1).square().sum(1).mean()
        self.optimisers[1].zero_grad()
        loss.backward()
        self.optimisers[1].step()
        loss.item()
        z, labels = self.draws(count)
        discriminator.requires_grad_(False)
        loss = F.softplus(-discriminator(generator(z, labels), labels)).mean()
        self.optimisers[0].zero_grad()
        loss.backward()
        discriminator.requires_grad_(True)
        self.optimisers[0].step()
        loss.item()
        with torch.no_grad():
            for average, parameter in zip(self.average.parameters(), generator.parameters()):
                average.lerp_(parameter, 0.001)

    def step(self, batch, count):
        for index in range(int(count)):
            self.update(index == 0, int(batch))

    @torch.no_grad()
    def sample(self, count):
        kind = self.kind
        z, labels = self.draws(int(count))
        if hasattr(kind, "drawn"):
            return kind.drawn(z, labels).abs().max().item()
        return kind.finished(kind.generator(z, labels)).abs().max().item()


def main():
    peer = Peer()
    for line in sys.stdin:
        task, *words = line.split()
        start = time.perf_counter()
        answer = getattr(peer, task)(*words)
        seconds = time.perf_counter() - start
        print(*answer if task == "prepare" else [seconds], flush=True)


if __name__ == "__main__":
    main()
