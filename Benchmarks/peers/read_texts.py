"""Compares how Duel reads text files with what Python has written into them.

    python3 read_texts.py [--duel PATH] [--seed N] [--count N] [--formats NAME ...] [--keep FOLDER]

Writes random texts, 200 of each format unless `--count` says otherwise: encodings with and without marks, all line ends and
mixtures of them, many scripts, empty files and lines, very long lines, gzip, labels, windows, grapheme clusters, and bytes that
are no text. Has each folder of them read by `duel text inspect FOLDER --skip-bad --json`, and compares of every file lines, empty
lines, samples, symbols, lengths, label, and the SHA-256 of all samples; of the folder the counts of every symbol, the first samples,
the division, and what was left out for which reason.

A file is *wrong* where something else was read than is in it, or where a text was refused. It is *lost* where its bytes are
no text in the encoding, and no fault names it; or where it is not among what was read. A folder whose sums are wrong counts as one
wrong file. Prints a line for each such file, and the counts of each format. Exit codes: 0 where there is none, 1 where there is one.

Needs numpy, and regex for grapheme clusters. Of the JSON it reads `faults`, `vocabulary`, `first`, `split`, `leftOut`, and of the
list `texts` `file`, `label`, `lines`, `emptyLines`, `samples`, `symbols`, `lengths`, `digest` and `notes`.
"""

import collections
import dataclasses
import gzip
import hashlib
import re
import sys
import unicodedata
import zlib

import numpy as np

import reading

try:
    import regex
except ImportError:
    regex = None


@dataclasses.dataclass
class Case:
    """A file, and the text in it: None where it has none."""

    name: str
    data: bytes
    text: object
    label: object = None


@dataclasses.dataclass
class Batch:
    """Files that are read together, and how."""

    cases: list
    options: list = dataclasses.field(default_factory=list)
    window: int = 0
    graphemes: bool = False
    # The most symbols of a line, and whether longer ones are left out instead of cut; 0 for a limit that is Duel's own.
    limit: int = 0
    drops: bool = False
    # Files that are no data, and why each is left out.
    beside: dict = dataclasses.field(default_factory=dict)


# Texts

FAMILY = "\U0001f468‍\U0001f469‍\U0001f467"
SCRIPTS = {
    "ascii": [chr(code) for code in range(0x20, 0x7f)],
    "latin": [*"abcdefghijklmnop qrstuvwxyzäöüßéèêñçøåæœŁłőşğžščřďťň.,;'"],
    "cyrillic": [chr(code) for code in [*range(0x410, 0x450), 0x20, 0x451]],
    "greek": [*"αβγδεζηθικλμνξοπρστυφχψω ΑΒΓΔάέήίόύώ;·"],
    "chinese": [chr(code) for code in range(0x4e00, 0x4e00 + 900)] + [*"。，、"],
    "japanese": [chr(code) for code in [*range(0x3041, 0x3090), *range(0x30a1, 0x30f0)]] + ["が", "か\u3099"],
    "korean": [chr(code) for code in range(0xac00, 0xac00 + 500)] + ["\u1112\u1161\u11ab", " "],
    "arabic": [chr(code) for code in range(0x627, 0x64b)] + ["\u0628\u064e", " ", "\u061f"],
    "hebrew": [chr(code) for code in range(0x5d0, 0x5eb)] + [" ", "\u05e9\u05c1"],
    "hindi": [chr(code) for code in range(0x905, 0x93a)] + ["\u0915\u093f", "\u0928\u0940", " "],
    "marks": ["e\u0301", "é", "a\u0308\u0323", "o\u0302", "n\u0303", "x", " ", "q\u0307\u0323"],
    "emoji": ["\U0001f600", FAMILY, "\U0001f1e9\U0001f1ea", "\U0001f44d\U0001f3fd", "\u2764\ufe0f", "1\ufe0f\u20e3", "x", " "],
    "strange": ["\t", "\x01", "\x0b", "\x0c", "\x1b", "\x7f", "\x85", "\u2028", "\u2029", "\ufeff", "\ufffd", "\u200b", "a", "b",
                "\U0010ffff", "\ue000", "\xa0", "\xad", "\ufffe"],
}
ENDS = {"lf": ["\n"], "crlf": ["\r\n"], "cr": ["\r"], "mixed": ["\n", "\r\n", "\r"]}


