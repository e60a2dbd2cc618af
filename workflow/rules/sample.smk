rule sample:
    input:
        record_checked("sample"),
        data=f"{RESULTS}/data/data.h5",
        predictions=fan_in("sample", "predictions"),
    output:
        sample=f"{RESULTS}/sample/sample.h5",
        classes=f"{RESULTS}/sample/classes.csv",
        record=f"{RESULTS}/sample/record.json",
    log:
        f"{RESULTS}/.runs/sample.log",
    conda:
        "../envs/ineq.yaml"
    resources:
        cpu=1,
        mem_mb=memory_mb("sample"),
    params:
        stage=stage_params("sample"),
    message:
        "sample"
    shell:
        "python workflow/scripts/sample.py"
