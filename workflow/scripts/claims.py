from aespectra.logs import logged

with logged(snakemake.log[0]):
    from aespectra.claims import judge, write_claims
    from aespectra.summary import open_summary

    write_claims(snakemake.output[0], judge(open_summary(snakemake.input.summary)))
