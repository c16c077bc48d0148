from study.checked import checked
from study.job import logged

with logged(snakemake.log[0]), checked(snakemake):
    from pathlib import Path

    from aespectra.claims.judge import by_latent_dim, judge_claims, write_claims
    from aespectra.claims.reconstructions import FURTHER
    from aespectra.claims.terms import Terms
    from aespectra.report.claims import dead_units_table, write_claims_page
    from aespectra.summary.file import open_reconstructions

    found, terms = open_reconstructions(snakemake.input.reconstructions), Terms(**snakemake.params.terms)
    rows = judge_claims(found, terms, FURTHER)
    write_claims(Path(snakemake.output.table), rows)
    write_claims(Path(snakemake.output.by_d), by_latent_dim(found, terms, FURTHER))
    write_claims_page(Path(snakemake.output.page), rows, *dead_units_table(found))
