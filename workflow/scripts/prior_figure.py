from study.checked import checked
from study.job import logged

with logged(snakemake.log[0]), checked(snakemake):
    from importlib import import_module
    from pathlib import Path

    from aespectra.figures.style import save, styled
    from aespectra.summary.alive import for_figures
    from aespectra.summary.prior_study import open_prior_study

    source, params = snakemake.input, snakemake.params
    draw = import_module(f"aespectra.figures.{params.module}").draw
    study = open_prior_study(Path(source.summary), Path(source.samples), Path(source.agreement), params.families)
    study = study._replace(summary=for_figures(study.summary, **params.shown))
    figure = draw(study, **params.arguments)
    styled(figure, params.style)
    for path in snakemake.output:
        save(figure, Path(path))
