from study.checked import checked
from study.job import logged

with logged(snakemake.log[0]), checked(snakemake):
    from pathlib import Path

    from aespectra.report.detection import write_detection_page
    from aespectra.summary.detection import read_detection, write_detection_of_study

    output = snakemake.output
    write_detection_of_study(Path(output.table), [Path(part) for part in snakemake.input.parts])
    write_detection_page(Path(output.page), read_detection(Path(output.table)))
