rule train:
    input:
        record_checked("train"),
        data=f"{RESULTS}/data/data.h5",
    output:
        checkpoint=f"{RESULTS}/models/{{model}}/checkpoint.safetensors",
        log=f"{RESULTS}/models/{{model}}/training.csv",
        record=f"{RESULTS}/models/{{model}}/record.json",
    log:
        f"{RESULTS}/.runs/train-{{model}}.log",
    wildcard_constraints:
        model=one_of(STUDY.parameters.train.models),
    conda:
        "../envs/ineq.yaml"
    threads: THREADS
    resources:
        cpu=THREADS,
        gpu=GPU,
        mem_mb=memory_mb("train"),
    params:
        stage=stage_params("train"),
    message:
        "train {wildcards.model}"
    shell:
        "python workflow/scripts/train.py --model {wildcards.model}"
