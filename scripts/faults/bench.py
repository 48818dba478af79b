"""What is tried out: a small run of each medium, the programs that run, and how runs are compared."""

import dataclasses
import hashlib
import json
import os
import pathlib
import random
import re
import resource
import shutil
import signal
import struct
import subprocess
import time
import wave

HERE = pathlib.Path(__file__).resolve().parent
PATIENCE = 400  # seconds after which a process counts as hung, on a machine that others use too
SENTENCE = re.compile(r"^Error: .{20,}", re.MULTILINE)


class Lost(Exception):
    """A fault did harm: the sentence says which."""


class Skipped(Exception):
    """A fault cannot be done on this machine."""


def require(holds, sentence):
    if not holds:
        raise Lost(sentence)


@dataclasses.dataclass
class Medium:
    """A medium with data of its own and the smallest networks that have every part."""

    name: str
    config: dict
    data: pathlib.Path
    generate: list
    output: str  # a file's name, or a folder's where samples are files of their own

    def make_data(self, seed=0):
        draws = random.Random(f"{self.name} {seed}")
        self.data.parent.mkdir(parents=True, exist_ok=True)
        if self.name == "plane":
            rows = [f"{draws.gauss(0, 1)},{draws.gauss(0, 2)}" for _ in range(300)]
            self.data.write_text("x,y\n" + "\n".join(rows) + "\n")
        elif self.name == "text":
            # More than 16 KiB, from where on files are mapped.
            words = {"".join(draws.choice("abcdefgh") for _ in range(8)) for _ in range(4000)}
            self.data.write_text("\n".join(sorted(words)) + "\n")
        else:
            self.data.mkdir(exist_ok=True)
            for index in range(24):
                if self.name == "audio":
                    with wave.open(str(self.data / f"{index:02}.wav"), "wb") as file:
                        file.setparams((1, 2, 16000, 0, "NONE", ""))
                        file.writeframes(b"".join(struct.pack("<h", draws.randint(-9000, 9000)) for _ in range(512)))
                else:
                    rows = [" ".join(f"{draws.gauss(0, 1):.4f}" for _ in range(3)) for _ in range(48)]
                    (self.data / f"{index:02}.xyz").write_text("\n".join(rows) + "\n")

    @property
    def files(self):
        return sorted(self.data.iterdir()) if self.data.is_dir() else [self.data]


@dataclasses.dataclass
class Ending:
    code: int  # negative for a signal
    text: str


class Bench:
    """The executable, the library that makes calls fail, and a folder for all that is written."""

    def __init__(self, duel, folder):
        self.duel, self.folder = pathlib.Path(duel).resolve(), pathlib.Path(folder).resolve()
        self.folder.mkdir(parents=True, exist_ok=True)
        self.shim = self.folder / "shim.so"
        compiler = os.environ.get("CC") or next(c for c in ("cc", "gcc", "clang") if shutil.which(c))
        subprocess.run(
            [compiler, "-O2", "-shared", "-fPIC", "-o", self.shim, HERE / "shim.c", "-ldl"], check=True)

    def start(self, words, below=None, memory=None, ranks=1, **faults):
        """Starts duel; `faults` are settings of the shim, `memory` the most bytes that it may map, `ranks` how many train."""
        environment = dict(os.environ, OMP_WAIT_POLICY="passive", SWIFT_BACKTRACE="enable=no")
        if below or faults:
            environment["LD_PRELOAD"] = str(self.shim)
            if below:
                environment["FAULTS_BELOW"] = str(below)
            environment |= {f"FAULTS_{key.upper()}": str(value) for key, value in faults.items()}
        output = open(self.folder / f"output-{time.monotonic_ns()}", "w+")

        def limit():
            resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
            # A shell that runs this in the background has Ctrl-C ignored.
            signal.signal(signal.SIGINT, signal.SIG_DFL)
            if memory:
                resource.setrlimit(resource.RLIMIT_AS, (memory, memory))

        launcher = []
        if ranks > 1:
            launcher = ["mpirun", "-n", str(ranks), "--oversubscribe"]
            # Containers are root, of whom mpirun wants to hear that he means it.
            environment |= {"OMPI_ALLOW_RUN_AS_ROOT": "1", "OMPI_ALLOW_RUN_AS_ROOT_CONFIRM": "1"}
        process = subprocess.Popen(
            [*launcher, self.duel, *map(str, words)], stdin=subprocess.DEVNULL, stdout=output, stderr=output,
            env=environment, preexec_fn=limit)
        process.output = output
        return process

    def end(self, process, patience=PATIENCE):
        try:
            code = process.wait(patience)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()
            raise Lost(f"hung for {patience} s") from None
        process.output.seek(0)
        text = process.output.read()
        process.output.close()
        os.unlink(process.output.name)
        return Ending(code, text)

    def run(self, words, **settings):
        return self.end(self.start(words, **settings))


@dataclasses.dataclass
class Shape:
    """How long a run is, how often it writes, and in how many parts it computes its batches."""

    name: str
    steps: int
    every: int
    parts: int = 1


SHORT = Shape("short", 12, 4)
LONG = Shape("long", 40, 8)
# As many parts as one, two and three ranks can share evenly: then all of them compute the same bytes.
RANKED = Shape("ranked", 40, 8, parts=6)


