"""Does harm to trainings of every medium, some six hundred times, and counts what is lost.

After each fault either the run goes on and ends with the bytes of a run without a fault, or an error says what to do,
the newest checkpoint is intact, and the run goes on in the same way once the fault is undone.
"""

import argparse
import pathlib
import random
import re
import shutil
import sys
import tempfile
import time

sys.dont_write_bytecode = True
sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent))
from bench import SHORT, Bench, Course, Lost, Skipped, media  # noqa: E402
from plan import TRIALS  # noqa: E402
from trials import Trial  # noqa: E402

ROOT = pathlib.Path(__file__).resolve().parents[2]


def executable():
    for build in ("release", "debug"):
        if (ROOT / f".build/{build}/duel").exists():
            return ROOT / f".build/{build}/duel"
    sys.exit("faults: found no duel in .build; run make build first")


def arguments():
    parser = argparse.ArgumentParser(prog="scripts/faults", description=__doc__)
    parser.add_argument("--duel", type=pathlib.Path, help="the executable; that of .build unless given")
    parser.add_argument("--folder", type=pathlib.Path, help="where to work; a temporary folder unless given")
    parser.add_argument("--seed", type=int, default=1, help="decides every moment")
    parser.add_argument("--medium", action="append", help="try this medium alone; repeat for several")
    parser.add_argument("--kind", help="try the kinds alone in whose name this regular expression is found")
    parser.add_argument("--index", type=int, help="try this fault of each kind alone, by its number from 0")
    parser.add_argument("--most", type=int, help="try so many faults of each kind and medium, at most")
    parser.add_argument("--table", type=pathlib.Path, help="write the table here, as Markdown")
    return parser.parse_args()


def table(rows):
    """The counts as Markdown."""
    total = {"kind": "all", "tried": sum(row["tried"] for row in rows), "lost": sum(row["lost"] for row in rows)}
    lines = ["| fault | tried | survived | lost |", "|---|---|---|---|"]
    for row in [*rows, total]:
        lines.append(f"| {row['kind']} | {row['tried']} | {row['tried'] - row['lost']} | {row['lost']} |")
    return "\n".join(lines) + "\n"


def main():
    options = arguments()
    folder = options.folder or pathlib.Path(tempfile.mkdtemp(prefix="duel-faults-"))
    bench = Bench(options.duel or executable(), folder)
    found = {medium.name: medium for medium in media(bench.folder)}
    known = {}

    def course(name, shape):
        if (name, shape.name) not in known:
            known[name, shape.name] = Course(bench, found[name], shape)
        return known[name, shape.name]

    started, rows, losses = time.monotonic(), [], []
    for kind, action, counts in TRIALS:
        if options.kind and not re.search(options.kind, kind):
            continue
        row = {"kind": kind, "tried": 0, "lost": 0}
        for name, count in zip(found, counts):
            if options.medium and name not in options.medium:
                continue
            is_each = count is None
            if is_each:
                calls = course(name, SHORT).calls
                count = sum(path.startswith("/checkpoints") for _, path in calls)
            indices = range(count)[: options.most] if options.index is None else [options.index]
            for index in indices:
                row["tried"] += 1
                place = bench.folder / "trials" / f"{kind}-{name}-{index}".replace(" ", "-")
                shutil.rmtree(place, ignore_errors=True)
                place.mkdir(parents=True)
                draws = random.Random(f"{options.seed}/{kind}/{name}/{index}")
                trial = Trial(bench, course, name, place, draws, index, is_each)
                try:
                    action(trial)
                    shutil.rmtree(place)
                except Skipped as reason:
                    row["tried"] -= 1
                    print(f"SKIPPED {kind}, {name}, number {index}: {reason}", flush=True)
                except Lost as loss:
                    row["lost"] += 1
                    losses.append(f"{kind}, {name}, number {index}, {trial.note}: {loss}")
                    print(f"LOST {losses[-1]} (in {place})", flush=True)
        rows.append(row)
        if options.table:
            options.table.write_text(table(rows))
        print(f"{time.monotonic() - started:6.0f} s  {kind}: {row['tried']} tried, {row['lost']} lost", flush=True)

    print(f"\n{table(rows)}\n{(time.monotonic() - started) / 60:.0f} minutes")
    if not options.folder and not losses:
        shutil.rmtree(folder)
    sys.exit(1 if losses else 0)


main()
