from study.checked import checked
from study.job import logged

with logged(snakemake.log[0]), checked(snakemake):
    from pathlib import Path

    from aespectra.figures.attractors import draw
    from aespectra.figures.style import save, styled
    from aespectra.summary.attractor_tables import open_attractors

    figure = draw(open_attractors(Path(snakemake.input.attractors)))
    styled(figure, snakemake.params.style)
    for path in snakemake.output:
        save(figure, Path(path))
