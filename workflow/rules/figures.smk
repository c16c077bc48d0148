# Every figure and table is a target of its own, drawn from the summary alone: snakemake --cores 1 figure_2
#
# A study of several families has them all below figures/<family>/, and the target asks for those of every family.

SHOWN = {"representatives": config["figures"]["representatives"]}
# target: (its name in the report, module of aespectra.figures and caption, arguments of its draw beside the study)
FIGURES = {
    "figure_1": ("Figure 1: distance of the two spectra", "figure_1", SHOWN),
    "figure_2": ("Figure 2: means of the norms", "figure_2", {}),
    "figure_3": ("Figure 3: distributions of the norms", "figure_3", SHOWN),
    "figure_4": ("Figure 4: spread of the norms", "figure_4", {}),
    "figure_5": ("Figure 5: reversals of orientation", "figure_5", {}),
    "figure_6": ("Figure 6: angles", "figure_6", SHOWN),
    "complex_plane": (
        "The complex plane",
        "complex_plane",
        SHOWN | {"latent_dims": config["figures"]["complex_plane_latent_dims"]},
    ),
    **{
        f"table_{number}": (f"Table {number}: reconstructions, seed {seed}", "reconstructions", SHOWN | {"seed": seed})
        for number, seed in enumerate(SEEDS, start=1)
    },
    "training_curves": ("Training curves", "training_curves", {}),
}
if GEOMETRY:
    latent_dims = {"latent_dims": config["figures"]["complex_plane_latent_dims"]}
    FIGURES |= {
        "singular_values": ("Distributions of the singular values", "singular_values", SHOWN),
        "local_dimension": ("Local dimension", "local_dimension", SHOWN | latent_dims),
        "geometry": ("Condition, normality, volumes", "geometry", {}),
    }
# what figures do not join with others, as claims do
FOR_FIGURES = {name: config["claims"][name] for name in ("dead", "points")}
FORMATS, STYLE = config["figures"]["formats"], config["figures"]["style"]
REPORTED = next(suffix for suffix in ("png", "svg", "pdf") if suffix in FORMATS)
FIRST_FAMILY, *OTHER_FAMILIES = FAMILIES
FOLDER = "{family}/" if OTHER_FAMILIES else ""


def figure_files(*names: str) -> list[str]:
    """These figures, or else all, of every family in every format."""
    files = [f"<results>/figures/{FOLDER}{name}.{suffix}" for name in names or FIGURES for suffix in FORMATS]
    return [file.format(family=family) for family in FAMILIES for file in files]


def family_of(wildcards) -> str:
    """Whose figure it is: in a study of one family no path says it."""
    return wildcards.get("family", FIRST_FAMILY)


def training_of(family: str) -> dict:
    """How the networks of a family were trained, for captions."""
    return FAMILIES[family]["training"]


for name, (title, module, arguments) in FIGURES.items():
    # for --list-target-rules; a docstring in the rule would be the same for all
    what = ast.get_docstring(ast.parse((LIBRARY / "figures" / f"{module}.py").read_text())).splitlines()[0]

    rule:
        name:
            f"{name}_of" if OTHER_FAMILIES else name
        input:
            summary=SUMMARY,
            code=library(f"figures/{module}.py", "summary/alive.py"),
        output:
            report(
                f"<results>/figures/{FOLDER}{name}.{REPORTED}",
                caption=f"../report/{module}.rst",
                category="Tables" if module == "reconstructions" else "Figures",
                labels={"name": title} | ({"family": "{family}"} if OTHER_FAMILIES else {}),
            ),
            [f"<results>/figures/{FOLDER}{name}.{suffix}" for suffix in FORMATS if suffix != REPORTED],
        log:
            f"<logs>/figures/{FOLDER}{name}.log",
        localrule: True  # seconds, from a small file
        conda:
            "../../envs/analysis.yaml"
        params:
            module=module,
            arguments=arguments,
            shown=FOR_FIGURES,
            style=STYLE,
            family=family_of,
            title="{family}" if OTHER_FAMILIES else "",
            training=(lambda wildcards: training_of(family_of(wildcards))) if module == "training_curves" else None,
        message:
            f"Drawing {name}" + (" of {wildcards.family}" if OTHER_FAMILIES else "")
        script:
            "../scripts/figure.py"

    if OTHER_FAMILIES:

        rule:
            name:
                name
            input:
                figure_files(name),

    getattr(rules, name).rule.docstring = what
