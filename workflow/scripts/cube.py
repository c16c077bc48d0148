from study.checked import checked
from study.job import logged

with logged(snakemake.log[0]), checked(snakemake, headers_of=snakemake.input.slabs):
    from pathlib import Path

    from aespectra.slabs.cube import write_virtual_cube

    write_virtual_cube(Path(snakemake.output[0]), map(Path, snakemake.input.slabs), snakemake.params.config)
