rule paper:
    input:
        record_checked("paper"),
        numbers="data/paper/numbers.csv",
        listed_claims="data/paper/claims.csv",
        models=f"{RESULTS}/tables/models.csv",
        gini=f"{RESULTS}/tables/gini.csv",
        controls=f"{RESULTS}/tables/controls.csv",
        contrasts=f"{RESULTS}/tables/contrasts.csv",
        pairs=f"{RESULTS}/tables/pairs.csv",
        robustness=f"{RESULTS}/tables/robustness.csv",
        classes=f"{RESULTS}/sample/classes.csv",
        transfer=f"{RESULTS}/transfer/transfer.csv",
        occlusion=f"{RESULTS}/tables/occlusion.csv",
        predictions=fan_in("paper", "predictions"),
        sensitivity=fan_in("paper", "sensitivity"),
        splits=fan_in("paper", "splits"),
        checkpoints=fan_in("paper", "checkpoints"),
    output:
        **{name: f"{RESULTS}/paper/{name}.csv" for name in PAPER},
        **{
            f"{name}_{kind}": f"{RESULTS}/paper/{name}.{kind}"
            for name in PAPER
            for kind in ["svg", "png"]
        },
        sensitivity=f"{RESULTS}/paper/sensitivity.csv",
        claims=f"{RESULTS}/paper/claims.csv",
        summary=f"{RESULTS}/paper/summary.md",
        record=f"{RESULTS}/paper/record.json",
    log:
        f"{RESULTS}/.runs/paper.log",
    conda:
        "../envs/ineq.yaml"
    resources:
        cpu=1,
        mem_mb=memory_mb("paper"),
    params:
        stage=stage_params("paper"),
    message:
        "paper"
    shell:
        "python workflow/scripts/paper.py"
