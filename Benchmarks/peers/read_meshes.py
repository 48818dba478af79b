"""Checks surfaces that Duel has written by means of trimesh, which shares nothing with it.

    python3 read_meshes.py FOLDER

Reads all PLY and OBJ files of a folder that `duel points generate --mesh` has filled, and asks of each whether it is watertight,
whether its triangles are turned alike, and whether it encloses a volume. Names of files begin with a number and may go on with a label.
Prints for each label how many surfaces were right, the mean number of triangles, how many lie in several pieces, and a line for each
file that was not right. Exit codes: 0 where all were, 1 where one was not.

Needs trimesh with networkx and scipy.
"""

import collections
import pathlib
import sys

import trimesh


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


def main():
    if len(sys.argv) != 2:
        sys.exit(__doc__)
    files = sorted(path for path in pathlib.Path(sys.argv[1]).rglob("*") if path.suffix in (".ply", ".obj"))
    if not files:
        sys.exit(f"{sys.argv[1]}: found no PLY or OBJ files")
    labels = collections.defaultdict(list)
    wrong = 0
    for path in files:
        mesh = trimesh.load(path, process=False)
        found = faults(mesh)
        labels[path.stem.partition("-")[2] or "all"].append((len(mesh.faces), mesh.body_count, not found))
        if found:
            wrong += 1
            print(f"{path.name}: {', '.join(found)}")
    for label, rows in sorted(labels.items()):
        triangles = sum(row[0] for row in rows) // len(rows)
        pieces = sum(row[1] > 1 for row in rows)
        right = sum(row[2] for row in rows)
        print(f"{label:12} {right} of {len(rows)} right, {triangles} triangles in the mean, {pieces} in several pieces")
    sys.exit(1 if wrong else 0)


if __name__ == "__main__":
    main()
