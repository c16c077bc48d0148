from aespectra.logs import logged

with logged(snakemake.log[0]):
    from aespectra.claims import judge, write_claims, write_claims_page
    from aespectra.summary import open_summary

    rows = judge(open_summary(snakemake.input.summary))
    write_claims(snakemake.output.table, rows)
    write_claims_page(snakemake.output.page, rows)
