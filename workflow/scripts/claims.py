from study.checked import checked
from study.job import logged

with logged(snakemake.log[0]), checked(snakemake):
    from pathlib import Path

    from aespectra.claims.judge import by_latent_dim, judge, write_claims
    from aespectra.claims.paper import CLAIMS
    from aespectra.claims.terms import Terms
    from aespectra.report.claims import write_claims_page
    from aespectra.summary.file import open_summary

    summary, terms = open_summary(snakemake.input.summary), Terms(**snakemake.params.terms)
    rows = judge(summary, terms)
    write_claims(Path(snakemake.output.table), rows)
    write_claims(Path(snakemake.output.by_d), by_latent_dim(summary.by_seed, terms, CLAIMS))
    write_claims_page(Path(snakemake.output.page), rows)
