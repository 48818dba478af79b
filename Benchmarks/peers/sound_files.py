"""Random sounds, and the bytes of files and of what stands around sounds in them, for read_sounds.py. No program by itself."""

import dataclasses
import io
import struct

import numpy as np
import soundfile

RATES = [4000, 8000, 11025, 16000, 22050, 32000, 44100, 48000, 88200, 96000, 192000]


@dataclasses.dataclass
class Case:
    """A file, and what is in it."""

    name: str
    data: bytes
    # What is to be read of it, frames by channels in single precision; None where nothing can be.
    samples: object
    rate: int
    # Whether the format keeps numbers exactly.
    exact: bool = True
    # What of its content is not among the samples; None where it is whole.
    lacks: object = None


# Signals


def signal(random, channels, rate, longest=400_000):
    """Samples from -1 to 1, frames by channels: noise, tones, clicks, silence, of one frame to some seconds."""
    frames = int(random.choice([1, 2, 3, random.integers(4, 300), random.integers(300, rate), rate * 3],
                               p=[0.04, 0.04, 0.04, 0.18, 0.6, 0.1]))
    frames = max(1, min(frames, longest // channels))
    time = np.arange(frames)[:, None] / rate
    kind = random.choice(["noise", "tones", "clicks", "steps", "silent"], p=[0.3, 0.4, 0.12, 0.13, 0.05])
    level = random.choice([1, 0.99, random.uniform(0.05, 0.9), random.uniform(1e-3, 0.05)], p=[0.2, 0.2, 0.5, 0.1])
    if kind == "noise":
        wanted = random.uniform(-1, 1, (frames, channels))
    elif kind == "tones":
        wanted = np.sin(2 * np.pi * random.uniform(20, rate / 3, channels) * time + random.uniform(0, 6, channels))
    elif kind == "clicks":
        wanted = np.where(random.random((frames, channels)) < 0.02, random.choice([-1.0, 1.0], (frames, channels)), 0)
    elif kind == "steps":
        wanted = np.repeat(random.choice([-1.0, 1.0, 0.3], (frames // 50 + 1, channels)), 50, 0)[:frames]
    else:
        wanted = np.zeros((frames, channels))
    return wanted * level + (random.uniform(-0.1, 0.1) * (1 - level) if kind != "silent" else 0)


def drawn(random, channels=None, rates=None):
    """A rate, channels and a signal."""
    rate = int(random.choice(rates or [*RATES, random.integers(4000, 192_001)]))
    count = channels or int(random.choice([1, 2, random.integers(3, 9)], p=[0.4, 0.35, 0.25]))
    return rate, signal(random, count, rate)


# Samples as bytes


def whole_numbers(samples, bits):
    top = 1 << (bits - 1)
    return np.clip(np.round(samples * top), -top, top - 1).astype("i8")


def g711(codes, law):
    """Samples of the codes of ITU-T G.711, of 16 bits."""
    codes = codes.astype("i4")
    if law == "alaw":
        codes ^= 0x55
        segment = codes >> 4 & 7
        size = (codes & 15) * 16 + 8
        size = np.where(segment > 0, (size + 256) << np.maximum(segment - 1, 0), size)
        return np.where(codes & 0x80, size, -size)
    codes = ~codes & 0xff
    size = (((codes & 15) << 3) + 0x84 << (codes >> 4 & 7)) - 0x84
    return np.where(codes & 0x80, -size, size)


def packed(random, samples, kind, big=False):
    """The bytes of samples, and these as they are read: `kind` is `i8`, `u8`, `i16`, `i24`, `i32`, `f32`, `f64`, `ulaw` or `alaw`."""
    order = ">" if big else "<"
    if kind in ("ulaw", "alaw"):
        codes = random.integers(0, 256, samples.shape).astype("u1")
        return codes.tobytes(), (g711(codes, kind) / 32768).astype("f4")
    if kind[0] == "f":
        numbers = samples.astype(f"{order}f{int(kind[1:]) // 8}")
        return numbers.tobytes(), numbers.astype("f4")
    bits = int(kind[1:])
    numbers = whole_numbers(samples, bits)
    read = (numbers.astype("f4") / np.float32(1 << (bits - 1))).astype("f4")
    if kind == "u8":
        return (numbers + 128).astype("u1").tobytes(), read
    if bits == 24:
        four = (numbers << 8).astype(f"{order}i4").reshape(-1, 1).view("u1")
        return np.ascontiguousarray(four[:, 0:3] if big else four[:, 1:4]).tobytes(), read
    return numbers.astype(f"{order}i{bits // 8}").tobytes(), read


def by_soundfile(samples, rate, container, subtype, endian="FILE", **more):
    """The bytes that soundfile writes, and the samples that they hold exactly, or as soundfile decodes them."""
    file = io.BytesIO()
    if subtype.startswith("PCM_"):
        bits = int(subtype.lstrip("PCM_SU"))
        numbers = whole_numbers(samples, bits)
        values = (numbers << 32 - bits).astype("i4")
        read = (numbers.astype("f4") / np.float32(1 << (bits - 1))).astype("f4")
    else:
        values = samples.astype("f8" if subtype == "DOUBLE" else "f4")
        read = values.astype("f4") if subtype in ("FLOAT", "DOUBLE") else None
    soundfile.write(file, values, rate, subtype=subtype, endian=endian, format=container, **more)
    data = file.getvalue()
    if read is None:
        read, _ = soundfile.read(io.BytesIO(data), dtype="float32", always_2d=True)
    return data, read


# What stands around sounds


def id3(random):
    """A tag as it stands in front of files: title and comment."""
    text = b"\0" + bytes(random.integers(97, 123, int(random.integers(1, 400)), dtype="u1"))
    frame = b"TIT2" + struct.pack(">I", len(text)) + b"\0\0" + text
    size = len(frame)
    return b"ID3\3\0\0" + bytes(size >> shift & 0x7f for shift in (21, 14, 7, 0)) + frame


def chunk(name, content, big=False, pad=True):
    return name + struct.pack(">I" if big else "<I", len(content)) + content + (b"\0" if pad and len(content) % 2 else b"")


def notes_chunks(random, big=False):
    """Some chunks that are no sound."""
    def text(most):
        return bytes(random.integers(32, 127, int(random.integers(1, most)), dtype="u1"))
    kinds = [
        lambda: chunk(b"LIST", b"INFO" + chunk(b"ICMT", text(60)), big), lambda: chunk(b"bext", text(60).ljust(602, b"\0"), big),
        lambda: chunk(b"junk", text(80), big), lambda: chunk(b"JUNK", bytes(int(random.integers(1, 99))), big),
        lambda: chunk(b"PAD ", text(50), big), lambda: chunk(b"Xtra", text(50), big),
        lambda: chunk(b"_PMX", text(200), big), lambda: chunk(b"iXML", text(200), big),
    ]
    return b"".join(kinds[int(random.integers(len(kinds)))]() for _ in range(int(random.integers(1, 4))))


def tail(random):
    """What some programs leave behind a file: a name, the bytes, and whether they are a tag, which is no content."""
    kind = random.choice(["tag", "rubbish", "zeros", "id3"])
    if kind == "tag":
        return kind, b"TAG" + b"title".ljust(125, b"\0"), True
    if kind == "id3":
        return kind, id3(random), True
    count = int(random.integers(300, 3000)) * 2
    return kind, bytes(count) if kind == "zeros" else bytes(random.integers(0, 256, count, dtype="u1")), False


def cut(random, data, length):
    """A file without some of its last `length` bytes, which are sound."""
    return data[:len(data) - int(random.integers(1, length + 1))]


# Formats: each a function of random numbers that makes a case


def wav_bytes(random, content, kind, rate, channels, *, big=False, extended=False, before=b"", after=b"", sizes=None,
              valid=None):
    """A WAV file by hand; `sizes` replaces the lengths of the file and of the sound."""
    order = ">" if big else "<"
    width = {"ulaw": 8, "alaw": 8}.get(kind) or int(kind[1:])
    tag = {"f": 3, "u": 1, "i": 1}[kind[0]] if kind not in ("ulaw", "alaw") else {"ulaw": 7, "alaw": 6}[kind]
    block = width // 8 * channels
    form = struct.pack(order + "HHIIHH", 0xfffe if extended else tag, channels, rate, rate * block, block, width)
    if extended:
        form += struct.pack(order + "HHIH", 22, valid or width, 0, tag) + bytes.fromhex("000000001000800000aa00389b71")
    elif random.random() < 0.3:
        form += struct.pack(order + "H", 0)
    data = chunk(b"data", content, big)
    if sizes is not None:
        # Whoever does not know the length does not fill it up.
        data = b"data" + struct.pack(order + "I", sizes) + content
    body = b"WAVE" + chunk(b"fmt ", form, big) + before + data + after
    total = len(body) if sizes is None or random.random() < 0.4 else int(random.choice([0, 0xffffffff]))
    return (b"RIFX" if big else b"RIFF") + struct.pack(order + "I", total) + body


def framed(random, variant, case, size, end=None):
    """A case with what its variant puts around it: `id3` has a tag before it, `tail` something behind it, `cut` lacks its end.

    `size` is how many bytes its sound has, and `end` where it ends; None for where the file does.
    """
    if variant == "id3":
        case.data = id3(random) + case.data
    elif variant == "tail":
        what, behind, is_tag = tail(random)
        stem, _, extension = case.name.rpartition(".")
        case.name, case.data = f"{stem}-{what}.{extension}", case.data + behind
        case.lacks = None if is_tag else "bytes behind the file"
    elif variant == "cut":
        case.data, case.samples, case.lacks = cut(random, case.data[:end], size), None, "the end"
    return case
