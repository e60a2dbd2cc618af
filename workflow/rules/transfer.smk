rule transfer:
    input:
        record_checked("transfer"),
        sample=f"{RESULTS}/sample/sample.h5",
        checkpoints=fan_in("transfer", "checkpoints"),
        maps=fan_in("transfer", "maps"),
    output:
        transfer=f"{RESULTS}/transfer/transfer.csv",
        record=f"{RESULTS}/transfer/record.json",
    log:
        f"{RESULTS}/.runs/transfer.log",
    conda:
        "../envs/ineq.yaml"
    threads: THREADS
    resources:
        cpu=THREADS,
        gpu=GPU,
        mem_mb=memory_mb("transfer"),
    params:
        stage=stage_params("transfer"),
    message:
        "transfer"
    shell:
        "python workflow/scripts/transfer.py"
