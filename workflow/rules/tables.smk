rule tables:
    input:
        record_checked("tables"),
        sample=f"{RESULTS}/sample/sample.h5",
        predictions=fan_in("tables", "predictions"),
        inequality=fan_in("tables", "inequality"),
        noise=fan_in("tables", "noise"),
        occlusion=fan_in("tables", "occlusion"),
    output:
        models=f"{RESULTS}/tables/models.csv",
        gini=f"{RESULTS}/tables/gini.csv",
        noise=f"{RESULTS}/tables/noise.csv",
        occlusion=f"{RESULTS}/tables/occlusion.csv",
        summary=f"{RESULTS}/tables/summary.md",
        metrics=f"{RESULTS}/tables/metrics.json",
        record=f"{RESULTS}/tables/record.json",
    resources:
        cpu=1,
    params:
        stage=stage_params("tables"),
    shell:
        "python workflow/scripts/tables.py"
