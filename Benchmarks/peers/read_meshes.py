"""Checks surfaces that Duel has written by means of trimesh, which shares nothing with it.

    python3 read_meshes.py FOLDER [CLOUDS]

Reads all PLY and OBJ files of a folder that `duel points generate --mesh` has filled, and asks of each whether it is watertight,
whether its triangles are turned alike, and whether it encloses a volume. Names of files begin with a number and may go on with a label.
Prints for each label how many surfaces were right, the mean number of triangles, how many lie in several pieces, and a line for each
file that was not right. Exit codes: 0 where all were, 1 where one was not.

With CLOUDS, a folder that the same command has filled without `--mesh` but with `--points 1024` (PLY), also how far surface and points lie
apart, in parts of the cloud's longest side: from points to the surface and back in the mean, and how many clouds have points outside
the surface and farther than a tenth from it, which were left out as specks.

Needs trimesh with networkx and scipy.
"""

import collections
import pathlib
import sys

import numpy
import scipy.spatial
import trimesh

# Places drawn of a surface: so many that their spacing is small beside the distances that are measured.
SAMPLES = 50_000
# Points outside the surface and farther than this from it, in parts of the longest side, have none around them.
LOST = 0.1


def faults(mesh):
    """What is wrong with a surface, in words."""
    found = []
    if not mesh.is_watertight:
        found.append("open")
    if not mesh.is_winding_consistent:
        found.append("turned inconsistently")
    if not mesh.volume > 0:
        found.append(f"volume {mesh.volume:g}")
    return found


def is_outside(mesh, point):
    """Whether a closed surface does not enclose a point: the solid angles of its triangles sum to 0 (van Oosterom and Strackee, 1983)."""
    a, b, c = numpy.moveaxis(mesh.triangles - point, 1, 0)
    la, lb, lc = (numpy.linalg.norm(side, axis=1) for side in (a, b, c))
    volume = numpy.einsum("ij,ij->i", a, numpy.cross(b, c))
    dots = [numpy.einsum("ij,ij->i", *pair) for pair in ((a, b), (b, c), (c, a))]
    angles = 2 * numpy.arctan2(volume, la * lb * lc + dots[0] * lc + dots[1] * la + dots[2] * lb)
    return abs(angles.sum()) < 2 * numpy.pi


def distances(mesh, file):
    """Mean distances from a cloud's points to the surface and back, in parts of the longest side, and how many points are lost."""
    points = numpy.asarray(trimesh.load(file, process=False).vertices)
    size = numpy.ptp(points, axis=0).max()
    places, _ = trimesh.sample.sample_surface(mesh, SAMPLES, seed=1)
    there = scipy.spatial.cKDTree(places).query(points)[0] / size
    back = scipy.spatial.cKDTree(points).query(places)[0] / size
    lost = sum(is_outside(mesh, point) for point in points[there > LOST])
    return there.mean(), back.mean(), lost


def main():
    if len(sys.argv) not in (2, 3):
        sys.exit(__doc__)
    files = sorted(path for path in pathlib.Path(sys.argv[1]).rglob("*") if path.suffix in (".ply", ".obj"))
    if not files:
        sys.exit(f"{sys.argv[1]}: found no PLY or OBJ files")
    clouds = pathlib.Path(sys.argv[2]) if len(sys.argv) == 3 else None
    labels = collections.defaultdict(list)
    apart = collections.defaultdict(list)
    wrong = 0
    for path in files:
        mesh = trimesh.load(path, process=False)
        found = faults(mesh)
        label = path.stem.partition("-")[2] or "all"
        labels[label].append((len(mesh.faces), mesh.body_count, not found))
        if clouds:
            apart[label].append(distances(mesh, clouds / f"{path.stem}.ply"))
        if found:
            wrong += 1
            print(f"{path.name}: {', '.join(found)}")
    for label, rows in sorted(labels.items()):
        triangles = sum(row[0] for row in rows) // len(rows)
        pieces = sum(row[1] > 1 for row in rows)
        right = sum(row[2] for row in rows)
        print(f"{label:12} {right} of {len(rows)} right, {triangles} triangles in the mean, {pieces} in several pieces")
    for label, rows in sorted(apart.items()):
        there, back, _ = numpy.mean(rows, axis=0)
        lost = sum(row[2] > 0 for row in rows)
        points = sum(row[2] for row in rows)
        print(f"{label:12} points to surface {there:.4f}, back {back:.4f}, {lost} of {len(rows)} without {points} of their points")
    sys.exit(1 if wrong else 0)


if __name__ == "__main__":
    main()
