"""Imports torch, makes a network and samples once: what the start of a process costs. The network's name is the argument."""

import sys

import classic_step
import default_step
import text_step
import torch


def main(name):
    torch.manual_seed(0)
    with torch.no_grad():
        if name == "text":
            text_step.Generator(40, 64).write(torch.randn(1, 32))
        elif name == "classic":
            classic_step.Generator(8192, 16)(torch.rand(1, 100) * 2 - 1)
        else:
            sizes = {
                "spectral": (1000, 8, 5, 136, 90, 8192, 64),
                "modern": (5, 8192, 64),
                "latent": (1024, 1024, 2048, 10, 7, 512, 64),
            }
            peer = default_step.Peer()
            peer.kind = peer.kinds[name](*sizes[name])
            peer.sample(1)


if __name__ == "__main__":
    main(*sys.argv[1:])
