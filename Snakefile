# datasets -> models -> spectra -> summary -> figures: one arrow, one file of rules.
from snakemake.utils import min_version

min_version("9.0")


configfile: "config/config.yaml"


pathvars:
    results=f"results/{config['experiment']}",
    logs=f"results/{config['experiment']}/logs",


report: "workflow/report/workflow.rst"


container: "docker://condaforge/miniforge3:25.9.1-0"  # only with --sdm conda apptainer: the environments are made in it


include: "workflow/rules/common.smk"
include: "workflow/rules/datasets.smk"
include: "workflow/rules/models.smk"
include: "workflow/rules/spectra.smk"
include: "workflow/rules/summary.smk"
include: "workflow/rules/figures.smk"


rule all:
    default_target: True
    input:
        figure_files(),
        "<results>/summary.nc",
        "<results>/cube.nc",


onsuccess:
    print(f"Results are in results/{config['experiment']}")
