# How well held-out latents agree with the prior of their family, each measure beside what true samples give.

PRIOR_OF = {name: family["training"].get("prior", "gaussian") for name, family in FAMILIES.items()}
PRIORS = sorted(set(PRIOR_OF.values()))
AGREEMENT = f"<results>/gaussianity/{NETWORK}.csv"
OF_PRIORS = expand("<results>/gaussianity/true_samples/{prior}_d{latent_dim}.csv", prior=PRIORS, latent_dim=LATENT_DIMS)


rule agreement:
    input:
        latents=f"<results>/latents/{NETWORK}.nc",
        code=library("summary/agreement.py"),
    output:
        AGREEMENT,
    log:
        f"<logs>/gaussianity/{NETWORK}.log",
    conda:
        "../../envs/torch.yaml"
    threads: 1
    resources:
        mem_mb=growing(2000),
        runtime=growing(60),
    params:
        prior=lambda wildcards: PRIOR_OF[wildcards.family],
    message:
        "Agreement with the prior of {wildcards.family}, latent_dim {wildcards.latent_dim}, seed {wildcards.seed}"
    script:
        "../scripts/agreement.py"


rule agreement_of_prior:
    input:
        test="<results>/test_images.nc",
        code=library("summary/agreement.py", "data/pixels.py"),
    output:
        "<results>/gaussianity/true_samples/{prior}_d{latent_dim}.csv",
    log:
        "<logs>/gaussianity/true_samples/{prior}_d{latent_dim}.log",
    wildcard_constraints:
        prior="gaussian|uniform",
    conda:
        "../../envs/torch.yaml"
    threads: 1
    resources:
        mem_mb=growing(2000),
        runtime=growing(120),
    message:
        "The same measures of true {wildcards.prior} samples, latent_dim {wildcards.latent_dim}"
    script:
        "../scripts/agreement_of_prior.py"


rule gaussianity:
    """How well the latents of held-out images agree with their prior, by every measure: one table."""
    input:
        parts=of_networks(AGREEMENT),
        of_priors=OF_PRIORS,
        code=library("summary/agreement.py"),
    output:
        "<results>/gaussianity.csv",
    log:
        "<logs>/gaussianity.log",
    localrule: True  # seconds, from small files
    conda:
        "../../envs/torch.yaml"
    params:
        priors=PRIOR_OF,
        cells=list(product(PRIORS, LATENT_DIMS)),
    message:
        "Agreement of latents with their prior"
    script:
        "../scripts/gaussianity.py"
