from study.checked import checked
from study.job import logged

with logged(snakemake.log[0]), checked(snakemake):
    from pathlib import Path

    from aespectra.claims.pairs import judge_pairs
    from aespectra.claims.paper import CLAIMS
    from aespectra.claims.terms import Terms
    from aespectra.figures.seeds import draw
    from aespectra.figures.style import save, styled
    from aespectra.report.seeds import write_seeds_page, write_seeds_table
    from aespectra.summary.alive import dead_bottlenecks
    from aespectra.summary.file import open_summary

    data, terms = open_summary(snakemake.input.summary).by_seed, Terms(**snakemake.params.terms)
    rows = judge_pairs(data, terms, CLAIMS)
    write_seeds_table(Path(snakemake.output.table), rows)
    dead = dead_bottlenecks(data, terms.dead).sum("seed")
    write_seeds_page(Path(snakemake.output.page), rows, dead, data.sizes["seed"])
    figures = [Path(each) for each in snakemake.output.figures]
    per_family = len(figures) // len(snakemake.params.families)
    for i, family in enumerate(snakemake.params.families):
        figure = draw([row for row in rows if row.family == family], [str(s) for s in data["seed"].values[:2]])
        styled(figure, snakemake.params.style)
        for path in figures[i * per_family : (i + 1) * per_family]:
            save(figure, path)
