"""Compares how Duel reads shape files with what numpy and trimesh have written into them.

    python3 read_points.py [--duel PATH] [--seed N] [--keep FOLDER]

Writes random clouds in every format, layout and dialect that is listed here, 100 files and more, has each read by
`duel points inspect FILE --json`, and compares the number of shapes, and of each shape the number of points and the least,
greatest and mean coordinates. Prints a line for each file that differs, and a count. Exit codes: 0 where all agree, 1 where
some differ.

Needs numpy; with trimesh, its own writers of PLY, OFF and OBJ are tried too. Of the JSON it reads, for each shape of the list
`shapes`, `points`, `minimum`, `maximum` and `mean`.
"""

import argparse
import json
import pathlib
import subprocess
import sys
import tempfile

import numpy as np

try:
    import trimesh
except ImportError:
    trimesh = None


def cloud(random, count, far):
    """Points of a random box, near the origin or where surveys have them."""
    places = random.normal(size=(count, 3)) * random.uniform(0.1, 10, 3) + random.uniform(-5, 5, 3)
    return places + random.uniform(1e5, 6e6, 3) if far else places


def arrays(random):
    """NumPy files: a name, what writes it, and the clouds that are in it."""
    for dtype in ["f2", "<f4", ">f4", "<f8", ">f8", "i2", "i4", "i8"]:
        for shape in ["N3", "3N", "SN3", "S3N", "fortran", "N6", "SN4", "1N3", "npz", "zipped", "named"]:
            count, stack = int(random.integers(20, 60)), int(random.integers(4, 9))
            whole = dtype[0] == "i"
            places = [cloud(random, count, dtype[-2:] == "f8" and random.random() < 0.5) for _ in range(stack)]
            places = [(np.round(p * 20) if whole else p).astype(dtype) for p in places]
            extra = random.normal(size=(stack, count, 3)).astype("f8") * 50
            one = shape in ("N3", "3N", "fortran", "N6", "1N3", "zipped")
            used = places[:1] if one else places
            whole_stack = np.stack(used)
            array = {
                "N3": lambda: used[0],
                "3N": lambda: np.ascontiguousarray(used[0].T),
                "SN3": lambda: whole_stack,
                "S3N": lambda: np.ascontiguousarray(whole_stack.transpose(0, 2, 1)),
                "fortran": lambda: np.vstack(list(used[0].T)).T,
                "N6": lambda: np.hstack([used[0], extra[0].astype(dtype)]),
                "SN4": lambda: np.concatenate([whole_stack, extra[:, :, :1].astype(dtype)], axis=2),
                "1N3": lambda: whole_stack,
            }.get(shape, lambda: used[0] if one else whole_stack)()
            name = f"{dtype.strip('<>')}{'-big' if '>' in dtype else ''}-{shape}"
            if shape in ("npz", "zipped", "named"):
                save = np.savez_compressed if shape == "zipped" else np.savez
                others = {"normals": extra} if shape == "named" else {}
                yield name + ".npz", lambda path, s=save, a=array, o=others: s(path, points=a, **o), used
            else:
                yield name + ".npy", lambda path, a=array: np.save(path, a), used


def table(places, separator, number="%.9g", comma=False, head="", before=None, after=None, count=False):
    """A text with a point a line."""
    rows = []
    for index, place in enumerate(places):
        words = [number % value for value in place]
        words = [word.replace(".", ",") for word in words] if comma else words
        rows.append(separator.join((before(index) if before else []) + words + (after(index) if after else [])))
    return (f"{len(places)}\n" if count else "") + head + "\n".join(rows) + "\n"


