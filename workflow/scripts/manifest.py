from study.checked import checked
from study.job import logged

with logged(snakemake.log[0]), checked(snakemake, headers_of=snakemake.input.slabs):
    from pathlib import Path

    from aespectra.report.manifest import write_manifest

    source, params = snakemake.input, snakemake.params
    write_manifest(
        path=Path(snakemake.output[0]),
        folder=Path(snakemake.output[0]).parent,
        dataset=Path(source.dataset),
        slabs=[Path(each) for each in source.slabs],
        files=map(Path, source.files),
        logs=Path(params.logs),
        config=params.config,
    )
