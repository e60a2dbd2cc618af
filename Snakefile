# The study in params.yaml, stage by stage. `snakemake --cores 8 all` makes every result; docs/ says what each one is.
include: "workflow/rules/common.smk"
include: "workflow/rules/data.smk"
include: "workflow/rules/train.smk"
include: "workflow/rules/import.smk"
include: "workflow/rules/convert.smk"
include: "workflow/rules/prune.smk"
include: "workflow/rules/predict.smk"
include: "workflow/rules/sample.smk"
include: "workflow/rules/attribute.smk"
include: "workflow/rules/attribute_plugin.smk"
include: "workflow/rules/inequality.smk"
include: "workflow/rules/controls.smk"
include: "workflow/rules/controls_plugin.smk"
include: "workflow/rules/noise.smk"
include: "workflow/rules/occlusion.smk"
include: "workflow/rules/random_occlusion.smk"
include: "workflow/rules/transfer.smk"
include: "workflow/rules/classes.smk"
include: "workflow/rules/sensitivity.smk"
include: "workflow/rules/subset.smk"
include: "workflow/rules/robustness.smk"
include: "workflow/rules/attack_plugin.smk"
include: "workflow/rules/tables.smk"
include: "workflow/rules/paper.smk"
include: "workflow/rules/figures.smk"
include: "workflow/rules/gallery.smk"
include: "workflow/rules/report.smk"


rule all:
    default_target: True
    input:
        every_result(),
    localrule: True
    message:
        "every result is there"


onstart:
    BOOKS.end_when_told()


onerror:
    BOOKS.tell_failures()
