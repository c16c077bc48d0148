from aespectra.logs import logged

with logged(snakemake.log[0]):
    from importlib import import_module

    from aespectra.figures.style import save
    from aespectra.summary import open_summary

    params = snakemake.params
    draw = import_module(f"aespectra.figures.{params.module}").draw
    figure = draw(open_summary(snakemake.input.summary), params.figures, **params.arguments)
    for path in snakemake.output:
        save(figure, path)
