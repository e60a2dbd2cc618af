rule prune:
    input:
        record_checked("prune"),
        data=f"{RESULTS}/data/data.h5",
        base=f"{RESULTS}/models/{STUDY.parameters.prune.base}/checkpoint.safetensors",
    output:
        checkpoint=f"{RESULTS}/models/{{model}}/checkpoint.safetensors",
        log=f"{RESULTS}/models/{{model}}/training.csv",
        pruning=f"{RESULTS}/models/{{model}}/pruning.csv",
        record=f"{RESULTS}/models/{{model}}/record.json",
    log:
        f"{RESULTS}/.runs/prune-{{model}}.log",
    wildcard_constraints:
        model=one_of(STUDY.parameters.prune.models),
    conda:
        "../envs/ineq.yaml"
    threads: THREADS
    resources:
        cpu=THREADS,
        gpu=GPU,
        mem_mb=memory_mb("prune"),
    params:
        stage=stage_params("prune"),
    message:
        "prune {wildcards.model}"
    shell:
        "python workflow/scripts/prune.py --model {wildcards.model}"
