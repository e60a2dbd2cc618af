rule data:
    input:
        record_checked("data"),
        source=STUDY.parameters.data.path,
    output:
        data=f"{RESULTS}/data/data.h5",
        record=f"{RESULTS}/data/record.json",
    log:
        f"{RESULTS}/.runs/data.log",
    conda:
        "../envs/ineq.yaml"
    resources:
        cpu=1,
        mem_mb=memory_mb("data"),
    params:
        stage=stage_params("data"),
    message:
        "data"
    shell:
        "python workflow/scripts/data.py"
