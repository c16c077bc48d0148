from study.checked import checked
from study.job import logged

with logged(snakemake.log[0]), checked(snakemake):
    from importlib import import_module
    from pathlib import Path

    from aespectra.figures.style import save, styled
    from aespectra.slabs.epochs import by_epoch
    from aespectra.summary.alive import for_figures
    from aespectra.summary.file import Summary, of_family, open_summary

    params = snakemake.params
    draw = import_module(f"aespectra.figures.{params.module}").draw
    study = Summary(*map(by_epoch, open_summary(snakemake.input.summary)))
    study = for_figures(of_family(study, snakemake.wildcards.family), **params.shown)
    figure = draw(study, **params.arguments)
    styled(figure, params.style)
    for path in snakemake.output:
        save(figure, Path(path))
