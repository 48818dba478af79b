"""Compares how Duel reads sound files with what others have written into them.

    python3 read_sounds.py [--duel PATH] [--seed N] [--count N] [--formats NAME ...] [--keep FOLDER]

Writes random sounds, 200 of each format unless `--count` says otherwise: by soundfile, by the module `wave`, and byte by byte
what these cannot write, such as headers of unknown length, odd chunks, chains, MP3 without an announcement, and files that were
cut off or have something behind their sound. Has each folder of them read by `duel audio inspect FOLDER --json`, and compares
frames, rate, channels, duration, peak, mean and mean square of every file; and where a format keeps numbers exactly, the SHA-256
of all samples. Lossy formats are compared with what soundfile decodes of them.

A file is *wrong* where something else was read than is in it, or where a whole file was refused. It is *lost* where a part of its
content is not among what was read, without an error or a note that names the file. Prints a line for each such file, and the counts
of each format. Exit codes: 0 where there is none, 1 where there is one.

Needs numpy and soundfile 0.13 or later, which writes MP3. Of the JSON it reads `faults`, and of the list `sounds` `file`, `rate`,
`channels`, `frames`, `duration`, `peak`, `mean`, `meanSquare`, `digest` and `notes`.
"""

import argparse
import dataclasses
import hashlib
import io
import json
import pathlib
import struct
import subprocess
import sys
import tempfile
import wave
import zlib

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


