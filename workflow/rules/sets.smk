# What the rules ask of evaluation sets: their kinds, who reads them, what they were made of.


def sets_with(*kinds: str) -> str:
    """A regular expression for the names of the sets of these kinds; for nothing, if there are none."""
    return "|".join(re.escape(name) for name, each in EVALUATION_SETS.items() if set(kinds) & set(each)) or "(?!)"


def read_by(wildcards) -> tuple[str, dict]:
    """The module that reads the images of a set, and what makes them those they are."""
    return reader(EVALUATION_SETS[wildcards.dataset])


def source_of(name: str) -> str:
    """What a set is a corruption of, in the end; itself if it is none."""
    return source_of(EVALUATION_SETS[name]["of"]) if "of" in EVALUATION_SETS.get(name, {}) else name


def group_of(name: str) -> str:
    """near, far or noise, as OpenOOD has them: changed images of D_train and letters; other images; noise."""
    source = source_of(name)
    if source in (D_TRAIN, INSIDE):
        return "near"
    return next((group for kind, group in KINDS_OF_GROUPS.items() if kind in EVALUATION_SETS[source]), "far")
