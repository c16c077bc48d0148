from study.checked import checked
from study.job import logged

with logged(snakemake.log[0]), checked(snakemake):
    from pathlib import Path

    from aespectra.figures.detection import draw
    from aespectra.figures.style import paper, save, styled
    from aespectra.summary.battery import read_rows

    params = snakemake.params
    rows = [row for row in read_rows(Path(snakemake.input.table)) if row["family"] == params.family]
    figure = draw(rows)
    if params.title:
        with paper():
            figure.suptitle(params.title)
    styled(figure, params.style)
    for path in snakemake.output:
        save(figure, Path(path))
