from study.checked import checked
from study.job import logged

with logged(snakemake.log[0]), checked(snakemake, headers_of=snakemake.input.slabs):
    from pathlib import Path

    from aespectra.claims.judge import read_claims
    from aespectra.explorer.contents import contents_of, what_fits
    from aespectra.explorer.page import LITTLE_ROOM, ROOM, write_explorer
    from aespectra.summary.file import open_summary

    source = snakemake.input
    summary = open_summary(source.summary)
    tables = {"The paper's claims": read_claims(Path(source.claims))}
    datasets = [Path(each) for each in source.datasets]
    for path, room in ((snakemake.output.page, ROOM), (snakemake.output.small, LITTLE_ROOM)):
        contents = contents_of(Path(source.cube), summary, datasets, *what_fits(summary, room))
        write_explorer(Path(path), snakemake.params.title, contents, tables)
