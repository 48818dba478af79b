"""Compares how Duel reads shape files with what numpy and trimesh have written into them.

    python3 read_points.py [--duel PATH] [--seed N] [--count N] [--formats NAME ...] [--keep FOLDER]

Writes random clouds and surfaces in every layout and dialect that is listed here, 200 files of each format unless `--count` says
otherwise, some of them cut off. Has each folder of them read by `duel points inspect FOLDER --json`, and compares the number of
shapes, and of each shape the number of points and the least, greatest and mean coordinates. Of surfaces, from which points are
drawn, the box has to hold these, and nearly be filled, and the mean has to be that of the area.

A file is *wrong* where something else was read than is in it, or where a whole file was refused. It is *lost* where columns or
arrays that it has beside coordinates, or its missing end, are passed over without an error or a note that names the file. Prints a
line for each such file, and the counts of each format. Exit codes: 0 where there is none, 1 where there is one.

Needs numpy; with trimesh, its own writers of PLY, OFF, OBJ and STL are tried too. Of the JSON it reads `faults`, and for each shape
of the list `shapes`, `file`, `points`, `minimum`, `maximum`, `mean` and `notes`.
"""

import collections
import dataclasses
import itertools
import sys

import numpy as np

import reading

try:
    import trimesh
except ImportError:
    trimesh = None


@dataclasses.dataclass
class Case:
    """A file: its name, what writes it, and the clouds or the surface that are in it."""

    name: str
    write: object
    shapes: list
    # What it has beside these; None where it has nothing.
    lacks: object = None


@dataclasses.dataclass
class Surface:
    """Triangles, from which points are drawn."""

    vertices: np.ndarray
    faces: np.ndarray


def cut(random, write):
    """Writes a file, and takes some of its last third away."""
    def shortened(path):
        write(path)
        data = path.read_bytes()
        path.write_bytes(data[:int(len(data) * random.uniform(0.67, 0.97))])
    return shortened


def cloud(random, count, far):
    """Points of a random box, near the origin or where surveys have them."""
    places = random.normal(size=(count, 3)) * random.uniform(0.1, 10, 3) + random.uniform(-5, 5, 3)
    return places + random.uniform(1e5, 6e6, 3) if far else places


def arrays(random):
    """NumPy files."""
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
                case = Case(name + ".npz", lambda path, s=save, a=array, o=others: s(path, points=a, **o), used,
                            "another array" if others else None)
            else:
                case = Case(name + ".npy", lambda path, a=array: np.save(path, a), used,
                            "further columns" if shape in ("N6", "SN4") else None)
            yield case
            if random.random() < 0.05:
                yield Case("cut-" + case.name, cut(random, case.write), [], "the end")


def table(places, separator, number="%.9g", comma=False, head="", before=None, after=None, count=False):
    """A text with a point a line."""
    rows = []
    for index, place in enumerate(places):
        words = [number % value for value in place]
        words = [word.replace(".", ",") for word in words] if comma else words
        rows.append(separator.join((before(index) if before else []) + words + (after(index) if after else [])))
    return (f"{len(places)}\n" if count else "") + head + "\n".join(rows) + "\n"


def tables(random):
    """Texts with a point a line."""
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
                extension = "csv" if "," in settings["separator"] else str(random.choice(["xyz", "txt"]))
                file = f"{name}{mark}{'-far' if far else ''}.{extension}"
                further = name in ("index", "rows", "colour-behind", "colour-before", "compare")
                write = lambda path, t=text, e=encoding: path.write_text(t, encoding=e)
                yield Case(file, write, [np.array(read).reshape(-1, 3)], "further columns" if further else None)
                if "count" in name and not mark:
                    lines = text.splitlines(True)
                    yield Case("cut-" + file, lambda path, t="".join(lines[:-3]): path.write_text(t), [], "the end")


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
            write = lambda path, t=text, e=bom: path.write_text(t, encoding=e)
            yield Case(f"text{number}.{extension}", write, [places])
            if extension != "obj" and random.random() < 0.2:
                shortened = "".join(text.splitlines(True)[:-2])
                yield Case(f"cut{number}.{extension}", lambda path, t=shortened: path.write_text(t), [], "the end")
        order = "<" if number % 2 else ">"
        binary = head.replace("ascii", "binary_little_endian" if order == "<" else "binary_big_endian")
        data = binary.encode() + places.astype(order + "f8").tobytes()
        yield Case(f"binary{number}.ply", lambda path, d=data: path.write_bytes(d), [places])
        if random.random() < 0.2:
            yield Case(f"cut-binary{number}.ply", cut(random, lambda path, d=data: path.write_bytes(d)), [], "the end")
        if trimesh is not None and not far:
            for extension in ["ply", "obj", "xyz"]:
                single = trimesh.PointCloud(places.astype("f4"))
                yield Case(f"trimesh{number}.{extension}", lambda path, c=single: c.export(path), [places])


