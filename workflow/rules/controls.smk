rule controls:
    input:
        record_checked("controls"),
        sample=f"{RESULTS}/sample/sample.h5",
    output:
        controls=f"{RESULTS}/controls/controls.csv",
        record=f"{RESULTS}/controls/record.json",
    log:
        f"{RESULTS}/.runs/controls.log",
    # The longest jobs first: at the end no core should wait for one of them.
    priority: 1
    conda:
        "../envs/ineq.yaml"
    threads: THREADS
    resources:
        cpu=THREADS,
        gpu=GPU,
        mem_mb=memory_mb("controls"),
    params:
        stage=stage_params("controls"),
    message:
        "controls"
    shell:
        "python workflow/scripts/controls.py"
