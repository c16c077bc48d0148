from study.checked import checked
from study.job import logged

with logged(snakemake.log[0]), checked(snakemake):
    from importlib import import_module
    from pathlib import Path

    from aespectra.figures.style import save
    from aespectra.summary.prior_study import open_prior_study

    source, params = snakemake.input, snakemake.params
    draw = import_module(f"aespectra.figures.{params.module}").draw
    study = open_prior_study(Path(source.summary), Path(source.samples), Path(source.agreement), params.families)
    figure = draw(study, **params.arguments)
    for path in snakemake.output:
        save(figure, Path(path))
