# datasets -> models -> spectra -> summary -> figures: one arrow, one file of rules.
from snakemake.utils import min_version

min_version("9.0")


configfile: "config/config.yaml"


include: "workflow/rules/common.smk"


pathvars:
    results=f"results/{config['experiment']}",
    logs=f"results/{config['experiment']}/logs",


if workflow.modifier.is_main_snakefile():  # the text would be rendered with the config of whoever uses this as a module

    report: "workflow/report/workflow.rst"


container: "docker://condaforge/miniforge3:25.9.1-0"  # only with --sdm conda apptainer: the environments are made in it


include: "workflow/rules/datasets.smk"
include: "workflow/rules/models.smk"
include: "workflow/rules/spectra.smk"
include: "workflow/rules/summary.smk"
include: "workflow/rules/figures.smk"
include: "workflow/rules/provenance.smk"


rule all:
    """All figures and tables, the summary and the cube: the default."""
    input:
        figure_files(),
        "<results>/summary.nc",
        "<results>/claims.csv",
        "<results>/cube.nc",
        "<results>/provenance.html",


onsuccess:
    print(f"Results are in results/{config['experiment']}")
