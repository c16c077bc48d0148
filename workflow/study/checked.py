"""Every job reads what was written, and leaves checksums of what it wrote."""

import contextlib
import logging
import os
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

from aespectra.checksums import check_recorded, record_checksum, record_of

log = logging.getLogger(__name__)


@contextlib.contextmanager
def checked(job: Any, headers_of: Iterable[str] = ()) -> Iterator[None]:
    """Check the inputs of a job before it begins, and keep the checksums of its outputs when it has ended.

    Inputs without a checksum, such as modules and what a former version made, are taken as they are.

    Parameters
    ----------
    job : snakemake.script.Snakemake
        Its ``log`` and ``output`` tell the folder of the study: they have no more in common.
    headers_of : Iterable[str]
        Inputs not to reread: of which the job needs no more than a header, or whose blocks HDF5 checks as they are
        read, where rereading takes long beside the job.

    Raises
    ------
    BrokenFileError
        An input is not what was written.
    """
    study = Path(os.path.commonpath([job.log[0], *job.output]))
    outputs = [Path(path) for path in job.output]
    log.debug("rule %s, files: %d", job.rule, len(outputs))  # study.running reads it
    for path in outputs:
        record_of(path, study).unlink(missing_ok=True)  # of a former run: a job that is killed must leave none
    for path in set(job.input) - set(headers_of):
        check_recorded(Path(path))
    yield
    for path in outputs:
        record_checksum(path, study)