def wav(random):
    rate, samples = drawn(random)
    channels = samples.shape[1]
    variant = random.choice(
        ["plain", "wave", "soundfile", "chunks", "stream", "id3", "tail", "rifx", "extended", "after", "cut", "part", "twice",
         "short"], p=[0.1, 0.1, 0.16, 0.1, 0.1, 0.06, 0.06, 0.06, 0.08, 0.06, 0.05, 0.03, 0.02, 0.02])
    kind = str(random.choice(["u8", "i16", "i24", "i32", "f32", "f64", "ulaw", "alaw"]))
    name = f"{variant}-{kind}"
    if variant == "wave":
        kind = str(random.choice(["u8", "i16", "i24", "i32"]))
        content, read = packed(random, samples, kind)
        file = io.BytesIO()
        with wave.open(file, "wb") as writer:
            writer.setparams((channels, int(kind[1:]) // 8, rate, 0, "NONE", ""))
            writer.writeframes(content)
        return Case(f"wave-{kind}.wav", file.getvalue(), read, rate)
    if variant == "soundfile":
        container = str(random.choice(["WAV", "WAVEX"]))
        subtype = str(random.choice(["PCM_U8", "PCM_16", "PCM_24", "PCM_32", "FLOAT", "DOUBLE", "ULAW", "ALAW"]))
        endian = "BIG" if container == "WAV" and random.random() < 0.2 else "FILE"
        data, read = by_soundfile(samples, rate, container, subtype, endian)
        return Case(f"soundfile-{container}-{subtype}-{endian}.wav", data, read, rate)
    big = variant == "rifx"
    content, read = packed(random, samples, kind, big)
    settings, lacks, behind = {}, None, b""
    if variant == "chunks":
        settings = dict(before=notes_chunks(random), after=notes_chunks(random) if random.random() < 0.3 else b"")
    elif variant == "after":
        settings = dict(after=notes_chunks(random))
    elif variant == "stream":
        settings = dict(sizes=int(random.choice([0, 0xffffffff, 0x7fffffff, 0xffffffff - 44, 0x7ffff000])),
                        before=notes_chunks(random) if random.random() < 0.3 else b"")
    elif variant == "extended":
        settings = dict(extended=True)
        if kind == "i24":
            settings["valid"] = 20
    elif variant == "part" and len(content) // len(samples) > 1:
        content, lacks = content + bytes([7] * (len(content) // len(samples) - 1)), "a part of a frame"
    elif variant == "twice":
        second, _ = packed(random, samples[::-2], kind)
        settings, lacks = dict(after=chunk(b"data", second)), "a second sound"
    elif variant == "short" and len(samples) > 20:
        # As of a program that was ended before it could state the last length.
        first = len(samples) // 2
        settings, lacks = dict(sizes=first * len(content) // len(samples)), "sound behind the stated length"
        read = read[:first]
    data = wav_bytes(random, content, kind, rate, channels, big=big, **settings)
    if variant == "id3":
        data = id3(random) + data
    if variant == "tail":
        what, behind, is_tag = tail(random)
        name, data, lacks = f"{name}-{what}", data + behind, None if is_tag else "bytes behind the file"
    if variant == "cut":
        # What makes a length even is no sound.
        pad = len(content) % 2
        return Case(name + ".wav", cut(random, data[:len(data) - pad], len(content)), None, rate, lacks="the end")
    return Case(name + ".wav", data, read, rate, lacks=lacks)


def rf64(random):
    rate, samples = drawn(random)
    variant = random.choice(["soundfile", "plain", "stream", "chunks", "id3", "tail", "cut", "bw64"],
                            p=[0.3, 0.2, 0.16, 0.1, 0.08, 0.06, 0.07, 0.03])
    if variant == "soundfile":
        subtype = str(random.choice(["PCM_U8", "PCM_16", "PCM_24", "PCM_32", "FLOAT", "DOUBLE", "ULAW", "ALAW"]))
        data, read = by_soundfile(samples, rate, "RF64", subtype)
        return Case(f"soundfile-{subtype}.{random.choice(['wav', 'rf64'])}", data, read, rate)
    kind = str(random.choice(["u8", "i16", "i24", "i32", "f32", "f64", "ulaw", "alaw"]))
    content, read = packed(random, samples, kind)
    plain = wav_bytes(random, content, kind, rate, samples.shape[1], before=notes_chunks(random) if variant == "chunks" else b"",
                      sizes=0xffffffff, extended=random.random() < 0.3)
    length, size = len(content), len(plain) + 36 - 8
    if variant == "stream":
        length = int(random.choice([0, -1]))
        size = int(random.choice([length, size]))
    long = struct.pack("<qqqI", size, length, len(samples) if variant != "stream" else 0, 0)
    data = b"RF64\xff\xff\xff\xffWAVE" + chunk(b"ds64", long) + plain[12:]
    name, lacks = f"{variant}-{kind}", None
    if variant == "bw64":
        return Case(name + ".wav", b"BW64" + data[4:], None, rate, lacks="all")
    if variant == "id3":
        data = id3(random) + data
    if variant == "tail":
        what, behind, is_tag = tail(random)
        name, data, lacks = f"{name}-{what}", data + behind, None if is_tag else "bytes behind the file"
    if variant == "cut":
        return Case(name + ".wav", cut(random, data, len(content)), None, rate, lacks="the end")
    return Case(name + ".wav", data, read, rate, lacks=lacks)


def w64(random):
    rate, samples = drawn(random)
    subtype = str(random.choice(["PCM_U8", "PCM_16", "PCM_24", "PCM_32", "FLOAT", "DOUBLE", "ULAW", "ALAW"]))
    data, read = by_soundfile(samples, rate, "W64", subtype)
    variant = random.choice(["plain", "junk", "id3", "tail", "cut"], p=[0.55, 0.15, 0.1, 0.1, 0.1])
    name, lacks = f"{variant}-{subtype}", None
    marker = b"data\xf3\xac\xd3\x11\x8c\xd1\x00\xc0\x4f\x8e\xdb\x8a"
    place = data.index(marker)
    if variant == "junk":
        junk = bytes(8 * int(random.integers(1, 9)))
        part = b"junk\xf3\xac\xd3\x11\x8c\xd1\x00\xc0\x4f\x8e\xdb\x8a" + struct.pack("<Q", 24 + len(junk)) + junk
        data = data[:16] + struct.pack("<Q", len(data) + len(part)) + data[24:place] + part + data[place:]
    elif variant == "id3":
        data = id3(random) + data
    elif variant == "tail":
        what, behind, is_tag = tail(random)
        name, data, lacks = f"{name}-{what}", data + behind, None if is_tag else "bytes behind the file"
    elif variant == "cut":
        length, = struct.unpack("<Q", data[place + 16:place + 24])
        return Case(name + ".w64", cut(random, data[:place + length], length - 24), None, rate, lacks="the end")
    return Case(name + ".w64", data, read, rate, lacks=lacks)


def aiff(random):
    rate, samples = drawn(random)
    channels = samples.shape[1]
    variant = random.choice(["soundfile", "plain", "compressed", "offset", "stream", "chunks", "id3", "tail", "cut", "bits"],
                            p=[0.2, 0.15, 0.2, 0.08, 0.08, 0.08, 0.06, 0.06, 0.05, 0.04])
    ending = str(random.choice(["aif", "aiff"]))
    if variant == "soundfile":
        subtype = str(random.choice(["PCM_S8", "PCM_U8", "PCM_16", "PCM_24", "PCM_32", "FLOAT", "DOUBLE", "ULAW", "ALAW"]))
        endian = "LITTLE" if subtype in ("PCM_16", "PCM_24", "PCM_32") and random.random() < 0.4 else "FILE"
        if subtype in ("PCM_S8", "PCM_U8") and samples.size % 2:
            # libsndfile counts the byte that makes the length even.
            samples = np.concatenate([samples, samples])
        data, read = by_soundfile(samples, rate, "AIFF", subtype, endian)
        return Case(f"soundfile-{subtype}-{endian}.{ending}", data, read, rate)
    kind, form, little = str(random.choice(["i8", "i16", "i24", "i32"])), None, False
    if variant == "compressed":
        form, kind, little = [
            (b"NONE", "i16", False), (b"NONE", "i24", False), (b"twos", "i16", False), (b"sowt", "i16", True),
            (b"sowt", "i24", True), (b"sowt", "i32", True), (b"fl32", "f32", False), (b"FL32", "f32", False),
            (b"fl64", "f64", False), (b"ulaw", "ulaw", False), (b"alaw", "alaw", False), (b"raw ", "u8", False),
            (b"in24", "i24", False), (b"in32", "i32", False)][int(random.integers(14))]
    content, read = packed(random, samples, kind, not little)
    width = {"ulaw": 16, "alaw": 16}.get(kind) or int(kind[1:])
    bits = width
    if variant == "bits" and kind == "i16":
        content, read = packed(random, whole_numbers(samples, 12) / 2048, "i16", True)
        bits = 12
    mantissa, exponent = rate, 16383 + 63
    while not mantissa >> 63:
        mantissa, exponent = mantissa << 1, exponent - 1
    common = struct.pack(">HIHHQ", channels, len(samples), bits, exponent, mantissa)
    if form:
        common += form + b"\4none\0"
    offset = int(random.integers(1, 40)) * 2 if variant == "offset" else 0
    sound = chunk(b"SSND", struct.pack(">II", offset, 0) + bytes(offset) + content, True)
    if variant == "stream":
        sound = b"SSND" + struct.pack(">I", int(random.choice([0, 8, 0x7f000000, 0xffffffff]))) + bytes(8) + content
    before = notes_chunks(random, True) if variant == "chunks" else b""
    # Names and notes of AIFF itself.
    after = chunk(b"NAME", b"name", True) + chunk(b"ANNO", b"a note", True) if variant == "chunks" else b""
    version = chunk(b"FVER", struct.pack(">I", 0xa2805140), True) if form else b""
    body = (b"AIFC" if form else b"AIFF") + version + chunk(b"COMM", common, True) + before + sound + after
    total = len(body) if variant != "stream" or random.random() < 0.5 else int(random.choice([0, 0xffffffff, 0x7f000000]))
    data = b"FORM" + struct.pack(">I", total) + body
    name, lacks = f"{variant}-{(form or b'').decode().strip()}{kind}", None
    if variant == "id3":
        data = id3(random) + data
    if variant == "tail":
        what, behind, is_tag = tail(random)
        name, data, lacks = f"{name}-{what}", data + behind, None if is_tag else "bytes behind the file"
    if variant == "cut":
        pad = len(content) % 2
        return Case(f"{name}.{ending}", cut(random, data[:len(data) - pad], len(content)), None, rate,
                    lacks="the end")
    return Case(f"{name}.{ending}", data, read, rate, lacks=lacks)


def au(random):
    rate, samples = drawn(random)
    variant = random.choice(["soundfile", "plain", "little", "note", "stream", "zero", "id3", "tail", "cut"],
                            p=[0.3, 0.1, 0.1, 0.12, 0.1, 0.08, 0.07, 0.07, 0.06])
    ending = str(random.choice(["au", "snd"]))
    if variant == "soundfile":
        subtype = str(random.choice(["PCM_S8", "PCM_16", "PCM_24", "PCM_32", "FLOAT", "DOUBLE", "ULAW", "ALAW"]))
        endian = str(random.choice(["BIG", "LITTLE"]))
        data, read = by_soundfile(samples, rate, "AU", subtype, endian)
        return Case(f"soundfile-{subtype}-{endian}.{ending}", data, read, rate)
    code, kind = [(1, "ulaw"), (2, "i8"), (3, "i16"), (4, "i24"), (5, "i32"), (6, "f32"), (7, "f64"), (27, "alaw")][
        int(random.integers(8))]
    big = variant != "little"
    content, read = packed(random, samples, kind, big)
    note = bytes(random.integers(32, 127, int(random.integers(1, 30)) * 4, dtype="u1")) if variant == "note" else b"\0" * 4
    length = {"stream": 0xffffffff, "zero": 0}.get(str(variant), len(content))
    if random.random() < 0.2 and variant in ("stream", "zero", "id3", "tail", "cut"):
        content, read = packed(random, samples, kind, False)
        big = False
    numbers = (24 + len(note), length, code, rate, samples.shape[1])
    data = (b".snd" if big else b"dns.") + struct.pack((">" if big else "<") + "IIIII", *numbers) + note + content
    name, lacks = f"{variant}-{kind}", None
    if variant == "id3":
        data = id3(random) + data
    if variant == "tail":
        what, behind, is_tag = tail(random)
        name, data, lacks = f"{name}-{what}", data + behind, None if is_tag else "bytes behind the file"
    if variant == "cut":
        return Case(f"{name}.{ending}", cut(random, data, len(content)), None, rate, lacks="the end")
    return Case(f"{name}.{ending}", data, read, rate, lacks=lacks)


def caf(random):
    rate, samples = drawn(random)
    variant = random.choice(["soundfile", "alac", "plain", "stream", "chunks", "id3", "tail", "cut"],
                            p=[0.25, 0.2, 0.17, 0.13, 0.1, 0.05, 0.05, 0.05])
    if variant in ("soundfile", "alac"):
        subtype = str(random.choice(["PCM_S8", "PCM_16", "PCM_24", "PCM_32", "FLOAT", "DOUBLE", "ULAW", "ALAW"]
                                    if variant == "soundfile" else ["ALAC_16", "ALAC_20", "ALAC_24", "ALAC_32"]))
        endian = "FILE"
        if variant == "soundfile" and subtype[-4:] != "_LAW" and subtype[-2:].isdigit() and random.random() < 0.5:
            endian = "LITTLE"
        data, read = by_soundfile(samples, rate, "CAF", subtype, endian)
        return Case(f"soundfile-{subtype}-{endian}.caf", data, read, rate)
    kind, form = [("i8", b"lpcm"), ("i16", b"lpcm"), ("i24", b"lpcm"), ("i32", b"lpcm"), ("f32", b"lpcm"), ("f64", b"lpcm"),
                  ("ulaw", b"ulaw"), ("alaw", b"alaw")][int(random.integers(8))]
    big = form != b"lpcm" or random.random() < 0.5
    content, read = packed(random, samples, kind, big)
    width = 8 if form != b"lpcm" else int(kind[1:])
    channels = samples.shape[1]
    flags = (kind[0] == "f") + 2 * (not big)
    describing = struct.pack(">d4sIIIII", rate, form, flags, width // 8 * channels, 1, channels, width)

    def part(name, content):
        return name + struct.pack(">q", len(content)) + content
    before = part(b"free", bytes(int(random.integers(1, 99)))) + part(b"info", struct.pack(">I", 1) + b"artist\0me\0")
    sound = part(b"data", bytes(4) + content)
    if variant == "stream":
        sound = b"data" + struct.pack(">q", -1) + sound[12:]
    data = b"caff\0\1\0\0" + part(b"desc", describing) + (before if variant == "chunks" else b"") + sound
    if variant == "chunks" and random.random() < 0.5:
        data += part(b"free", bytes(20))
    name, lacks = f"{variant}-{kind}-{'big' if big else 'little'}.caf", None
    if variant == "id3":
        data = id3(random) + data
    if variant == "tail":
        what, behind, is_tag = tail(random)
        name, data, lacks = f"{what}-{name}", data + behind, None if is_tag else "bytes behind the file"
    if variant == "cut":
        return Case(name, cut(random, data, len(content)), None, rate, lacks="the end")
    return Case(name, data, read, rate, lacks=lacks)


def flac(random):
    rate, samples = drawn(random, rates=RATES)
    subtype = str(random.choice(["PCM_S8", "PCM_16", "PCM_24"]))
    data, read = by_soundfile(samples, rate, "FLAC", subtype)
    variant = random.choice(["plain", "unknown", "id3", "padding", "tail", "cut", "twice", "short"],
                            p=[0.4, 0.15, 0.12, 0.12, 0.08, 0.06, 0.04, 0.03])
    name, lacks = f"{variant}-{subtype}", None
    # The 36 bits of the length stand behind 20 of rate, 3 of channels and 5 of width.
    word, = struct.unpack(">Q", data[18:26])

    def stating(frames):
        return data[:18] + struct.pack(">Q", word & ~((1 << 36) - 1) | frames) + data[26:]
    if variant == "unknown":
        # Without a length there is no digest of it either.
        data = stating(0)
    elif variant == "id3":
        data = id3(random) + data
    elif variant == "padding":
        size = int(random.integers(1, 5000))
        data = data[:42] + bytes([1]) + struct.pack(">I", size)[1:] + bytes(size) + data[42:]
    elif variant == "tail":
        what, behind, is_tag = tail(random)
        name, data, lacks = f"{name}-{what}", data + behind, None if is_tag else "bytes behind the file"
    elif variant == "twice":
        more, second = by_soundfile(signal(random, samples.shape[1], rate, 50_000), rate, "FLAC", subtype)
        data, read = data + more, np.concatenate([read, second])
    elif variant == "short" and len(samples) > 10:
        first = len(samples) // 2
        data, read, lacks = stating(first), read[:first], "sound behind the stated length"
    elif variant == "cut":
        return Case(name + ".flac", cut(random, data, len(data) // 2), None, rate, lacks="the end")
    return Case(name + ".flac", data, read, rate, lacks=lacks)


def ogg_pages(data):
    """The pages of an Ogg file."""
    pages, place = [], 0
    while place < len(data):
        segments = data[place + 26]
        end = place + 27 + segments + sum(data[place + 27:place + 27 + segments])
        pages.append(data[place:end])
        place = end
    return pages


def chained(random, subtype, rates, ending):
    """An Ogg file of one of the two codecs."""
    rate, samples = drawn(random, rates=rates)
    samples = samples * 0.9
    data, read = by_soundfile(samples, rate, "OGG", subtype)
    variant = random.choice(["plain", "chain", "id3", "tail", "cut", "beside", "forms"],
                            p=[0.5, 0.24, 0.08, 0.05, 0.05, 0.05, 0.03])
    name, lacks = f"{variant}-{ending}", None
    if variant == "chain":
        for _ in range(int(random.integers(1, 4))):
            more = signal(random, samples.shape[1], rate, 100_000) * 0.9
            second, found = by_soundfile(more, rate, "OGG", subtype)
            data, read = data + second, np.concatenate([read, found])
    elif variant == "id3":
        data = id3(random) + data
    elif variant == "tail":
        what, behind, is_tag = tail(random)
        name, data, lacks = f"{name}-{what}", data + behind, None if is_tag else "bytes behind the file"
    elif variant == "cut":
        return Case(f"{name}.{ending}", cut(random, data, len(data) // 2), None, rate, lacks="the end")
    elif variant == "beside":
        other, _ = by_soundfile(samples[::-1] * 0.5, rate, "OGG", subtype)
        first, second = ogg_pages(data), ogg_pages(other)
        mixed = []
        for index in range(max(len(first), len(second))):
            mixed += first[index:index + 1] + second[index:index + 1]
        data, lacks = b"".join(mixed), "a sound beside the first"
    elif variant == "forms":
        other = 1 + samples.shape[1] % 2
        second, _ = by_soundfile(signal(random, other, rate, 20_000), rate, "OGG", subtype)
        return Case(f"{name}.{ending}", data + second, None, rate, lacks="a sound of another form")
    return Case(f"{name}.{ending}", data, read, rate, exact=False, lacks=lacks)


def vorbis(random):
    return chained(random, "VORBIS", RATES, "ogg")


def opus(random):
    return chained(random, "OPUS", [8000, 12000, 16000, 24000, 48000], "opus")


def mpeg_frames(data):
    """Where the frames of layer III begin and end, and samples of each."""
    place = 0
    if data[:3] == b"ID3":
        place = 10 + (data[6] << 21 | data[7] << 14 | data[8] << 7 | data[9])
    found = []
    while place + 4 <= len(data):
        word, = struct.unpack(">I", data[place:place + 4])
        version, bits, rate = word >> 19 & 3, word >> 12 & 15, word >> 10 & 3
        if word >> 21 != 0x7ff or word >> 17 & 3 != 1 or bits in (0, 15) or rate == 3:
            break
        kilobits = ([0, 32, 40, 48, 56, 64, 80, 96, 112, 128, 160, 192, 224, 256, 320] if version == 3 else
                    [0, 8, 16, 24, 32, 40, 48, 56, 64, 80, 96, 112, 128, 144, 160])[bits]
        hertz = [44100, 48000, 32000][rate] >> {3: 0, 2: 1, 0: 2}[version]
        count = 1152 if version == 3 else 576
        end = place + count // 8 * 1000 * kilobits // hertz + (word >> 9 & 1)
        found.append((place, end, count))
        place = end
    return found


def announced(data, frames):
    """Whether the first frame says how many follow."""
    head = data[frames[0][0]:frames[0][1]]
    return b"Xing" in head or b"Info" in head


def decoded(data):
    """What soundfile decodes of frames without an announcement, of all of them and without the decoder's delay, which it leaves out
    where one is in front."""
    frames = mpeg_frames(data)
    # The same form in frames that have room for it.
    word, = struct.unpack(">I", data[:4])
    side = {(True, True): 17, (True, False): 32, (False, True): 9, (False, False): 17}[word >> 19 & 3 == 3, word >> 6 & 3 == 3]
    for bits in range(1, 15):
        head = struct.pack(">I", word & 0xffff0dff | 1 << 16 | bits << 12)
        (_, end, _), = mpeg_frames(head)[:1]
        if end >= 192:
            break
    front = (head + bytes(side) + b"Xing" + struct.pack(">II", 1, len(frames))).ljust(end, b"\0")
    return soundfile.read(io.BytesIO(front + data[:frames[-1][1]]), dtype="float32", always_2d=True)[0]


def mp3(random):
    rates = [8000, 11025, 12000, 16000, 22050, 24000, 32000, 44100, 48000]
    rate, samples = drawn(random, channels=int(random.integers(1, 3)), rates=rates)
    samples = samples * 0.8

    def write(samples, rate):
        mode = str(random.choice(["CONSTANT", "AVERAGE", "VARIABLE"]))
        data, read = by_soundfile(samples, rate, "MP3", "MPEG_LAYER_III", bitrate_mode=mode,
                                  compression_level=float(random.uniform(0, 0.95)))
        return mode.lower(), data, read
    mode, data, read = write(samples, rate)
    variant = random.choice(["plain", "bare", "id3", "tail", "joined", "cut", "rates"],
                            p=[0.35, 0.25, 0.12, 0.1, 0.08, 0.05, 0.05])
    name, lacks = f"{variant}-{mode}", None
    frames = mpeg_frames(data)
    if not announced(data, frames):
        read = decoded(data)
    if variant == "bare" and len(frames) > 3 and announced(data, frames):
        # Without the frame in front that says how many follow, and how much of the first and last is none of the sound.
        data = data[frames[1][0]:frames[-1][1]]
        read = decoded(data)
    elif variant == "id3":
        data = id3(random) + data
    elif variant == "tail":
        what, behind, is_tag = tail(random)
        name, data, lacks = f"{name}-{what}", data + behind, None if is_tag else "bytes behind the file"
    elif variant == "joined":
        # All frames are sound then, those too that say how many follow.
        _, second, _ = write(signal(random, samples.shape[1], rate, 50_000) * 0.8, rate)
        start = frames[1][0] if announced(data, frames) else frames[0][0]
        read = decoded(data[start:frames[-1][1]] + second)
        data += (id3(random) if random.random() < 0.4 else b"") + second
    elif variant == "rates":
        another = [value for value in (16000, 44100, 48000) if value != rate][int(random.integers(2))]
        _, second, _ = write(signal(random, samples.shape[1], another, 50_000) * 0.8, another)
        data, lacks = data + second, "a sound of another rate"
    elif variant == "cut" and len(frames) > 6:
        place = (frames[-3][0] + frames[-3][1]) // 2
        return Case(name + ".mp3", data[:place], None, rate, lacks="the end")
    return Case(name + ".mp3", data, read, rate, exact=False, lacks=lacks)


OTHERS = [
    ("VOC", "voc", ["PCM_16", "PCM_U8", "ULAW", "ALAW"], 2), ("SVX", "iff", ["PCM_S8", "PCM_16"], 1),
    ("NIST", "sph", ["PCM_S8", "PCM_16", "PCM_24", "PCM_32", "ULAW", "ALAW"], 8),
    ("IRCAM", "sf", ["PCM_16", "PCM_32", "FLOAT", "ULAW", "ALAW"], 8), ("PAF", "paf", ["PCM_S8", "PCM_16", "PCM_24"], 8),
    ("PVF", "pvf", ["PCM_S8", "PCM_16", "PCM_32"], 8), ("MAT4", "mat", ["PCM_16", "PCM_32", "FLOAT", "DOUBLE"], 8),
    ("MAT5", "mat", ["PCM_16", "PCM_32", "PCM_U8", "FLOAT", "DOUBLE"], 8), ("AVR", "avr", ["PCM_S8", "PCM_U8", "PCM_16"], 2),
    ("HTK", "htk", ["PCM_16"], 1), ("SDS", "sds", ["PCM_S8", "PCM_16", "PCM_24"], 1), ("XI", "xi", ["DPCM_8", "DPCM_16"], 1),
    ("MPC2K", "mpc2k", ["PCM_16"], 2), ("WVE", "wve", ["ALAW"], 1), ("WAV", "wav", ["IMA_ADPCM", "MS_ADPCM"], 2), ("WAV", "wav", ["GSM610"], 1),
    ("W64", "w64", ["IMA_ADPCM", "MS_ADPCM"], 2), ("AIFF", "aiff", ["IMA_ADPCM"], 2), ("AU", "au", ["G721_32", "G723_24"], 1),
]

# Those whose headers state a length. Others just end.
STATING = ["VOC", "SVX", "NIST", "MAT4", "MAT5", "AVR", "MPC2K", "WVE", "HTK", "SDS"]


def others(random):
    """Rarer formats and codecs, as soundfile writes and reads them."""
    container, ending, subtypes, most = OTHERS[int(random.integers(len(OTHERS)))]
    subtype = str(random.choice(subtypes))
    rates = [8000] if container == "WVE" else [8000, 11025, 16000, 22050, 44100]
    rate, samples = drawn(random, channels=int(random.integers(1, most + 1)), rates=rates)
    data, read = by_soundfile(samples, rate, container, subtype)
    name = f"{container}-{subtype}"
    # Some round the rate.
    rate = soundfile.info(io.BytesIO(data)).samplerate
    if container == "SDS" or name == "PAF-PCM_24":
        # libsndfile itself reads these wrong, at the end or where there are several channels.
        return Case(f"{name}.{ending}", data, None, rate, lacks="what cannot be read right")
    if container in STATING and len(data) > 3000 and random.random() < 0.15:
        return Case(f"cut-{name}.{ending}", cut(random, data, len(data) - 1500), None, rate, lacks="the end")
    return Case(f"{name}.{ending}", data, read, rate)


FORMATS = {function.__name__: function for function in [wav, rf64, w64, aiff, au, caf, flac, vorbis, opus, mp3, others]}


# The comparison


def differences(answer, case):
    """What differs between an answer and a case, in words."""
    samples = np.asarray(case.samples, dtype="f4")
    found = []
    for key, expected in [("rate", case.rate), ("channels", samples.shape[1]), ("frames", len(samples))]:
        if answer[key] != expected:
            found.append(f"{key} {answer[key]} for {expected}")
    if found:
        return found
    if abs(answer["duration"] - len(samples) / case.rate) > 1e-9:
        found.append(f"duration {answer['duration']} for {len(samples) / case.rate}")
    wide = samples.astype("f8")
    square = (wide ** 2).mean()
    # Versions of the decoders of lossy formats differ in the last bits.
    near = 1e-9 if case.exact else 1e-4
    for key, expected, scale in [("peak", np.abs(wide).max(), np.abs(wide).max()), ("meanSquare", square, square),
                                 ("mean", wide.mean(), np.sqrt(square))]:
        if abs(answer[key] - expected) > near * scale + 1e-12:
            found.append(f"{key} {answer[key]} for {expected}")
    if case.exact and not found:
        if answer["digest"] != hashlib.sha256(samples.astype("<f4").tobytes()).hexdigest():
            found.append("other samples of the same peak and mean")
    return found


def judged(case, path, answer, faults):
    """Whether a file was read `right`, `refused` for a reason, `wrong` or `lost`, and why, in words."""
    fault = next((fault for fault in faults if path in fault), None)
    if answer is None:
        if fault is None:
            return "lost", "neither read nor refused"
        return ("wrong", f"refused: {fault}") if case.lacks is None else ("refused", fault)
    notes = answer.get("notes", [])
    if case.lacks and not notes:
        return "lost", f"{case.lacks}; read {answer['frames']} frames"
    if not case.lacks and notes:
        return "wrong", f"nothing is lost, but: {notes}"
    if case.samples is None:
        return "right", ""
    found = differences(answer, case)
    return ("wrong", "; ".join(found)) if found else ("right", "")


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--duel", default="duel", help="the program")
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--count", type=int, default=200, help="files of each format")
    parser.add_argument("--formats", nargs="+", choices=FORMATS, default=list(FORMATS), metavar="NAME")
    parser.add_argument("--keep", type=pathlib.Path, help="a folder for the files (default: one of a moment)")
    options = parser.parse_args()
    bad = 0
    with tempfile.TemporaryDirectory() as moment:
        for name in options.formats:
            random = np.random.default_rng([options.seed, zlib.crc32(name.encode())])
            folder = (options.keep or pathlib.Path(moment)) / name
            folder.mkdir(parents=True, exist_ok=True)
            cases = {}
            for number in range(options.count):
                case = FORMATS[name](random)
                case.name = f"{number:03}-{case.name}"
                cases[case.name] = case
                (folder / case.name).write_bytes(case.data)
                case.data = b""
            run = subprocess.run([options.duel, "audio", "inspect", folder, "--json"], capture_output=True, text=True)
            if not run.stdout:
                sys.exit(f"{name}: {run.stderr.strip()}")
            answer = json.loads(run.stdout)
            sounds = {sound["file"]: sound for sound in answer["sounds"]}
            counts = dict.fromkeys(["right", "refused", "wrong", "lost"], 0)
            for file, case in cases.items():
                verdict, words = judged(case, str(folder / file), sounds.get(file), answer["faults"])
                counts[verdict] += 1
                if verdict in ("wrong", "lost"):
                    print(f"{name}/{file}: {verdict}: {words}")
            bad += counts["wrong"] + counts["lost"]
            print(f"{name}: {len(cases)} files, {counts['right']} read, {counts['refused']} refused for a reason, "
                  f"{counts['wrong']} wrong, {counts['lost']} lost", flush=True)
    sys.exit(bad > 0)


if __name__ == "__main__":
    main()
