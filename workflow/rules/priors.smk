# What families with other priors show beside each other: pictures, and what was supposed of Gaussian latents.


PRIOR_STUDY = {
    "summary": SUMMARY,
    "samples": kept_or_made("samples.nc"),
    "agreement": kept_or_made("gaussianity.csv"),
}
SIDE_BY_SIDE = {
    "2": ["mean_abs", "geometric_mean"],
    "4": ["log_abs_std"],
    "5": ["reversed_share", "undefined_share"],
}
# families whose latents are compared with N(0, I) in pictures: without any there are none
COMPARED = [name for name, prior in PRIOR_OF.items() if prior == "gaussian" and FAMILIES[name]["kind"] != "flow"]
# name: (its title in the report, module of aespectra.figures and caption, arguments of its draw beside the study)
PRIOR_FIGURES = {
    **({"latent_planes": ("Two latent units", "latent_planes", {})} if 2 in LATENT_DIMS else {}),
    **{
        name: (title, name, {})
        for name, title in (
            ("latent_radii", "Norms of latents"),
            ("latent_agreement", "Agreement with N(0, I)"),
            ("latent_price", "Agreement and reconstruction"),
        )
        if COMPARED
    },
    "sample_quality": ("Quality of samples", "sample_quality", {}),
    **{f"samples_d{d}": (f"Samples, d = {d}", "sample_grids", {"latent_dim": d}) for d in LATENT_DIMS},
    **{
        f"families_figure_{number}": (
            f"Figure {number}, families side by side",
            "families_geometry",
            SHOWN | {"statistics": statistics},
        )
        for number, statistics in SIDE_BY_SIDE.items()
    },
}
PRIOR_FILES = [f"<results>/figures/priors/{name}.{suffix}" for name in PRIOR_FIGURES for suffix in FORMATS]

for name, (title, module, arguments) in PRIOR_FIGURES.items():

    rule:
        name:
            f"priors_{name}"
        input:
            **PRIOR_STUDY,
            code=library(f"figures/{module}.py", "summary/alive.py"),
        output:
            report(
                f"<results>/figures/priors/{name}.{REPORTED}",
                caption=f"../report/{module}.rst",
                category="Priors",
                labels={"name": title},
            ),
            [f"<results>/figures/priors/{name}.{suffix}" for suffix in FORMATS if suffix != REPORTED],
        log:
            f"<logs>/figures/priors/{name}.log",
        localrule: True  # seconds, from small files
        conda:
            "../../envs/analysis.yaml"
        params:
            module=module,
            arguments=arguments,
            families=FAMILIES,
            shown=FOR_FIGURES,
            style=STYLE,
        message:
            f"Drawing priors/{name}"
        script:
            "../scripts/prior_figure.py"


rule prior_statements:
    """What was supposed of Gaussian latents, what was measured, and whether it holds."""
    input:
        **PRIOR_STUDY,
        code=library("claims/judge_priors.py", "report/priors.py"),
    output:
        table="<results>/priors.csv",
        page=report(
            "<results>/priors.html",
            caption="../report/priors.rst",
            category="Priors",
            labels={"name": "What was supposed"},
        ),
    log:
        "<logs>/priors.log",
    localrule: True  # seconds, from small files
    conda:
        "../../envs/priors.yaml"
    params:
        families=FAMILIES,
        cuts={name: config["claims"][name] for name in ("holds", "mostly", "points")},
    message:
        "What was supposed of Gaussian latents"
    script:
        "../scripts/prior_statements.py"


rule priors:
    """Latents, their priors and samples: statements, tables and figures of the families side by side."""
    input:
        PRIOR_STUDY.values(),
        "<results>/priors.csv",
        "<results>/priors.html",
        PRIOR_FILES,
