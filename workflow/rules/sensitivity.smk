rule sensitivity:
    input:
        record_checked("sensitivity"),
        sample=f"{RESULTS}/sample/sample.h5",
        checkpoint=f"{RESULTS}/models/{{model}}/checkpoint.safetensors",
    output:
        sensitivity=f"{RESULTS}/sensitivity/{{model}}/sensitivity.csv",
        record=f"{RESULTS}/sensitivity/{{model}}/record.json",
    log:
        f"{RESULTS}/.runs/sensitivity-{{model}}.log",
    wildcard_constraints:
        model=one_of(STUDY.parameters.sensitivity.models),
    # The longest jobs first: at the end no core should wait for one of them.
    priority: 1
    conda:
        "../envs/ineq.yaml"
    threads: THREADS
    resources:
        cpu=THREADS,
        gpu=GPU,
        mem_mb=memory_mb("sensitivity"),
    params:
        stage=stage_params("sensitivity"),
    message:
        "sensitivity {wildcards.model}"
    shell:
        "python workflow/scripts/sensitivity.py --model {wildcards.model}"
