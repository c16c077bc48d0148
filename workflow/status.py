"""What of a study is done, runs, failed and is missing, and how long that takes: `make status`.

python workflow/status.py [--watch] [--page FILE] --configfile my.yaml [-- TARGET ...]

All other arguments are Snakemake's. It is asked for its summary, once; what happens afterwards is read from files and
logs. So this changes nothing, and may run beside the study itself.
"""

import argparse
import shutil
import subprocess
import sys
import time
from pathlib import Path

from aespectra.files import NotWrittenError
from study.board import as_text, board, write_board
from study.plan import File, planned, since
from study.running import Logs

EVERY = 5.0
"""Seconds between two looks."""

SHARE = 0.1
"""Of the time at most is spent on looking: where it takes long, it is done less often."""


def main(arguments: list[str]) -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter, allow_abbrev=False
    )
    parser.add_argument("--watch", action="store_true", help="print it again and again, in place")
    parser.add_argument("--page", type=Path, metavar="FILE", help="write it again and again, as a page")
    options, of_snakemake = parser.parse_known_args(arguments)
    try:
        asked = time.time()
        if options.watch or options.page:
            print("Snakemake is asked which files there are to make ...", flush=True)
        files = planned(_summary(of_snakemake))
        if not files:
            sys.exit("No files belong to these targets.")
        if options.watch or options.page:
            follow(files, asked, options.watch, options.page)
        else:
            print("\n".join(as_text(board(files, _logs(files).look(), time.time()))))
    except KeyboardInterrupt:
        print()
    except NotWrittenError as error:
        sys.exit(str(error))


def _summary(arguments: list[str]) -> str:
    command = [sys.executable, "-m", "snakemake", "--summary", *arguments]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    if done.returncode:
        sys.exit(done.stderr)
    return done.stdout


def _logs(files: list[File]) -> Logs:
    return Logs(Path(*files[0].path.parts[:2], "logs"))


def follow(files: list[File], asked: float, watch: bool, page: Path | None) -> None:
    """Look again and again, until nothing is left to make and nothing runs, or until Ctrl-C.

    ``files`` are as they were at the time ``asked``. The page that is written last does not load itself anew.
    """
    logs = _logs(files)
    if watch:
        print("\x1b[2J", end="")
    else:
        print(f"{page} is written every {EVERY:.0f} s, until nothing is left to make; Ctrl-C ends it.", flush=True)
    shown = None
    try:
        while True:
            began = time.monotonic()
            files = since(asked, files)
            jobs = logs.look()
            shown = board(files, jobs, time.time())
            if watch:
                print(in_place(as_text(shown)), end="", flush=True)
            pause = max(EVERY, (time.monotonic() - began) * (1 / SHARE - 1))
            if page:
                write_board(page, shown, pause)
            if shown.finished:
                break
            time.sleep(pause)
    finally:
        if page and shown:
            write_board(page, shown, None)


def in_place(lines: list[str]) -> str:
    """What prints lines over those before, as many and as much of each as the terminal shows."""
    columns, rows = shutil.get_terminal_size()
    if len(lines) >= rows:
        lines = [*lines[: rows - 2], "..."]
    return "\x1b[H" + "".join(f"{line[:columns]}\x1b[K\n" for line in lines) + "\x1b[J"


if __name__ == "__main__":
    main(sys.argv[1:])
