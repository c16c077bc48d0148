from study.checked import checked
from study.job import logged

with logged(snakemake.log[0]), checked(snakemake):
    from pathlib import Path

    from aespectra.claims.judge import write_claims
    from aespectra.claims.judge_priors import judge_priors
    from aespectra.report.priors import write_priors_page
    from aespectra.summary.prior_study import open_prior_study

    source, output = snakemake.input, snakemake.output
    study = open_prior_study(
        Path(source.summary), Path(source.samples), Path(source.agreement), snakemake.params.families
    )
    rows = judge_priors(study, **snakemake.params.cuts)
    write_claims(Path(output.table), rows)
    write_priors_page(Path(output.page), rows)
