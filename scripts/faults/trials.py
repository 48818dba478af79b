"""What is done to trainings: each fault draws its moment from a seed, does its harm, and requires that nothing is lost."""

import errno
import os
import pathlib
import re
import shutil
import signal
import time

from bench import LONG, SENTENCE, SHORT, SIGNALS, require, send, wait_for


class Trial:
    """One fault: a medium, a folder for its run, and where it draws its moment from."""

    def __init__(self, bench, courses, medium, folder, draws, index, is_each):
        self.bench, self.courses, self.medium, self.draws, self.index = bench, courses, medium, draws, index
        self.is_each = is_each
        self.folder, self.run = folder, folder / "run"
        self.note = ""

    def course(self, shape):
        return self.courses(self.medium, shape)

    def call(self, course, part):
        """The number of a call that changes files below a part of the run: drawn, or the index's where each has its turn."""
        numbers = [n for n, (_, path) in enumerate(course.calls, 1) if path.startswith(part)]
        number = numbers[self.index] if self.is_each else self.draws.choice(numbers)
        self.note = "call {} ({} {})".format(number, *course.calls[number - 1])
        return number

    def random_call(self, course):
        number = self.draws.randrange(len(course.calls)) + 1
        self.note = "call {} ({} {})".format(number, *course.calls[number - 1])
        return number

    def delay(self, seconds):
        moment = self.draws.uniform(0, seconds)
        self.note = f"after {moment * 1000:.0f} ms"
        time.sleep(moment)

    def begin(self, course, **settings):
        return self.bench.start(course.words(self.run), **settings)

    def fail_well(self, ending, codes=(65, 66, 73, 74)):
        require(ending.code in codes, f"ended with {ending.code}, expected one of {codes}: {ending.text.strip()}")
        require(SENTENCE.search(ending.text), f"ended with {ending.code} and no sentence: {ending.text.strip()}")


# MARK: Signals


def signal_at_a_moment(kind):
    def trial(t):
        course = t.course(LONG)
        process = t.begin(course)
        t.delay(course.seconds)
        send(process, SIGNALS[kind])
        ending = t.bench.end(process)
        if kind == "kill -9":
            require(ending.code in (-9, 0), f"ended with {ending.code}")
        else:
            # Before training begins, the signal ends the process as any other.
            number = SIGNALS[kind]
            require(ending.code in (0, 128 + number, -number), f"ended with {ending.code}: {ending.text}")
        course.require_intact(t.run)
        course.require_same(t.run, exact=kind == "kill -9")

    return trial


def signal_at_a_call(kind, part="", tears=False):
    def trial(t):
        course = t.course(SHORT)
        number = t.call(course, part) if part else t.random_call(course)
        settings = {"at": number, "signal": int(SIGNALS[kind]), "tear": int(tears)}
        t.bench.run(course.words(t.run), below=t.run, **settings)
        course.require_intact(t.run)
        course.require_same(t.run, exact=kind == "kill -9")

    return trial


# MARK: Disks


def disk(error, lasting, part=None, tears=False):
    def trial(t):
        course = t.course(SHORT)
        number = t.random_call(course) if part is None else t.call(course, part)
        ending = t.bench.run(
            course.words(t.run), below=t.run, at=number, error=error, last=lasting, tear=int(tears))
        name = course.calls[number - 1][0]
        # A file that cannot be removed does no harm: it is too many, and the next checkpoint removes it.
        if ending.code != 0 or name != "unlink":
            t.fail_well(ending)
        course.require_intact(t.run)
        course.require_same(t.run)

    return trial


def read_only_from_the_start(t):
    course = t.course(SHORT)
    if t.index % 2:
        # Of a run that has begun: stopped at its second checkpoint.
        t.note = "a run that goes on"
        stop_half_way(t, course)
    else:
        t.note = "a new run"
    error = [errno.EROFS, errno.EACCES][t.draws.randrange(2)]
    ending = course.go_on(t.run, below=t.run, at=1, error=error, last=2)
    t.fail_well(ending)
    course.require_intact(t.run)
    course.require_same(t.run, exact=False)


