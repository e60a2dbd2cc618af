rule attribute_plugin:
    input:
        record_checked("attribute_plugin"),
        sample=f"{RESULTS}/sample/sample.h5",
        checkpoint=f"{RESULTS}/models/{{model}}/checkpoint.safetensors",
    output:
        maps=f"{RESULTS}/attribute/{{model}}/{{method}}/maps.h5",
        record=f"{RESULTS}/attribute/{{model}}/{{method}}/record.json",
    log:
        f"{RESULTS}/.runs/attribute_plugin-{{model}}-{{method}}.log",
    wildcard_constraints:
        method=one_of(STUDY.parameters.plugins.methods),
    conda:
        "../envs/ineq.yaml"
    threads: THREADS
    resources:
        cpu=THREADS,
        gpu=GPU,
        mem_mb=memory_mb("attribute_plugin"),
    params:
        stage=stage_params("attribute_plugin"),
    message:
        "attribute_plugin {wildcards.model}/{wildcards.method}"
    shell:
        "python workflow/scripts/attribute_plugin.py --model {wildcards.model} --method {wildcards.method}"
