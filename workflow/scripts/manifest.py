from aespectra.logs import logged

with logged(snakemake.log[0]):
    from pathlib import Path

    from aespectra.manifest import write_manifest

    source, params = snakemake.input, snakemake.params
    write_manifest(
        path=snakemake.output[0],
        folder=Path(snakemake.output[0]).parent,
        slabs=source.slabs,
        files=source.files,
        logs=Path(params.logs),
        config=snakemake.config,
    )
