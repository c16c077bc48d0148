"""Found first on a run's path, by the tests alone: kills at a chosen step of the publications of its jobs.

Steps are counted over all processes of a run: a finished temporary file is about to be put on disk, to be renamed, and
its folder to be put on disk. FAULT_COUNTER is a file that grows by a byte a step; FAULT_AT is the step to kill at;
FAULT_WHO is ``group``, the run with all its jobs, ``head``, Snakemake alone, or ``none``. A job that lives on pauses,
for FAULT_PAUSE seconds or until there is a file of the counter's name that ends in .go, and goes on.
"""

import os
import signal
import time

if "FAULT_COUNTER" in os.environ:
    sync, replace = os.fsync, os.replace
    renamed = False

    def step() -> None:
        counter = os.open(os.environ["FAULT_COUNTER"], os.O_WRONLY | os.O_APPEND | os.O_CREAT)
        os.write(counter, b".")
        here = os.lseek(counter, 0, os.SEEK_CUR)
        os.close(counter)
        if here == int(os.environ["FAULT_AT"]):
            if os.environ["FAULT_WHO"] == "group":
                os.killpg(os.getpgrp(), signal.SIGKILL)
            if os.environ["FAULT_WHO"] == "head":
                os.kill(os.getpgrp(), signal.SIGKILL)  # its leader
            end = time.monotonic() + float(os.environ["FAULT_PAUSE"])
            while time.monotonic() < end and not os.access(f"{os.environ['FAULT_COUNTER']}.go", os.F_OK):
                time.sleep(0.05)

    def counted_sync(handle: int) -> None:
        global renamed
        if renamed or os.readlink(f"/proc/self/fd/{handle}").endswith(".part"):  # noqa: PTH115 (every run imports this)
            step()
        renamed = False
        sync(handle)

    def counted_replace(source: str, target: str, **directories: int) -> None:
        global renamed
        if renamed := str(source).endswith(".part"):
            step()
        replace(source, target, **directories)

    os.fsync, os.replace = counted_sync, counted_replace
