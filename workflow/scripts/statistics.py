from study.checked import checked
from study.job import logged

with logged(snakemake.log[0]), checked(snakemake):
    from pathlib import Path

    from aespectra.summary.compute import write_statistics

    write_statistics(
        path=Path(snakemake.output[0]),
        slabs=map(Path, snakemake.input.slabs),
        losses=map(Path, snakemake.input.losses),
    )
