"""Formats of sounds in chunks, each a function of random numbers that makes a case, for read_sounds.py. No program by itself."""

import io
import struct
import wave

import numpy as np

from sound_files import Case, by_soundfile, chunk, drawn, framed, notes_chunks, packed, wav_bytes, whole_numbers


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
    settings, lacks = {}, None
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
    # What makes a length even is no sound.
    end = len(data) - len(content) % 2
    return framed(random, variant, Case(name + ".wav", data, read, rate, lacks=lacks), len(content), end)


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
    name = f"{variant}-{kind}"
    if variant == "bw64":
        return Case(name + ".wav", b"BW64" + data[4:], None, rate, lacks="all")
    return framed(random, variant, Case(name + ".wav", data, read, rate), len(content))


def w64(random):
    rate, samples = drawn(random)
    subtype = str(random.choice(["PCM_U8", "PCM_16", "PCM_24", "PCM_32", "FLOAT", "DOUBLE", "ULAW", "ALAW"]))
    data, read = by_soundfile(samples, rate, "W64", subtype)
    variant = random.choice(["plain", "junk", "id3", "tail", "cut"], p=[0.55, 0.15, 0.1, 0.1, 0.1])
    marker = b"data\xf3\xac\xd3\x11\x8c\xd1\x00\xc0\x4f\x8e\xdb\x8a"
    place = data.index(marker)
    if variant == "junk":
        junk = bytes(8 * int(random.integers(1, 9)))
        part = b"junk\xf3\xac\xd3\x11\x8c\xd1\x00\xc0\x4f\x8e\xdb\x8a" + struct.pack("<Q", 24 + len(junk)) + junk
        data = data[:16] + struct.pack("<Q", len(data) + len(part)) + data[24:place] + part + data[place:]
        place += len(part)
    length, = struct.unpack("<Q", data[place + 16:place + 24])
    return framed(random, variant, Case(f"{variant}-{subtype}.w64", data, read, rate), length - 24, place + length)


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
    name = f"{variant}-{(form or b'').decode().strip()}{kind}.{ending}"
    return framed(random, variant, Case(name, data, read, rate), len(content), len(data) - len(content) % 2)


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
    return framed(random, variant, Case(f"{variant}-{kind}.{ending}", data, read, rate), len(content))


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
    name = f"{variant}-{kind}-{'big' if big else 'little'}.caf"
    return framed(random, variant, Case(name, data, read, rate), len(content))
