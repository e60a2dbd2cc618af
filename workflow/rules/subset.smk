rule subset:
    input:
        record_checked("subset"),
        data=f"{RESULTS}/data/data.h5",
    output:
        images=f"{RESULTS}/robustness/images.csv",
        record=f"{RESULTS}/robustness/record.json",
    log:
        f"{RESULTS}/.runs/subset.log",
    conda:
        "../envs/ineq.yaml"
    resources:
        cpu=1,
        mem_mb=memory_mb("subset"),
    params:
        stage=stage_params("subset"),
    message:
        "subset"
    shell:
        "python workflow/scripts/subset.py"
