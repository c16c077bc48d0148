from study.checked import checked
from study.job import logged

with logged(snakemake.log[0]), checked(snakemake):
    from pathlib import Path

    from aespectra.summary.samples_of_study import write_samples_of_study

    source = snakemake.input
    write_samples_of_study(
        path=Path(snakemake.output[0]),
        parts=map(Path, source.parts),
        latents=map(Path, source.latents),
        features=Path(source.features),
        labels=Path(source.labels),
        config=snakemake.params.config,
    )
