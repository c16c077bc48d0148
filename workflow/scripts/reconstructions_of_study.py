from study.checked import checked
from study.job import logged

with logged(snakemake.log[0]), checked(snakemake):
    from pathlib import Path

    from aespectra.summary.reconstructions_of_study import write_reconstructions_of_study

    write_reconstructions_of_study(
        Path(snakemake.output[0]), [Path(part) for part in snakemake.input.parts], snakemake.params.config
    )
