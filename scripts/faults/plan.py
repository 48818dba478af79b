"""The list of all faults, and how often each is done to each medium."""

import errno

from mounts import full_disk
from pages import report_killed, watch_beset
from ranks import rank_killed
from samples import generate_fault
from trials import (
    address_space, both_at_once, clock_set_back, cut_while_read, data_fault, disk, lock_of_the_dead, newest_damaged,
    pointer_damaged, read_only_from_the_start, second_joins, signal_at_a_call, signal_at_a_moment)

CHECKPOINT = "/checkpoints"

# Kind, what is done, and how often for plane, text, audio and points; None for once at each call.
TRIALS = [
    ("kill -9 at a moment of training", signal_at_a_moment("kill -9"), (20, 14, 5, 5)),
    ("SIGTERM at a moment of training", signal_at_a_moment("SIGTERM"), (4, 4, 2, 2)),
    ("SIGINT at a moment of training", signal_at_a_moment("SIGINT"), (4, 4, 2, 2)),
    ("kill -9 at each call of writing checkpoints", signal_at_a_call("kill -9", CHECKPOINT), (None, 24, 6, 6)),
    ("kill -9 half-way through a write", signal_at_a_call("kill -9", tears=True), (10, 8, 4, 4)),
    ("kill -9 while a preview is written", signal_at_a_call("kill -9", "/previews"), (8, 6, 3, 3)),
    ("SIGTERM while files are written", signal_at_a_call("SIGTERM"), (4, 4, 2, 2)),
    ("SIGINT while files are written", signal_at_a_call("SIGINT"), (4, 4, 2, 2)),
    ("disk full from each call of writing checkpoints on", disk(errno.ENOSPC, 1, CHECKPOINT), (None, 24, 8, 8)),
    ("disk full half-way through a write", disk(errno.ENOSPC, 1, tears=True), (6, 6, 3, 3)),
    ("disk full from some other call on", disk(errno.ENOSPC, 1), (8, 8, 3, 3)),
    ("a small disk that is full in earnest", full_disk, (8, 6, 3, 3)),
    ("one call fails with EIO", disk(errno.EIO, 0), (14, 10, 4, 4)),
    ("made read-only while training", disk(errno.EROFS, 2), (6, 6, 3, 3)),
    ("read-only from the start", read_only_from_the_start, (4, 2, 2, 2)),
    ("data removed in mid-run", data_fault("removed"), (2, 3, 2, 2)),
    ("data shortened in mid-run", data_fault("shortened"), (2, 6, 2, 2)),
    ("data changed in mid-run", data_fault("changed"), (2, 5, 2, 2)),
    ("three processes begin one run", both_at_once, (4, 3, 2, 2)),
    ("a second process joins", second_joins, (3, 3, 1, 1)),
    ("lock of a dead process", lock_of_the_dead, (4, 4, 2, 2)),
    ("clock set back", clock_set_back, (4, 3, 2, 2)),
    ("address space ends", address_space, (6, 5, 3, 3)),
    ("newest checkpoint damaged", newest_damaged, (8, 6, 3, 3)),
    ("pointer to the newest damaged", pointer_damaged, (5, 4, 2, 2)),
    ("checkpoint cut while it is read", cut_while_read, (5, 5, 3, 3)),
    ("generate killed at a moment", generate_fault("moment"), (5, 5, 3, 3)),
    ("generate killed at a call", generate_fault("kill"), (4, 4, 6, 6)),
    ("disk full or failing in generate", generate_fault("disk"), (4, 4, 6, 6)),
    ("report killed at a moment", report_killed, (5, 4, 3, 3)),
    ("one rank of two or three killed at a moment", rank_killed, (8, 6, 3, 3)),
    ("watch under connections and malformed requests", watch_beset, (3, 2, 2, 2)),
]
