# What made a study, as a page of its report, and what it consists of, for those who get it without its spectra.


rule provenance:
    """The config and the versions of everything that made the study, as a page of the report."""
    input:
        datasets=DATASETS,
        networks=of_networks(f"{MODELS}/{NETWORK}.safetensors"),
        spectra=of_networks(f"<results>/spectra/{NETWORK}.nc"),
        summary=[SUMMARY],
        code=library("report/provenance.py"),
    output:
        report(
            "<results>/provenance.html",
            caption="../report/provenance.rst",
            category="Provenance",
            labels={"name": "Config, versions and devices"},
        ),
    log:
        "<logs>/provenance.log",
    localrule: True  # reads a header of each file
    conda:
        "../../envs/analysis.yaml"
    params:
        config=config,
    message:
        "What made the results"
    script:
        "../scripts/provenance.py"


# of other targets it has what is there, or asked for along
rule manifest:
    """What a finished study consists of: config, versions, seconds of every job, zeros, checksums."""
    input:
        dataset=DATASETS[0],
        slabs=[] if config["kept"] else of_networks(f"<results>/spectra/{NETWORK}.nc"),
        files=lambda wildcards: of_manifest(),
        code=library("report/manifest.py"),
    output:
        "<results>/manifest.json",
    log:
        "<logs>/manifest.log",
    localrule: True  # seconds
    conda:
        "../../envs/analysis.yaml"
    params:
        logs=str(RESULTS / "logs"),
        config=config,
    message:
        "The manifest"
    script:
        "../scripts/manifest.py"
