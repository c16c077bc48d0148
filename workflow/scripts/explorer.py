from study.checked import checked
from study.job import logged

with logged(snakemake.log[0]), checked(snakemake, headers_of=snakemake.input.slabs):
    from pathlib import Path

    from aespectra.explorer.page import LITTLE_ROOM, ROOM, write_explorers

    source, output = snakemake.input, snakemake.output
    write_explorers(
        {Path(output.page): ROOM, Path(output.small): LITTLE_ROOM},
        snakemake.params.title,
        Path(source.cube),
        Path(source.summary),
        [Path(each) for each in source.datasets],
        snakemake.params.points,
        *([Path(each) for each in files] for files in (source.claims, source.detection, source.gaussianity)),
    )
