# The study in params.yaml, stage by stage. `snakemake --cores 8 all` makes every result; docs/ says what each one is.
include: "workflow/rules/common.smk"
include: "workflow/rules/stages.smk"


rule all:
    default_target: True
    input:
        every_result(),
    localrule: True
    message:
        "every result is there"


onstart:
    STALE.end_at_sigterm()


onerror:
    STALE.tell_failures()
