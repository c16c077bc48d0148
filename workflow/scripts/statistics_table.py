from study.checked import checked
from study.job import logged

with logged(snakemake.log[0]), checked(snakemake):
    from pathlib import Path

    from aespectra.summary.file import open_summary
    from aespectra.summary.table import write_statistics_table

    write_statistics_table(Path(snakemake.output[0]), open_summary(snakemake.input.summary))
