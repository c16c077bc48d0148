from study.checked import checked
from study.job import logged

with logged(snakemake.log[0]), checked(snakemake):
    from pathlib import Path

    from aespectra.summary.merge import write_summary

    write_summary(
        path=Path(snakemake.output[0]),
        parts=map(Path, snakemake.input.parts),
        datasets=map(Path, snakemake.input.datasets),
        config=snakemake.params.config,
    )