class Course:
    """A training of a medium in a shape, with what it leaves when nothing happens to it."""

    def __init__(self, bench, medium, shape):
        self.bench, self.medium, self.shape = bench, medium, shape
        self.last = f"step-{shape.steps:08}.safetensors"
        base = bench.folder / "whole" / f"{medium.name}-{shape.name}"
        shutil.rmtree(base, ignore_errors=True)
        log = base.with_suffix(".log")
        base.parent.mkdir(parents=True, exist_ok=True)
        log.unlink(missing_ok=True)
        started = time.monotonic()
        ending = bench.run(self.words(base), below=base, log=log)
        self.seconds = time.monotonic() - started
        require(ending.code == 0, f"the run without a fault failed: {ending.text}")
        self.whole = base
        self.calls = [line.split(" ", 2)[1:] for line in log.read_text().splitlines()]
        self.calls = [(name, path[len(str(base)):]) for name, path in self.calls]
        self.expected = self.content(base)

    def words(self, run):
        medium, shape = self.medium, self.shape
        return [
            medium.name, "train", "--preset", "tiny", "--config", self.bench.folder / f"{medium.name}.json",
            "--data", medium.data, "--steps", shape.steps, "--batch", 8, "--checkpoint-every", shape.every,
            "--validate-every", shape.every, "--accumulate", shape.parts, "--report-every", 1, "--preview-every", shape.every,
            "--threads", 1, "--seed", 1, "--quiet", "--out", run]

    def content(self, run):
        """Every file of a run by its name, as far as it does not depend on the clock or on the command line."""
        files = {}
        for path in sorted(run.rglob("*")):
            name = str(path.relative_to(run))
            if path.is_dir() or name in ("run.json", "run.lock"):
                continue
            data = path.read_bytes()
            if name == "metrics.jsonl":
                data = re.sub(rb',"seconds":.*', b"", data)
            files[name] = data
        return files

    def latest(self, run):
        """The checkpoint that the run would go on from, None before there is one."""
        pointer = run / "checkpoints/latest"
        return run / "checkpoints" / pointer.read_text().strip() if pointer.exists() else None

    def require_intact(self, run):
        """The newest checkpoint has the bytes that it should have."""
        file = self.latest(run)
        if file is None:
            return
        require(file.exists(), f"latest names {file.name}, which is not there")
        stated, found = digests(file)
        require(stated == found, f"{file.name} is damaged")

    def go_on(self, run, words=(), **settings):
        """The command that a user would give next."""
        resume = ["--resume", *words] if (run / "run.json").exists() else []
        return self.bench.run(self.words(run) + resume, **settings)

    def require_same(self, run, exact=True, **settings):
        """The run goes on, ends, and has left what one without a fault leaves."""
        ending = self.go_on(run, **settings)
        require(ending.code == 0, f"does not go on ({ending.code}): {ending.text.strip()}")
        self.require_equal(run, exact)

    def require_equal(self, run, exact=True):
        found = self.content(run)
        temporary = [name for name in found if ".duel-" in name]
        require(not temporary, f"left {temporary}")
        # A signal makes a checkpoint of its own step, so that older ones go earlier.
        names = {n for n in self.expected if exact or not n.startswith("checkpoints/step-") or n.endswith(self.last)}
        missing = sorted(names - set(found))
        require(not missing, f"has no {missing}")
        differing = sorted(name for name in set(found) & set(self.expected) if found[name] != self.expected[name])
        require(not differing, f"other bytes in {differing}")
        # Where a process died before it removed an older checkpoint, that may stay.
        strangers = {name for name in set(found) - set(self.expected) if not name.startswith("checkpoints/step-")}
        require(not strangers, f"left {sorted(strangers)}")


def digests(path):
    """The digest that a checkpoint states, and the one that its content has; see docs/checkpoint-format.md."""
    data = path.read_bytes()
    try:
        (length,) = struct.unpack("<Q", data[:8])
        header = json.loads(data[8 : 8 + length])
        stated = header["__metadata__"].pop("content-sha256")
        text = json.dumps(header, separators=(",", ":"), ensure_ascii=False)
        return stated, hashlib.sha256(text.encode() + data[8 + length :]).hexdigest()
    except (ValueError, KeyError, struct.error):
        return "no digest", ""


def media(folder):
    """The media, with their data and configurations below a folder."""
    latent = {"latentDimension": 4, "warmUp": {"steps": 4}}
    found = [
        Medium("plane", {"network": {"width": 8, "depth": 2}, "training": {**latent, "latentDimension": 2}},
               folder / "data/points.csv", ["--count", 3000], "points.csv"),
        Medium("text", {"generator": {"embedding": 4, "hidden": 8},
                        "discriminator": {"embedding": 4, "widths": [2, 3], "channels": 4, "hidden": 4},
                        "training": latent},
               folder / "data/names.txt", ["--count", 3000], "names.txt"),
        Medium("audio", {"network": "modern", "data": {"length": 128},
                         "generator": {"widths": [4, 4], "style": 4, "window": 16, "labelDimension": 2},
                         "discriminator": {"window": 16, "width": 4, "waveWidths": [4], "layers": 1},
                         "training": {"latentDimension": 4, "precision": "float32"}},
               folder / "data/sounds", ["--count", 6], "samples"),
        Medium("points", {"network": "latent", "data": {"points": 32, "meshPoints": 64},
                          "latent": {"change": [4], "critic": [4], "exemplars": 8, "neighbours": 3, "numbers": 4,
                                     "places": 16},
                          "training": {"latentDimension": 4, "precision": "float32"}},
               folder / "data/clouds", ["--count", 6], "samples"),
    ]
    for medium in found:
        (folder / f"{medium.name}.json").write_text(json.dumps(medium.config))
        medium.make_data()
    return found


def wait_for(process, condition):
    """Waits until something holds, or the process ends; whether it holds."""
    deadline = time.monotonic() + PATIENCE
    while process.poll() is None and time.monotonic() < deadline:
        if condition():
            return True
        time.sleep(0.002)
    return condition()


def send(process, number):
    if process.poll() is None:
        process.send_signal(number)


SIGNALS = {"kill -9": signal.SIGKILL, "SIGTERM": signal.SIGTERM, "SIGINT": signal.SIGINT}
