# What a training does to spectra, where its networks were looked at after several numbers of epochs.

COURSES = list(dict.fromkeys(name for name, _ in LOOKED_AT.values()))
# module of aespectra.figures and caption: (its title in the report, arguments of its draw beside the study)
COURSE_FIGURES = {
    "epochs": ("The course of the training", SHOWN),
    "initial_and_trained": (
        "Before the training and after it",
        SHOWN | {"latent_dims": config["figures"]["complex_plane_latent_dims"]},
    ),
}
COURSE_FILES = [
    f"<results>/figures/{family}/{name}.{suffix}" for family in COURSES for name in COURSE_FIGURES for suffix in FORMATS
]

if COURSES:

    rule epochs:
        """How spectra change over the training, by training.checkpoints: two figures of every family."""
        input:
            COURSE_FILES,


for name, (title, arguments) in COURSE_FIGURES.items() if COURSES else ():

    rule:
        name:
            f"{name}_of"
        input:
            summary=SUMMARY,
            code=library(f"figures/{name}.py", "slabs/epochs.py", "summary/alive.py"),
        output:
            report(
                f"<results>/figures/{{family}}/{name}.{REPORTED}",
                caption=f"../report/{name}.rst",
                category="Figures",
                labels={"name": title, "family": "{family}"},
            ),
            [f"<results>/figures/{{family}}/{name}.{suffix}" for suffix in FORMATS if suffix != REPORTED],
        log:
            f"<logs>/figures/{{family}}/{name}.log",
        wildcard_constraints:
            family="|".join(map(re.escape, COURSES)),
        localrule: True  # seconds, from a small file
        conda:
            "../../envs/analysis.yaml"
        params:
            module=name,
            arguments=arguments,
            shown=FOR_FIGURES,
            style=STYLE,
        message:
            f"Drawing {name}" + " of {wildcards.family}"
        script:
            "../scripts/epochs.py"
