from study.checked import checked
from study.job import logged

with logged(snakemake.log[0]), checked(snakemake):
    from pathlib import Path

    from aespectra.report.detection import write_detection_page
    from aespectra.summary.battery import read_rows, write_rows_of_study

    output = snakemake.output
    write_rows_of_study(Path(output.table), [Path(part) for part in snakemake.input.parts])
    write_detection_page(Path(output.page), read_rows(Path(output.table)))