def line(random, alphabet, longest):
    count = int(random.choice([0, random.integers(1, 4), random.integers(4, 40), random.integers(40, longest)],
                              p=[0.08, 0.12, 0.7, 0.1]))
    return "".join(alphabet[index] for index in random.integers(0, len(alphabet), count))


def text(random, alphabets=None, longest=300):
    """A text, and words for how it was made."""
    kind = str(random.choice(list(SCRIPTS)))
    alphabet = (alphabets or SCRIPTS)[kind] if kind in (alphabets or SCRIPTS) else list(alphabets.values())[0]
    if random.random() < 0.15:
        kind, alphabet = "all", [symbol for some in (alphabets or SCRIPTS).values() for symbol in some]
    end = str(random.choice(list(ENDS)))
    count = int(random.choice([0, 1, 2, random.integers(3, 60), random.integers(60, 300)], p=[0.02, 0.05, 0.05, 0.78, 0.1]))
    lines = [line(random, alphabet, longest) for _ in range(count)]
    if random.random() < 0.4:
        lines += [lines[index] for index in random.integers(0, count, min(count, 5))] if count else []
    if random.random() < 0.02:
        lines.append("".join(alphabet[index] for index in random.integers(0, len(alphabet), 1_200_000)))
        kind += "-long"
    written = "".join(each + ENDS[end][int(random.integers(len(ENDS[end])))] for each in lines)
    if written and random.random() < 0.4:
        written, kind = written.rstrip("\r\n"), kind + "-open"
    elif random.random() < 0.15:
        written, kind = written + str(random.choice(["\r", "\n\n\n", "\r\r\n", "\n\r"])), kind + "-ends"
    if written.startswith("\ufeff"):
        # In front it would be a mark.
        written = "a" + written
    return written, f"{kind}-{end}"


def ending(random):
    return str(random.choice(["txt", "txt", "text", "csv", "md", "log", "dat"]))


# Formats: each a function of random numbers and a count that makes batches


