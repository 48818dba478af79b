"""Compressed and rarer formats of sounds, each a function of random numbers that makes a case, for read_sounds.py. No program by itself."""

import io
import struct

import numpy as np
import soundfile

from sound_files import Case, RATES, by_soundfile, cut, drawn, framed, id3, signal, tail


def flac(random):
    rate, samples = drawn(random, rates=RATES)
    subtype = str(random.choice(["PCM_S8", "PCM_16", "PCM_24"]))
    data, read = by_soundfile(samples, rate, "FLAC", subtype)
    variant = random.choice(["plain", "unknown", "id3", "padding", "tail", "cut", "twice", "short"],
                            p=[0.4, 0.15, 0.12, 0.12, 0.08, 0.06, 0.04, 0.03])
    lacks = None
    # The 36 bits of the length stand behind 20 of rate, 3 of channels and 5 of width.
    word, = struct.unpack(">Q", data[18:26])

    def stating(frames):
        return data[:18] + struct.pack(">Q", word & ~((1 << 36) - 1) | frames) + data[26:]
    if variant == "unknown":
        # Without a length there is no digest of it either.
        data = stating(0)
    elif variant == "padding":
        size = int(random.integers(1, 5000))
        data = data[:42] + bytes([1]) + struct.pack(">I", size)[1:] + bytes(size) + data[42:]
    elif variant == "twice":
        more, second = by_soundfile(signal(random, samples.shape[1], rate, 50_000), rate, "FLAC", subtype)
        data, read = data + more, np.concatenate([read, second])
    elif variant == "short" and len(samples) > 10:
        first = len(samples) // 2
        data, read, lacks = stating(first), read[:first], "sound behind the stated length"
    case = Case(f"{variant}-{subtype}.flac", data, read, rate, lacks=lacks)
    return framed(random, variant, case, len(data) // 2)


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
    case = Case(f"{name}.{ending}", data, read, rate, exact=False, lacks=lacks)
    return framed(random, variant, case, len(data) // 2)


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