def tables(random):
    """Texts: a name, what writes it, and the cloud that is in it."""
    dialects = {
        "blank": dict(separator=" "), "tab": dict(separator="\t"), "csv": dict(separator=","),
        "spaced": dict(separator=", "), "semicolon": dict(separator=";"), "count": dict(separator=" ", count=True),
        "comma": dict(separator=" ", comma=True, number="%.6f"),
        "comma-tab": dict(separator="\t", comma=True, number="%.6f"),
        "comma-semicolon": dict(separator=";", comma=True, number="%.6f"),
        "comma-spaced": dict(separator=", ", comma=True, number="%.6f"),
        "comma-count": dict(separator=" ", comma=True, number="%.6f", count=True),
        "named": dict(separator=",", head="x,y,z\n"), "capital": dict(separator=" ", head="X Y Z\n"),
        "index": dict(separator=",", head=",x,y,z\n", before=lambda i: [str(i)]),
        "rows": dict(separator=",", before=lambda i: [str(i + 1)]),
        "colour-behind": dict(separator=" ", after=lambda i: ["255", "0", str(i)]),
        "colour-before": dict(separator=",", head="r,g,b,x,y,z\n", before=lambda i: ["255", "0", str(i)]),
        "compare": dict(separator=" ", head="//X Y Z Intensity\n", after=lambda i: [f"0.{i}"]),
        "science": dict(separator=" ", number="%.9e"),
    }
    for name, dialect in dialects.items():
        for mark, encoding in [("", "utf-8"), ("-bom", "utf-8-sig"), ("-16", "utf-16")]:
            for far in [False, True] if not mark else [False]:
                places = cloud(random, int(random.integers(20, 60)), far)
                settings = dict(dialect)
                if far and "number" not in settings:
                    settings["number"] = "%.4f"
                text = table(places, **settings)
                read = [float(settings.get("number", "%.9g") % value) for value in places.ravel()]
                extension = "csv" if "," in settings["separator"] else "xyz" if len(name) % 2 else "txt"
                file = f"{name}{mark}{'-far' if far else ''}.{extension}"
                yield file, lambda path, t=text, e=encoding: path.write_text(t, encoding=e), [
                    np.array(read).reshape(-1, 3)]


def meshes(random):
    """Vertices without faces, as text and as trimesh writes them."""
    for number in range(6):
        far = number % 2 == 1
        places = np.round(cloud(random, int(random.integers(20, 60)), far), 4)
        lines = "".join("%.4f %.4f %.4f\n" % tuple(place) for place in places)
        head = f"ply\nformat ascii 1.0\nelement vertex {len(places)}\n" + "".join(
            f"property double {axis}\n" for axis in "xyz") + "end_header\n"
        obj = "".join("v " + line + "\n" for line in lines.splitlines())
        texts = {"obj": obj, "off": f"OFF\n{len(places)} 0 0\n{lines}", "ply": head + lines}
        for extension, text in texts.items():
            bom = "utf-8-sig" if number % 3 == 2 else "utf-8"
            yield f"text{number}.{extension}", lambda path, t=text, e=bom: path.write_text(t, encoding=e), [places]
        order = "<" if number % 2 else ">"
        binary = head.replace("ascii", "binary_little_endian" if order == "<" else "binary_big_endian")
        data = binary.encode() + places.astype(order + "f8").tobytes()
        yield f"binary{number}.ply", lambda path, d=data: path.write_bytes(d), [places]
        if trimesh is not None and not far:
            for extension in ["ply", "obj", "xyz"]:
                single = trimesh.PointCloud(places.astype("f4"))
                yield f"trimesh{number}.{extension}", lambda path, c=single: c.export(path), [places]


def differences(shapes, clouds):
    """What differs between the answer and the clouds, in words."""
    if len(shapes) != len(clouds):
        return [f"{len(shapes)} shapes for {len(clouds)}"]
    found = []
    for index, (shape, places) in enumerate(zip(shapes, clouds)):
        places = np.asarray(places, dtype="f8")
        if shape["points"] != len(places):
            found.append(f"shape {index}: {shape['points']} points for {len(places)}")
            continue
        size = (places.max(0) - places.min(0)).max()
        for key, expected in [("minimum", places.min(0)), ("maximum", places.max(0)), ("mean", places.mean(0))]:
            error = np.abs(np.array(shape[key]) - expected).max() / size
            if not error < 2e-6:
                found.append(f"shape {index}: {key} {shape[key]} for {expected.tolist()}")
    return found


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--duel", default="duel", help="the program")
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--keep", type=pathlib.Path, help="a folder for the files (default: one of a moment)")
    options = parser.parse_args()
    random = np.random.default_rng(options.seed)
    count = wrong = 0
    with tempfile.TemporaryDirectory() as moment:
        folder = options.keep or pathlib.Path(moment)
        folder.mkdir(parents=True, exist_ok=True)
        for name, write, clouds in [*arrays(random), *tables(random), *meshes(random)]:
            path = folder / name
            write(path)
            answer = subprocess.run(
                [options.duel, "points", "inspect", path, "--json"], capture_output=True, text=True)
            if answer.returncode == 0:
                found = differences(json.loads(answer.stdout)["shapes"], clouds)
            else:
                found = [answer.stderr.strip()]
            count += 1
            wrong += bool(found)
            for words in found[:3]:
                print(f"{name}: {words}")
    print(f"{count} files, {wrong} read otherwise")
    sys.exit(wrong > 0)


if __name__ == "__main__":
    main()
