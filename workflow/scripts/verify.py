from study.job import logged

with logged(snakemake.log[0]):
    from pathlib import Path

    from study.verify import verify

    params = snakemake.params
    files = {target: map(Path, paths) for target, paths in params.files.items()}
    verify(Path(params.study), files, map(Path, params.kept), params.command)
