rule classes:
    input:
        record_checked("classes"),
        data=f"{RESULTS}/data/data.h5",
        checkpoint=f"{RESULTS}/models/{{model}}/checkpoint.safetensors",
        predictions=f"{RESULTS}/predict/{{model}}/predictions.csv",
    output:
        classes=f"{RESULTS}/classes/{{model}}/classes.csv",
        record=f"{RESULTS}/classes/{{model}}/record.json",
    log:
        f"{RESULTS}/.runs/classes-{{model}}.log",
    wildcard_constraints:
        model=one_of(STUDY.parameters.classes.models),
    # The longest jobs first: at the end no core should wait for one of them.
    priority: 1
    conda:
        "../envs/ineq.yaml"
    threads: THREADS
    resources:
        cpu=THREADS,
        gpu=GPU,
        mem_mb=memory_mb("classes"),
    params:
        stage=stage_params("classes"),
    message:
        "classes {wildcards.model}"
    shell:
        "python workflow/scripts/classes.py --model {wildcards.model}"
