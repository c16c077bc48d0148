from study.checked import checked
from study.job import logged

with logged(snakemake.log[0]), checked(snakemake):
    from pathlib import Path

    from aespectra.summary.agreement import write_table

    source, params = snakemake.input, snakemake.params
    write_table(
        path=Path(snakemake.output[0]),
        parts=map(Path, source.parts),
        priors=params.priors,
        of_priors=dict(zip(map(tuple, params.cells), map(Path, source.of_priors), strict=True)),
    )
