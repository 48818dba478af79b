"""What is done to generate: no file that it leaves under its name is cut short."""

import errno
import shutil
import time

from bench import SHORT, SIGNALS, require, send

SAMPLES = {}


def generation(t, out):
    course = t.course(SHORT)
    return [t.medium, "generate", course.whole, *course.medium.generate, "--seed", 3, "--threads", 1, "--out", out]


def samples(folder):
    files = {str(path.relative_to(folder)): path.read_bytes() for path in folder.rglob("*") if path.is_file()}
    return {name: data for name, data in files.items() if ".duel-" not in name}, [n for n in files if ".duel-" in n]


def generate_fault(harm):
    def trial(t):
        course = t.course(SHORT)
        place = t.folder / "out"
        place.mkdir()
        out = place / course.medium.output
        if t.medium not in SAMPLES:
            log = t.folder / "log"
            started = time.monotonic()
            ending = t.bench.run(generation(t, out), below=place, log=log)
            require(ending.code == 0, f"generate failed without a fault: {ending.text}")
            SAMPLES[t.medium] = samples(place)[0], len(log.read_text().splitlines()), time.monotonic() - started
            shutil.rmtree(place)
            place.mkdir()
        expected, calls, seconds = SAMPLES[t.medium]
        if harm == "moment":
            process = t.bench.start(generation(t, out))
            t.delay(seconds)
            send(process, t.draws.choice(list(SIGNALS.values())))
            t.bench.end(process)
        else:
            number = t.index % calls + 1
            t.note = f"call {number} of {calls}"
            if harm == "kill":
                settings = {"signal": 9, "tear": t.draws.randrange(2)}
            else:
                settings = {"error": t.draws.choice([errno.ENOSPC, errno.EIO, errno.EROFS]), "last": 1}
            ending = t.bench.run(generation(t, out), below=place, at=number, **settings)
            if harm == "disk":
                t.fail_well(ending, codes=(73, 74))
        found, temporary = samples(place)
        for name, data in found.items():
            require(expected.get(name) == data, f"{name} is not whole")
        require(harm != "disk" or not temporary, f"left {temporary}")
        ending = t.bench.run(generation(t, out))
        require(ending.code == 0, f"does not generate afterwards: {ending.text}")
        found, temporary = samples(place)
        require(found == expected, "other samples afterwards")
        require(not temporary, f"left {temporary}")

    return trial
