# One page of the report: the config, and what the files say of the versions and devices that made them.


rule provenance:
    input:
        datasets=DATASETS,
        networks=over_grid(f"{MODELS}/{{family}}/d{{latent_dim}}_seed{{seed}}.safetensors"),
        spectra=over_grid("<results>/spectra/{family}/d{latent_dim}_seed{seed}.nc"),
        summary=[SUMMARY],
        code=library("provenance.py"),
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
