"""What read_points.py, read_sounds.py and read_texts.py share: flags, the call of duel, counts. No program by itself."""

import argparse
import contextlib
import json
import pathlib
import subprocess
import sys
import tempfile


def options(description, formats):
    """The flags of a comparison, whose formats have names."""
    parser = argparse.ArgumentParser(description=description.splitlines()[0])
    parser.add_argument("--duel", default="duel", help="the program")
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--count", type=int, default=200, help="files of each format")
    parser.add_argument("--formats", nargs="+", choices=formats, default=list(formats), metavar="NAME")
    parser.add_argument("--keep", type=pathlib.Path, help="a folder for the files (default: one of a moment)")
    return parser.parse_args()


@contextlib.contextmanager
def folders(keep):
    """Makes folders by their names, in one that is kept or in one of a moment."""
    with tempfile.TemporaryDirectory() as moment:

        def made(name):
            folder = (keep or pathlib.Path(moment)) / name
            folder.mkdir(parents=True, exist_ok=True)
            return folder

        yield made


def inspected(duel, medium, folder, *flags):
    """What `duel MEDIUM inspect --json` says of a folder; ends the program where it says nothing."""
    run = subprocess.run([duel, medium, "inspect", folder, "--json", *flags], capture_output=True, text=True)
    if not run.stdout:
        sys.exit(f"{folder.name}: {run.stderr.strip()}")
    return json.loads(run.stdout)


class Counts:
    """How many files of a format were read `right`, `refused` for a reason, `wrong` or `lost`."""

    def __init__(self, name):
        self.name = name
        self.of = dict.fromkeys(["right", "refused", "wrong", "lost"], 0)

    def add(self, file, verdict, words):
        """Takes note of a file, and prints what is bad."""
        self.of[verdict] += 1
        if verdict in ("wrong", "lost"):
            print(f"{self.name}/{file}: {verdict}: {words}")

    def finish(self, files):
        """Prints the counts, and returns how many are bad."""
        print(f"{self.name}: {files} files, {self.of['right']} read, {self.of['refused']} refused for a reason, "
              f"{self.of['wrong']} wrong, {self.of['lost']} lost", flush=True)
        return self.of["wrong"] + self.of["lost"]
