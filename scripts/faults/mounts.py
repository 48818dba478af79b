"""A disk that is full in earnest: a file system in memory, where one may be mounted."""

import subprocess

from bench import SHORT, Skipped


def mount(place, *options):
    done = subprocess.run(["mount", "-t", "tmpfs", "-o", ",".join(options), "none", place], capture_output=True)
    if done.returncode != 0:
        raise Skipped(f"cannot mount: {done.stderr.decode().strip()}")


def full_disk(t):
    course = t.course(SHORT)
    whole = sum(len(data) for data in course.expected.values())
    size = int(whole * t.draws.uniform(0.05, 0.95)) + 4096
    t.note = f"{size} of {whole} bytes"
    disk = t.folder / "disk"
    disk.mkdir()
    mount(disk, f"size={size}")
    try:
        t.run = disk / "run"
        ending = t.bench.run(course.words(t.run))
        t.fail_well(ending, codes=(73, 74))
        course.require_intact(t.run)
        subprocess.run(["mount", "-o", f"remount,size={whole * 4}", disk], check=True)
        course.require_same(t.run)
    finally:
        subprocess.run(["umount", disk], check=True)
