"""The figures of the paper and some beside them, one module each, drawn from the summary alone.

Every module has one public function ``draw(study, …)``. ``study`` is the summary of one family by rising latent
dimension, as ``summary.file.of_family`` gives it; the modules that need more take some of these, by name:

representatives : dict[str, str]
    The set that stands for each of bright, moderate and dark noise, as bright: name.
latent_dims : list[int]
    Those to show; what the study lacks is left out.
seed : int
    Whose autoencoders are shown.

What they share: style.py, the look; panels.py, what stands in several of them.
"""
