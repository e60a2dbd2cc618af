rule tables:
    input:
        record_checked("tables"),
        sample=f"{RESULTS}/sample/sample.h5",
        predictions=fan_in("tables", "predictions"),
        inequality=fan_in("tables", "inequality"),
        controls=f"{RESULTS}/controls/controls.csv",
        noise=fan_in("tables", "noise"),
        occlusion=fan_in("tables", "occlusion"),
        random_occlusion=fan_in("tables", "random_occlusion"),
        robustness=fan_in("tables", "robustness"),
        plugin_controls=fan_in("tables", "plugin_controls"),
        attacks=fan_in("tables", "attacks"),
    output:
        models=f"{RESULTS}/tables/models.csv",
        gini=f"{RESULTS}/tables/gini.csv",
        controls=f"{RESULTS}/tables/controls.csv",
        noise=f"{RESULTS}/tables/noise.csv",
        occlusion=f"{RESULTS}/tables/occlusion.csv",
        contrasts=f"{RESULTS}/tables/contrasts.csv",
        pairs=f"{RESULTS}/tables/pairs.csv",
        verdict=f"{RESULTS}/tables/verdict.csv",
        families=f"{RESULTS}/tables/families.csv",
        robustness=f"{RESULTS}/tables/robustness.csv",
        attacks=f"{RESULTS}/tables/attacks.csv",
        summary=f"{RESULTS}/tables/summary.md",
        metrics=f"{RESULTS}/tables/metrics.json",
        record=f"{RESULTS}/tables/record.json",
    log:
        f"{RESULTS}/.runs/tables.log",
    conda:
        "../envs/ineq.yaml"
    resources:
        cpu=1,
        mem_mb=memory_mb("tables"),
    params:
        stage=stage_params("tables"),
    message:
        "tables"
    shell:
        "python workflow/scripts/tables.py"