def surfaces(random):
    """Triangles, as text and binary STL, as the other formats have them, and as trimesh writes them."""
    for number in range(6):
        vertices = np.round(cloud(random, int(random.integers(8, 40)), number % 2 == 1), 3).astype("f4").astype("f8")
        faces = np.array([random.choice(len(vertices), 3, replace=False) for _ in range(int(random.integers(4, 60)))])
        used, faces = np.unique(faces, return_inverse=True)
        surface = Surface(vertices[used], faces.reshape(-1, 3))
        corners = surface.vertices[surface.faces].astype("f4")
        record = np.zeros(len(corners), dtype=[("normal", "<f4", 3), ("corners", "<f4", (3, 3)), ("more", "<u2")])
        record["corners"] = corners
        head = b"solid or not".ljust(80, b" " if number % 2 else b"\0")
        binary = head + np.uint32(len(corners)).tobytes() + record.tobytes()
        facets = "".join("facet normal 0 0 0\nouter loop\n" + "".join("vertex %.9g %.9g %.9g\n" % tuple(place) for place in three)
                         + "endloop\nendfacet\n" for three in corners)
        points = "".join("%.9g %.9g %.9g\n" % tuple(place) for place in surface.vertices)
        rows = "".join("3 %d %d %d\n" % tuple(face) for face in surface.faces)
        obj = "".join("v " + line + "\n" for line in points.splitlines()) + "".join(
            "f " + " ".join(f"{corner + 1 - (len(surface.vertices) + 1 if number % 3 == 1 else 0)}" for corner in face) + "\n"
            for face in surface.faces)
        ply = (f"ply\nformat ascii 1.0\nelement vertex {len(surface.vertices)}\n"
               + "".join(f"property float {axis}\n" for axis in "xyz")
               + f"element face {len(surface.faces)}\nproperty list uchar int vertex_indices\nend_header\n" + points + rows)
        texts = {"stl": f"solid name\n{facets}endsolid name\n", "obj": obj, "ply": ply,
                 "off": f"OFF\n{len(surface.vertices)} {len(surface.faces)} 0\n{points}{rows}"}
        for extension, text in texts.items():
            yield Case(f"surface{number}.{extension}", lambda path, t=text: path.write_text(t), [surface])
        yield Case(f"surface-binary{number}.stl", lambda path, d=binary: path.write_bytes(d), [surface])
        if random.random() < 0.4:
            write = cut(random, lambda path, d=binary: path.write_bytes(d))
            yield Case(f"cut-binary{number}.stl", write, [], "the end")
            write = cut(random, lambda path, t=texts["stl"]: path.write_text(t))
            yield Case(f"cut{number}.stl", write, [], "the end")
        if trimesh is not None:
            mesh = trimesh.Trimesh(surface.vertices, surface.faces, process=False)
            for extension in ["stl", "ply", "obj", "off"]:
                yield Case(f"surface-trimesh{number}.{extension}", lambda path, m=mesh: m.export(path), [surface])


