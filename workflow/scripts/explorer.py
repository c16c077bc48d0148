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
    sizes = [what_fits(summary, room) for room in (ROOM, LITTLE_ROOM)]
    pages = contents_of(Path(source.cube), summary, datasets, sizes)
    for path, contents in zip((snakemake.output.page, snakemake.output.small), pages, strict=True):
        write_explorer(Path(path), snakemake.params.title, contents, tables)
