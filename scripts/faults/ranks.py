"""What is done to trainings that several processes make together."""

import os
import pathlib
import shutil
import signal

from bench import RANKED, Skipped, require


def processes(run):
    """The numbers of the processes that train a run, but for the one that has started them."""
    found = []
    for place in pathlib.Path("/proc").glob("[0-9]*"):
        try:
            words = (place / "cmdline").read_bytes().split(b"\0")
        except OSError:
            continue
        if str(run).encode() in words and pathlib.Path(os.fsdecode(words[0])).name != "mpirun":
            found.append(int(place.name))
    return sorted(found)


def rank_killed(t):
    """Kills one of several ranks; the run goes on with another number of them, to the same bytes."""
    if not shutil.which("mpirun"):
        raise Skipped("mpirun is not installed")
    course = t.course(RANKED)
    ranks, later = t.draws.choice([2, 3]), t.draws.choice([1, 2, 3])
    process = t.begin(course, ranks=ranks)
    t.delay(course.seconds * ranks)
    running = processes(t.run)
    if running:
        os.kill(t.draws.choice(running), signal.SIGKILL)
    t.bench.end(process)
    t.note += f", one of {len(running)} of {ranks} ranks; then {later}"
    require(not processes(t.run), "left ranks running")
    course.require_intact(t.run)
    course.require_same(t.run, exact=False, ranks=later)
