from study.checked import checked
from study.job import logged

with logged(snakemake.log[0]), checked(snakemake):
    from pathlib import Path

    from aespectra.data.pixels import Pixels
    from aespectra.summary.agreement import write_prior_agreement

    with Pixels(snakemake.input.test) as images:
        n = len(images)
    wildcards = snakemake.wildcards
    write_prior_agreement(Path(snakemake.output[0]), n, int(wildcards.latent_dim), wildcards.prior)
