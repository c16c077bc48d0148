from study.checked import checked
from study.job import logged

with logged(snakemake.log[0]), checked(snakemake):
    from pathlib import Path

    from aespectra.summary.agreement import write_agreement

    write_agreement(Path(snakemake.output[0]), Path(snakemake.input.latents), snakemake.params.prior)
