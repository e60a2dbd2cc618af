rule attribute:
    input:
        record_checked("attribute"),
        sample=f"{RESULTS}/sample/sample.h5",
        checkpoint=f"{RESULTS}/models/{{model}}/checkpoint.safetensors",
    output:
        maps=f"{RESULTS}/attribute/{{model}}/{{method}}/maps.h5",
        record=f"{RESULTS}/attribute/{{model}}/{{method}}/record.json",
    log:
        f"{RESULTS}/.runs/attribute-{{model}}-{{method}}.log",
    wildcard_constraints:
        method=one_of(METHODS),
    conda:
        "../envs/ineq.yaml"
    threads: THREADS
    resources:
        cpu=THREADS,
        gpu=GPU,
        mem_mb=memory_mb("attribute"),
    params:
        stage=stage_params("attribute"),
    message:
        "attribute {wildcards.model}/{wildcards.method}"
    shell:
        "python workflow/scripts/attribute.py --model {wildcards.model} --method {wildcards.method}"