def of_surface(shape, surface):
    """What differs between drawn points and a surface, in words."""
    corners = surface.vertices[surface.faces]
    areas = np.linalg.norm(np.cross(corners[:, 1] - corners[:, 0], corners[:, 2] - corners[:, 0]), axis=1)
    used = corners[areas > 0].reshape(-1, 3)
    low, high, size = used.min(0), used.max(0), (used.max(0) - used.min(0)).max()
    # The mean and the covariance of all points of the area.
    centre = np.average(corners.mean(1), axis=0, weights=areas)
    spread = np.average(((corners - centre) ** 2).sum(1) + 9 * (corners.mean(1) - centre) ** 2, axis=0, weights=areas) / 12
    found = []
    least, most, mean = (np.array(shape[key]) for key in ("minimum", "maximum", "mean"))
    if (least < low - 1e-5 * size).any() or (most > high + 1e-5 * size).any() or (most - least < 0.5 * (high - low) - 1e-5 * size).any():
        found.append(f"{shape['minimum']} to {shape['maximum']} for {low.tolist()} to {high.tolist()}")
    # One in a thousand million is further off.
    if (np.abs(mean - centre) > 6 * np.sqrt(spread / shape["points"]) + 2e-6 * size).any():
        found.append(f"mean {shape['mean']} for {centre.tolist()}")
    return found


def differences(shapes, expected):
    """What differs between the answer and the clouds, in words."""
    if len(shapes) != len(expected):
        return [f"{len(shapes)} shapes for {len(expected)}"]
    found = []
    for index, (shape, places) in enumerate(zip(shapes, expected)):
        if isinstance(places, Surface):
            found += of_surface(shape, places)
            continue
        places = np.asarray(places, dtype="f8")
        if shape["points"] != len(places):
            found.append(f"shape {index}: {shape['points']} points for {len(places)}")
            continue
        size = (places.max(0) - places.min(0)).max()
        for key, wanted in [("minimum", places.min(0)), ("maximum", places.max(0)), ("mean", places.mean(0))]:
            error = np.abs(np.array(shape[key]) - wanted).max() / size
            if not error < 2e-6:
                found.append(f"shape {index}: {key} {shape[key]} for {wanted.tolist()}")
    return found


def judged(case, shapes, faults):
    """Whether a file was read `right`, `refused` for a reason, `wrong` or `lost`, and why, in words."""
    if faults or not shapes:
        words = faults[0] if faults else "neither read nor refused"
        return ("refused" if faults else "lost", words) if case.lacks == "the end" or not faults else ("wrong", words)
    if case.lacks and not all(shape["notes"] for shape in shapes):
        return "lost", f"{case.lacks}; read {shapes[0]['points']} points"
    if not case.shapes:
        return "right", ""
    found = differences(shapes, case.shapes)
    return ("wrong", "; ".join(found[:3])) if found else ("right", "")


FORMATS = ["npy", "npz", "xyz", "txt", "csv", "ply", "obj", "off", "stl"]


def cases(random, count, formats):
    """So many cases of each format, in turns of all layouts and dialects."""
    found = collections.defaultdict(list)
    for turn in itertools.count():
        for case in itertools.chain(*(make(random) for make in (arrays, tables, meshes, surfaces))):
            extension = case.name.rpartition(".")[2]
            if extension in formats and len(found[extension]) < count:
                case.name = f"{turn:02}-{case.name}"
                found[extension].append(case)
        if all(len(found[extension]) >= count for extension in formats):
            return found


def main():
    options = reading.options(__doc__, FORMATS)
    bad = 0
    with reading.folders(options.keep) as made:
        for name, files in cases(np.random.default_rng(options.seed), options.count, options.formats).items():
            folder = made(name)
            for case in files:
                case.write(folder / case.name)
            answer = reading.inspected(options.duel, "points", folder)
            shapes = collections.defaultdict(list)
            for shape in answer["shapes"]:
                shapes[shape["file"]].append(shape)
            counts = reading.Counts(name)
            for case in files:
                faults = [fault for fault in answer["faults"] if str(folder / case.name) in fault]
                counts.add(case.name, *judged(case, shapes[case.name], faults))
            bad += counts.finish(len(files))
    sys.exit(bad > 0)


if __name__ == "__main__":
    main()
