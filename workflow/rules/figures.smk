rule figures:
    input:
        record_checked("figures"),
        tables=expand(
            f"{RESULTS}/tables/{{name}}.csv",
            name=["models", "gini", "controls", "noise", "occlusion", "verdict"],
        ),
        sample=f"{RESULTS}/sample/sample.h5",
        maps=fan_in("figures", "maps"),
        inequality=fan_in("figures", "inequality"),
        records=fan_in("figures", "records"),
    output:
        expand(
            f"{RESULTS}/figures/{{name}}.{{kind}}", name=FIGURES, kind=["svg", "png"]
        ),
        captions=f"{RESULTS}/figures/captions.json",
        record=f"{RESULTS}/figures/record.json",
    log:
        f"{RESULTS}/.runs/figures.log",
    conda:
        "../envs/ineq.yaml"
    resources:
        cpu=1,
        mem_mb=memory_mb("figures"),
    params:
        stage=stage_params("figures"),
    message:
        "figures"
    shell:
        "python workflow/scripts/figures.py"
