"""What surrounds every job: its log, its seconds, and the config key that mends what went wrong."""

import contextlib
import faulthandler
import logging
import os
import platform
import sys
import time
from collections.abc import Iterator

log = logging.getLogger(__name__)

HINTS = {
    "DeviceNotFoundError": "Config key device: auto takes what there is.",
    "DivergedError": "Config key training.learning_rate; of one family alone, options.training.learning_rate.",
    "ImagesNotFoundError": "Config key images.root says where; `make demo` needs no download.",
    "UnsuitableImagesError": "Config keys images.name and evaluation.sets say which sets are read.",
    "OwnNetworkError": "Config key families: factory, arguments, code, checkpoint.",
    "UnfitError": "Config key families: factory, arguments, code, checkpoint.",
    "BadImagesError": "Config keys images and evaluation.sets say which files are read.",
    "TooFewImagesError": "Config key evaluation.samples.",
    "TooFewPixelsError": "Config key latent_dims.",
    "NotWrittenError": "The next run goes on from here.",
    "MemoryError": "--set-resources asks for more memory, --resources gpu=1 keeps two jobs from sharing a GPU, config "
    "key device chooses another device.",
}
"""What to change, by the name of the exception: the library knows arguments, not the keys of a config."""


@contextlib.contextmanager
def logged(path: str) -> Iterator[None]:
    """Send log lines and warnings to ``path`` and to the terminal; an exception ends the job.

    The terminal gets its one sentence, the file the traceback as well. Under CI (environment variable CI) the terminal
    gets only warnings and errors. The file alone gets lines of level DEBUG, which ``study.running`` reads: first the
    date, the process and its machine, last the job's seconds.
    """
    start = time.monotonic()
    faulthandler.enable()  # a crash of HDF5 at least says where
    logging.raiseExceptions = False  # a log that cannot be written, as on a full disk, ends no job
    terminal = logging.StreamHandler()
    file: logging.Handler
    try:
        file = logging.FileHandler(path, mode="w")
    except OSError as error:  # nor does one that cannot be begun
        print(f"{path} could not be written: {error.strerror}.", file=sys.stderr)
        file = logging.NullHandler()
    terminal.setLevel(logging.WARNING if os.environ.get("CI") else logging.INFO)
    logging.basicConfig(
        format="%(asctime)s %(message)s",
        datefmt="%H:%M:%S",
        handlers=[file, terminal],
    )
    for ours, level in {"aespectra": logging.INFO, "study": logging.DEBUG}.items():
        logging.getLogger(ours).setLevel(level)  # other libraries only speak up to warn
    logging.captureWarnings(True)
    log.debug("begun on %s by process %d of %s", time.strftime("%Y-%m-%d"), os.getpid(), platform.node())
    try:
        yield
    except Exception as error:
        # first the whole story to the file, then the sentence to both
        file.handle(log.makeRecord(log.name, logging.ERROR, "", 0, "failed", (), sys.exc_info()))
        hints = [HINTS[each.__name__] for each in type(error).__mro__ if each.__name__ in HINTS]
        log.error("%s: %s", type(error).__name__, " ".join([str(error), *hints[:1]]))
        sys.exit(1)
    log.debug("took %.2f s", time.monotonic() - start)