def stop_half_way(t, course):
    """Leaves a run as a kill between its second checkpoint and its third leaves it."""
    pattern = re.compile(r"/checkpoints/latest")
    numbers = [n for n, (name, path) in enumerate(course.calls, 1) if name == "rename" and pattern.match(path)]
    t.bench.run(course.words(t.run), below=t.run, at=numbers[2] + 4, signal=9)
    require(course.latest(t.run) is not None, "no checkpoint half-way")


# MARK: Data


def data_fault(harm):
    def trial(t):
        course = t.course(LONG)
        files = course.medium.files
        file = t.draws.choice(files)
        aside, original = t.folder / "aside", file.read_bytes()
        process = t.begin(course)
        try:
            begun = wait_for(process, lambda: lines(t.run) > 0)
            require(begun, "no report came")
            t.delay(course.seconds / 3)
            t.note = f"{file.name} {t.note}"
            if harm == "removed":
                os.rename(file, aside)
            elif harm == "shortened":
                os.truncate(file, t.draws.randrange(len(original)))
            else:
                with open(file, "r+b") as handle:
                    handle.seek(len(original) // 2)
                    handle.write(b"\n12,a" if t.medium == "plane" else bytes(reversed(original[:64])))
            if t.index % 2:
                time.sleep(t.draws.uniform(0, course.seconds / 3))
                send(process, signal.SIGKILL)
            ending = t.bench.end(process)
            if ending.code not in (0, -9):
                t.fail_well(ending, codes=(65, 66, 74))
            course.require_intact(t.run)
            if ending.code != 0:
                t.fail_well(course.go_on(t.run), codes=(65, 66))
                course.require_intact(t.run)
        finally:
            if aside.exists():
                os.rename(aside, file)
            else:
                file.write_bytes(original)
        course.require_same(t.run)

    return trial


def lines(run):
    file = run / "metrics.jsonl"
    return file.read_bytes().count(b"\n") if file.exists() else 0


# MARK: Processes


def both_at_once(t):
    course = t.course(LONG)
    processes = [t.begin(course), t.begin(course)]
    t.delay(0.02)
    processes.append(t.begin(course))
    endings = [t.bench.end(process) for process in processes]
    winners = [ending for ending in endings if ending.code == 0]
    require(len(winners) == 1, f"{len(winners)} of three processes trained it: {[e.text for e in endings]}")
    for ending in endings:
        if ending.code != 0:
            t.fail_well(ending, codes=(73,))
    course.require_equal(t.run)


def second_joins(t):
    course = t.course(LONG)
    process = t.begin(course)
    require(wait_for(process, lambda: lines(t.run) > 0), "no report came")
    t.delay(course.seconds / 3)
    second = course.go_on(t.run)
    ending = t.bench.end(process)
    require(ending.code == 0, f"the first failed: {ending.text}")
    if second.code != 0:
        t.fail_well(second, codes=(73,))
    course.require_equal(t.run)


def lock_of_the_dead(t):
    course = t.course(LONG)
    process = t.begin(course)
    t.delay(course.seconds)
    send(process, signal.SIGKILL)
    t.bench.end(process)
    if t.run.exists():
        # Whatever a lock file holds, it is the system that knows whether its process lives.
        (t.run / "run.lock").write_text(["", "1\n", str(os.getpid()), "\0" * 100][t.index % 4])
    course.require_same(t.run)


def clock_set_back(t):
    course = t.course(SHORT)
    after, back = t.draws.randrange(60), t.draws.choice([1, 3600, 86400 * 400, 86400 * 365 * 40])
    t.note = f"by {back} s at reading {after} of the clock"
    setting = {"clock": f"{after}:{back}"}
    if t.index % 2:
        stop_half_way(t, course)
        ending = course.go_on(t.run, **setting)
    else:
        ending = t.bench.run(course.words(t.run), **setting)
    require(ending.code == 0, f"ended with {ending.code}: {ending.text}")
    course.require_equal(t.run)


def address_space(t):
    course = t.course(SHORT)
    peak = virtual_peak(t, course)
    share = t.draws.uniform(0.5, 1.0)
    t.note = f"{share:.0%} of {peak >> 20} MiB"
    t.bench.run(course.words(t.run), memory=int(peak * share))
    course.require_intact(t.run)
    course.require_same(t.run)


PEAKS = {}


def virtual_peak(t, course):
    """The most bytes that a run maps, looked at while it trains."""
    if t.medium not in PEAKS:
        process = t.bench.start(course.words(t.folder / "measured"))
        most = 0
        while process.poll() is None:
            status = pathlib.Path(f"/proc/{process.pid}/status")
            try:
                found = re.search(r"VmPeak:\s+(\d+)", status.read_text())
            except (FileNotFoundError, ProcessLookupError):
                break
            most = max(most, int(found[1]) * 1024 if found else 0)
            time.sleep(0.005)
        t.bench.end(process)
        PEAKS[t.medium] = most
    return PEAKS[t.medium]


# MARK: Damage


def damage(file, draws):
    """Damages a file in one of the ways in which disks and people do, and says how."""
    data = file.read_bytes()
    place = draws.randrange(len(data))
    how = draws.choice(["cut", "emptied", "one bit", "zeros", "removed"])
    if how == "cut":
        file.write_bytes(data[:place])
    elif how == "emptied":
        file.write_bytes(b"")
    elif how == "one bit":
        file.write_bytes(data[:place] + bytes([data[place] ^ 1 << draws.randrange(8)]) + data[place + 1 :])
    elif how == "zeros":
        end = min(len(data), place + 512)
        file.write_bytes(data[:place] + bytes(end - place) + data[end:])
        if data[place:end].count(0) == end - place:
            return damage(file, draws)
    else:
        file.unlink()
    return how


def newest_damaged(t):
    """The error names a command; it is taken at its word."""
    course = t.course(SHORT)
    stop_half_way(t, course)
    file = course.latest(t.run)
    t.note = f"{damage(file, t.draws)}: {file.name}"
    others = {path: path.read_bytes() for path in (t.run / "checkpoints").iterdir() if path != file}
    ending = course.go_on(t.run)
    t.fail_well(ending, codes=(65,))
    verified = t.bench.run(["verify", t.run])
    require(verified.code == 65, f"verify ended with {verified.code}: {verified.text}")
    for path, data in others.items():
        require(path.read_bytes() == data, f"{path.name} was changed")
    command = re.search(r"'duel (.*)'", ending.text)
    require(command, f"names no command: {ending.text}")
    ending = t.bench.run([*command[1].split(), "--quiet"])
    require(ending.code == 0, f"the command failed: {ending.text}")
    course.require_equal(t.run)
    verified = t.bench.run(["verify", t.run])
    require(verified.code == 0, f"verify ended with {verified.code}: {verified.text}")


def pointer_damaged(t):
    course = t.course(SHORT)
    stop_half_way(t, course)
    file = t.run / "checkpoints/latest"
    t.note = damage(file, t.draws)
    ending = course.go_on(t.run)
    if ending.code != 0:
        t.fail_well(ending, codes=(65,))
        command = re.search(r"'duel (.*)'", ending.text)
        require(command, f"names no command: {ending.text}")
        ending = t.bench.run([*command[1].split(), "--quiet"])
        require(ending.code == 0, f"the command failed: {ending.text}")
    course.require_equal(t.run)


def cut_while_read(t):
    course = t.course(SHORT)
    stop_half_way(t, course)
    file = course.latest(t.run)
    data = file.read_bytes()
    words = t.draws.choice([
        [t.medium, "generate", t.run, "--checkpoint", "latest", "--out", t.folder / course.medium.output],
        [t.medium, "info", t.run], ["verify", t.run], course.words(t.run) + ["--resume"]])
    process = t.bench.start(words)
    t.delay(0.6)
    t.note = f"{words[1] if words[0] == t.medium else words[0]} {t.note}"
    if process.poll() is None:
        os.truncate(file, t.draws.randrange(len(data)))
    ending = t.bench.end(process)
    if ending.code != 0:
        t.fail_well(ending) if words[0] != "verify" else require(ending.code == 65, f"ended with {ending.code}")
    file.write_bytes(data)
    course.require_same(t.run)
