# Every figure and table is a target of its own, drawn from the summary alone: snakemake --cores 1 figure_2

# target: (its name in the report, module of aespectra.figures and caption, arguments of its draw beside the summary)
FIGURES = {
    "figure_1": ("Figure 1: distance of the two spectra", "figure_1", {}),
    "figure_2": ("Figure 2: means of the norms", "figure_2", {}),
    "figure_3": ("Figure 3: distributions of the norms", "figure_3", {}),
    "figure_4": ("Figure 4: spread of the norms", "figure_4", {}),
    "figure_5": ("Figure 5: reversals of orientation", "figure_5", {}),
    "figure_6": ("Figure 6: angles", "figure_6", {}),
    "complex_plane": ("The complex plane", "complex_plane", {}),
    **{
        f"table_{number}": (f"Table {number}: reconstructions, seed {seed}", "reconstructions", {"seed": seed})
        for number, seed in enumerate(SEEDS, start=1)
    },
    "training_curves": ("Training curves", "training_curves", {}),
}
REPORTED = next(suffix for suffix in ("png", "svg", "pdf") if suffix in config["figures"]["formats"])


def figure_files() -> list[str]:
    return [f"<results>/figures/{name}.{suffix}" for name in FIGURES for suffix in config["figures"]["formats"]]


for name, (title, module, arguments) in FIGURES.items():

    rule:
        name:
            name
        input:
            summary=SUMMARY,
            code=library(f"figures/{module}.py"),
        output:
            report(
                f"<results>/figures/{name}.{REPORTED}",
                caption=f"../report/{module}.rst",
                category="Tables" if module == "reconstructions" else "Figures",
                labels={"name": title},
            ),
            [f"<results>/figures/{name}.{suffix}" for suffix in config["figures"]["formats"] if suffix != REPORTED],
        log:
            f"<logs>/figures/{name}.log",
        localrule: True  # seconds, from a small file
        conda:
            "../../envs/analysis.yaml"
        params:
            module=module,
            figures=config["figures"],
            arguments=arguments,
        message:
            f"Drawing {name}"
        script:
            "../scripts/figure.py"

    # for --list-target-rules; a docstring in the rule would be the same for all
    what = ast.get_docstring(ast.parse((LIBRARY / "figures" / f"{module}.py").read_text()))
    getattr(rules, name).rule.docstring = what.splitlines()[0]
