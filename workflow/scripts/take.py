from study.checked import checked
from study.job import logged

with logged(snakemake.log[0]), checked(snakemake, headers_of=[snakemake.input.images]):
    from pathlib import Path

    from aespectra.data.pixels import Pixels
    from aespectra.models.take import write_taken

    source, output, wildcards = snakemake.input, snakemake.output, snakemake.wildcards
    with Pixels(source.images) as images:
        write_taken(
            checkpoint=Path(output.checkpoint),
            losses=Path(output.losses),
            weights=Path(source.weights),
            images=images,
            family=snakemake.params.family,
            latent_dim=int(wildcards.latent_dim),
            seed=int(wildcards.seed),
        )
