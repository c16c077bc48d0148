# datasets -> models -> spectra -> summary -> figures: one arrow, one file of rules.
from snakemake.utils import min_version

min_version("9.17.1")  # 9.12 to 9.16 fail with an AttributeError, 9.17.0 in modules


configfile: "config/config.yaml"


include: "workflow/rules/common.smk"
include: "workflow/rules/sets.smk"
include: "workflow/rules/targets.smk"


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
include: "workflow/rules/gaussianity.smk"
include: "workflow/rules/samples.smk"
include: "workflow/rules/figures.smk"
include: "workflow/rules/epochs.smk"
include: "workflow/rules/priors.smk"
include: "workflow/rules/detection.smk"
include: "workflow/rules/attractors.smk"
include: "workflow/rules/reconstructions.smk"
include: "workflow/rules/explorer.smk"
include: "workflow/rules/seeds.smk"
include: "workflow/rules/provenance.smk"
include: "workflow/rules/verify.smk"


rule all:
    """All figures and tables, the summary and the cube: the default."""
    input:
        of_target(of_study),  # of what they are made from as well: else Snakemake leaves missing what only a finished file needs


rule figures:
    """All figures and tables, each a target of its own as well."""
    input:
        of_target(lambda: [*figure_files(), *COURSE_FILES]),


onsuccess:
    print(f"Results are in results/{config['experiment']}")
