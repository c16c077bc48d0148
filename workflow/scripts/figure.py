from study.checked import checked
from study.job import logged

with logged(snakemake.log[0]), checked(snakemake):
    from importlib import import_module
    from pathlib import Path

    from aespectra.figures.style import paper, save, styled
    from aespectra.summary.alive import for_figures
    from aespectra.summary.file import of_family, open_summary

    params = snakemake.params
    draw = import_module(f"aespectra.figures.{params.module}").draw
    study = of_family(open_summary(snakemake.input.summary, params.family), params.family)
    figure = draw(for_figures(study, **params.shown), **params.arguments)
    if params.title:
        with paper():
            figure.suptitle(params.title)
    styled(figure, params.style)
    for path in snakemake.output:
        save(figure, Path(path))