def plain(encoding, mark=b"", options=(), alphabets=None):
    """Files of one encoding, some of them with bytes that are none of its text."""

    def batches(random, count):
        cases = []
        for number in range(count):
            written, words = text(random, alphabets)
            data, expected = mark + written.encode(encoding), written
            unit = 2 if "16" in encoding else 1
            place = int(random.integers(0, len(data) // unit + 1)) * unit
            fault = random.random()
            if fault < 0.05:
                data, expected, words = data[:place] + bytes(unit) + data[place:], None, words + "-nul"
                # A zero in front is no mark any more; anywhere it is no text.
            elif fault < 0.12:
                bad = broken(random, encoding)
                if bad:
                    place = max(place, len(mark))
                    changed = data[:place] + bad + data[place:]
                    data, words = changed, words + "-bad"
                    expected = decoded(data[len(mark):], encoding)
            cases.append(Case(f"{number:03}-{words}.{ending(random)}", data, expected))
        limit = int(random.choice([20, 60, 200]))
        drops = bool(random.random() < 0.5)
        cuts = ["--max-length", str(limit), "--long-lines", "drop" if drops else "cut"]
        return [Batch(cases, [*options, *cuts], limit=limit, drops=drops)]
    return batches


def broken(random, encoding):
    """Bytes that are no text of an encoding where most of them stand; none where all bytes are."""
    some = {
        "utf-8": [b"\xff", b"\xc3", b"\x80", b"\xed\xa0\x80", b"\xc0\xaf", b"\xf4\x90\x80\x80", b"\xe2\x82", b"\xe9"],
        "utf-16-le": [b"\x00\xd8", b"\x00\xdc", b"a"], "utf-16-be": [b"\xd8\x00", b"\xdc\x00", b"a"],
        "cp1252": [b"\x81", b"\x8d", b"\x8f", b"\x90", b"\x9d"],
    }.get(encoding)
    return some and some[int(random.integers(len(some)))]


def decoded(data, encoding):
    """The text of bytes; None where they are none."""
    try:
        found = data.decode(encoding)
    except UnicodeDecodeError:
        return None
    return None if "\0" in found else found


def utf16(random, count):
    """Both orders, with a mark."""
    halves = plain("utf-16-le", b"\xff\xfe")(random, count)[0], plain("utf-16-be", b"\xfe\xff")(random, count)[0]
    chosen = [halves[number % 2].cases[number] for number in range(count)]
    return [dataclasses.replace(halves[0], cases=chosen)]


def spaces(data, order):
    return np.isin(np.frombuffer(data, order + "u2"), [10, 13, 32]).sum()


def utf16_named(random, count):
    """Both orders without a mark, named."""
    made = []
    for part, (encoding, name) in enumerate([("utf-16-le", "utf-16le"), ("utf-16-be", "utf-16be"), ("utf-16-le", "utf-16"),
                                             ("utf-16-be", "utf-16")]):
        size = (count + 3 - part) // 4
        batch, = plain(encoding, options=["--encoding", name])(random, size)
        if name == "utf-16":
            # Without a mark the order is known by spaces and line ends, of which there have to be more than of their mirror images.
            for case in batch.cases:
                case.text = (case.text or "") + "and a line\n" * 3
                while spaces(case.text.encode(encoding), "<") == spaces(case.text.encode(encoding), ">"):
                    case.text += " "
                case.data = case.text.encode(encoding)
        made.append(batch)
    return made


def refused(random, count):
    """What is no UTF-8 and says so in no way that is read: other encodings, binary files, damaged and marked UTF-32."""
    cases = [Case("000-readable.txt", b"one\ntwo\nthree\n", "one\ntwo\nthree\n")]
    for number in range(1, count):
        written, words = text(random)
        written += "é\n"
        kind = str(random.choice(["latin-1", "cp1252", "koi8-r", "shift-jis", "utf-16-le", "utf-16-be", "utf-32", "binary", "utf-7"]))
        if kind == "binary":
            data = bytes(random.integers(0, 256, int(random.integers(200, 3000)), dtype="u1"))
        elif kind == "utf-7":
            # Seven bits are UTF-8 too: nothing can tell, and all of it is read.
            data = written.encode("ascii", "ignore")
        else:
            data = written.encode(kind, "ignore") + (b"\xe9\n" if kind in ("koi8-r", "shift-jis") else b"")
        found = decoded(data, "utf-8") if not data.startswith((b"\xff\xfe", b"\xfe\xff")) else None
        cases.append(Case(f"{number:03}-{kind}-{words}.txt", data, found))
    return [Batch(cases, ["--max-length", "100"], limit=100)]


def gz(random, count):
    """Compressed files, of one member or several, whole and damaged, whatever they are called."""
    cases = []
    for number in range(count):
        written, words = text(random)
        encoding, mark = [("utf-8", b""), ("utf-8", b"\xef\xbb\xbf"), ("utf-16-le", b"\xff\xfe")][int(random.integers(3))]
        data = mark + written.encode(encoding)
        kind = str(random.choice(["one", "members", "padded", "cut", "behind", "damaged"], p=[0.5, 0.2, 0.1, 0.08, 0.06, 0.06]))
        expected = written
        packed = gzip.compress(data, int(random.integers(0, 10)))
        if kind == "members":
            places = sorted(random.integers(0, len(data) + 1, 2))
            packed = b"".join(gzip.compress(data[a:b]) for a, b in zip([0, *places], [*places, len(data)]))
        elif kind == "padded":
            packed += bytes(int(random.integers(1, 600)))
        elif kind == "cut":
            packed, expected = packed[:int(random.integers(11, len(packed)))], None
        elif kind == "behind":
            packed, expected = packed + b"more", None
        elif kind == "damaged":
            place = len(packed) - 1 - int(random.integers(0, 8))
            packed, expected = packed[:place] + bytes([packed[place] ^ 0x55]) + packed[place + 1:], None
        name = f"{number:03}-{kind}-{words}.{'txt.gz' if random.random() < 0.7 else 'txt'}"
        cases.append(Case(name, packed, expected))
    return [Batch(cases, ["--max-length", "80"], limit=80)]


def windows(random, count):
    """Running text in windows."""
    made = []
    for part in range(4):
        size = (count + 3 - part) // 4
        batch, = plain("utf-8")(random, size)
        window = int(random.choice([1, 2, 7, 16, 33, 64, 256]))
        made.append(Batch(batch.cases, ["--window", str(window)], window=window))
    return made


def graphemes(random, count):
    """Lines and windows of what readers call characters."""
    batch, = plain("utf-8")(random, count)
    half = count // 2
    window = int(random.choice([1, 3, 16]))
    return [Batch(batch.cases[:half], ["--symbols", "graphemes", "--max-length", "50"], graphemes=True, limit=50),
            Batch(batch.cases[half:], ["--symbols", "graphemes", "--window", str(window)], graphemes=True, window=window)]


def labelled(random, count):
    """Files in folders of labels, beside what is no data."""
    cases = []
    for number in range(count):
        written, words = text(random)
        label = str(random.choice(["red", "grün", "blue green", "синий"]))
        deeper = "deeper/" if random.random() < 0.3 else ""
        cases.append(Case(f"{label}/{deeper}{number:03}-{words}.{ending(random)}", written.encode(), written, label))
    beside = {"README.md": "about the data, not of it", ".hidden.txt": "hidden", "Thumbs.db": "of the operating system's",
              "red/LICENSE": "about the data, not of it"}
    return [Batch(cases, ["--labels", "folder", "--max-length", "90"], limit=90, beside=beside)]


LATIN = {"latin": [chr(code) for code in [*range(0x20, 0x7f), *range(0xa0, 0x100)]],
         "controls": ["\x80", "\x85", "\x9f", "a", " ", "é"]}
WINDOWS = {"windows": [bytes([code]).decode("cp1252") for code in range(0x20, 0x100) if code not in (0x81, 0x8d, 0x8f, 0x90, 0x9d)]}

FORMATS = {
    "utf8": plain("utf-8"), "utf8-mark": plain("utf-8", b"\xef\xbb\xbf"), "utf16": utf16, "utf16-named": utf16_named,
    "latin1": plain("latin-1", options=["--encoding", "latin-1"], alphabets=LATIN),
    "windows1252": plain("cp1252", options=["--encoding", "windows-1252"], alphabets=WINDOWS),
    "refused": refused, "gzip": gz, "windows": windows, "labels": labelled,
}
if regex:
    FORMATS["graphemes"] = graphemes


# The comparison


def lines_of(written):
    """The lines of a text, empty ones too; the last one need not have an end."""
    lines = re.split("\r\n|\r|\n", written)
    return lines[:-1] if lines[-1] == "" else lines


def symbols_of(sample, batch):
    return regex.findall(r"\X", sample) if batch.graphemes else list(sample)


def samples_of(written, batch):
    """Samples as lists of symbols, and how many symbols are left over."""
    if not batch.window:
        return [symbols_of(each, batch) for each in lines_of(written) if each], 0
    symbols = symbols_of(re.sub("\r\n|\r", "\n", written), batch)
    whole = len(symbols) // batch.window * batch.window
    return [symbols[at:at + batch.window] for at in range(0, whole, batch.window)], len(symbols) - whole


def differences(answer, case, samples, batch):
    """What differs between an answer and a file, in words."""
    lines = lines_of(case.text)
    lengths = sorted(len(sample) for sample in samples)
    expected = {
        "lines": len(lines), "emptyLines": 0 if batch.window else lines.count(""), "samples": len(samples),
        "symbols": sum(lengths), "label": case.label,
        "lengths": {"minimum": lengths[0] if lengths else 0, "maximum": lengths[-1] if lengths else 0,
                    "median": lengths[len(lengths) // 2] if lengths else 0,
                    "mean": sum(lengths) / len(lengths) if lengths else 0},
        "notes": [],
        "digest": hashlib.sha256(b"".join("".join(sample).encode() + b"\0" for sample in samples)).hexdigest(),
    }
    found = [f"{key} {answer.get(key)} for {value}" for key, value in expected.items() if answer.get(key) != value]
    return found


def sums(answer, batch, read, refusals):
    """What differs between an answer and a folder, in words. `read` has the samples of each file that is text."""
    samples = [sample for case, samples, _ in read for sample in samples]
    found = []
    counts = collections.Counter(symbol for sample in samples for symbol in sample)
    if batch.graphemes:
        composed = collections.Counter()
        for symbol, number in counts.items():
            composed[unicodedata.normalize("NFC", symbol)] += number
        counts = composed
    if answer["vocabulary"] != dict(counts):
        other = {symbol for symbol in {*counts, *answer["vocabulary"]} if counts[symbol] != answer["vocabulary"].get(symbol)}
        found.append(f"counts of {sorted(other)[:5]} differ")
    for shown, sample in zip(answer["first"], samples):
        written = "".join(sample)
        if not written.startswith(shown) or (shown != written and len(written) <= 200):
            found.append(f"first {shown!r} for {written[:200]!r}")
    left = {}
    if not batch.window:
        empty = sum(not each for case, _, _ in read for each in lines_of(case.text))
        long = [sample for sample in samples if len(sample) > batch.limit]
        if batch.drops:
            left[f"longer than {batch.limit} symbols"] = len(long)
        else:
            beyond = sum(len(sample) - batch.limit for sample in long)
            left[f"cut to {batch.limit} symbols, which leaves out {beyond} symbol{'s' if beyond != 1 else ''}"] = len(long)
        left["empty"] = empty
        samples = [sample[:batch.limit] for sample in samples if not batch.drops or len(sample) <= batch.limit]
    left["symbols beyond the last windows"] = sum(rest for _, _, rest in read)
    left["unreadable"] = refusals
    left.update(collections.Counter(batch.beside.values()))
    if "refusal" in answer:
        return [*found, f"refused: {answer['refusal']}"]
    labels = {case.label for case, _, _ in read}
    if labels == {None}:
        distinct = len({"".join(sample) for sample in samples})
        left["duplicates"] = len(samples) - distinct
        kept = sum(value for part, value in answer["split"].items() if part != "rule")
        if kept != distinct:
            found.append(f"{kept} samples in the parts for {distinct}")
    stated = {entry["reason"]: entry["count"] for entry in answer["leftOut"]}
    if labels != {None}:
        stated.pop("duplicates", 0)
    left = {reason: number for reason, number in left.items() if number}
    if stated != left:
        found.append(f"left out {stated} for {left}")
    return found


def judged(case, path, answer, batch):
    """Whether a file was read `right`, `refused` for a reason, `wrong` or `lost`, why, and the samples that are to be read of it."""
    fault = next((fault for fault in answer["faults"] if path in fault), None)
    if case.text is None:
        return ("refused", "", None) if fault else ("lost", "bytes that are no text, without a fault", None)
    texts = {each["file"]: each for each in answer["texts"]}
    if fault or case.name not in texts:
        return ("wrong", f"refused: {fault}", None) if fault else ("lost", "neither read nor refused", None)
    samples, rest = samples_of(case.text, batch)
    found = differences(texts[case.name], case, samples, batch)
    return "wrong" if found else "right", "; ".join(found), (case, samples, rest)


def main():
    options = reading.options(__doc__, FORMATS)
    bad = 0
    with reading.folders(options.keep) as made:
        for name in options.formats:
            random = np.random.default_rng([options.seed, zlib.crc32(name.encode())])
            counts = reading.Counts(name)
            for number, batch in enumerate(FORMATS[name](random, options.count)):
                folder = made(f"{name}-{number}")
                for case in batch.cases:
                    (folder / case.name).parent.mkdir(parents=True, exist_ok=True)
                    (folder / case.name).write_bytes(case.data)
                for beside in batch.beside:
                    (folder / beside).write_bytes(b"no data")
                answer = reading.inspected(options.duel, "text", folder, "--skip-bad", *batch.options)
                read, is_sound = [], True
                for case in sorted(batch.cases, key=lambda case: case.name.encode()):
                    verdict, words, samples = judged(case, str(folder / case.name), answer, batch)
                    counts.add(case.name, verdict, words[:400])
                    is_sound = is_sound and verdict in ("right", "refused")
                    if samples:
                        read.append(samples)
                # What is wrong with a file is wrong with the sums.
                if is_sound:
                    found = sums(answer, batch, read, sum(case.text is None for case in batch.cases))
                    if found:
                        counts.add(f"{folder.name} {' '.join(batch.options)}", "wrong", "; ".join(found)[:400])
            bad += counts.finish(options.count)
    sys.exit(bad > 0)


if __name__ == "__main__":
    main()
