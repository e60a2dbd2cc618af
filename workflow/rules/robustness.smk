rule robustness:
    input:
        record_checked("robustness"),
        data=f"{RESULTS}/data/data.h5",
        images=f"{RESULTS}/robustness/images.csv",
        checkpoint=f"{RESULTS}/models/{{model}}/checkpoint.safetensors",
    output:
        robustness=f"{RESULTS}/robustness/{{model}}/robustness.csv",
        record=f"{RESULTS}/robustness/{{model}}/record.json",
    log:
        f"{RESULTS}/.runs/robustness-{{model}}.log",
    wildcard_constraints:
        model=one_of(STUDY.parameters.robustness.models),
    # The longest jobs first: at the end no core should wait for one of them.
    priority: 1
    conda:
        "../envs/ineq.yaml"
    threads: THREADS
    resources:
        cpu=THREADS,
        gpu=GPU,
        mem_mb=memory_mb("robustness"),
    params:
        stage=stage_params("robustness"),
    message:
        "robustness {wildcards.model}"
    shell:
        "python workflow/scripts/robustness.py --model {wildcards.model}"
