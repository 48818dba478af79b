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

import hashlib
import sys
import zlib

import numpy as np

import reading
from sound_containers import aiff, au, caf, rf64, w64, wav
from sound_streams import flac, mp3, opus, others, vorbis

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
    options = reading.options(__doc__, FORMATS)
    bad = 0
    with reading.folders(options.keep) as made:
        for name in options.formats:
            random = np.random.default_rng([options.seed, zlib.crc32(name.encode())])
            folder = made(name)
            cases = {}
            for number in range(options.count):
                case = FORMATS[name](random)
                case.name = f"{number:03}-{case.name}"
                cases[case.name] = case
                (folder / case.name).write_bytes(case.data)
                case.data = b""
            answer = reading.inspected(options.duel, "audio", folder)
            sounds = {sound["file"]: sound for sound in answer["sounds"]}
            counts = reading.Counts(name)
            for file, case in cases.items():
                counts.add(file, *judged(case, str(folder / file), sounds.get(file), answer["faults"]))
            bad += counts.finish(len(cases))
    sys.exit(bad > 0)


if __name__ == "__main__":
    main()
