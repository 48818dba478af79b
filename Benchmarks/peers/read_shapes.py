"""Reads shape files that Duel wrote with libraries that know nothing of Duel.

    duel points generate RUN --count 3 --format ply --out shapes     (likewise xyz, npy, obj)
    python Benchmarks/peers/read_shapes.py shapes/*

PLY and OBJ by trimesh, NPY by numpy, XYZ by numpy's loadtxt. Prints points and extent of each, and ends with 1 where a file
cannot be read, holds a number that is not finite, or differs in its points from a file of the same name in another format.
"""

import pathlib
import sys

import numpy


def points(path):
    if path.suffix == ".npy":
        return numpy.load(path, allow_pickle=False)
    if path.suffix == ".xyz":
        return numpy.loadtxt(path, ndmin=2)
    import trimesh

    return numpy.asarray(trimesh.load(path, process=False).vertices)


def main(names):
    seen = {}
    faults = 0
    for path in map(pathlib.Path, names):
        if path.suffix not in (".ply", ".obj", ".npy", ".xyz"):
            continue
        try:
            cloud = points(path)
            if cloud.ndim != 2 or cloud.shape[1] != 3 or not numpy.isfinite(cloud).all():
                raise ValueError(f"an array of shape {cloud.shape}, or numbers that are not finite")
            twin = seen.setdefault(path.stem, cloud)
            if twin.shape != cloud.shape or numpy.abs(twin - cloud).max() > 1e-5:
                raise ValueError("other points than in the file of another format")
        except Exception as error:  # whatever a reader throws is what is to be shown
            print(f"{path}: {error}")
            faults += 1
            continue
        low, high = cloud.min(axis=0), cloud.max(axis=0)
        print(f"{path}: {len(cloud)} points, {[round(float(x), 3) for x in low]} to {[round(float(x), 3) for x in high]}")
    print(f"{faults} faults")
    return 1 if faults else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
