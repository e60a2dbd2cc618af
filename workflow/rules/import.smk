rule import_model:
    input:
        record_checked("import"),
        checkpoint=f"models/{STUDY.name}/{{model}}.safetensors",
        log=f"models/{STUDY.name}/{{model}}.csv",
    output:
        checkpoint=f"{RESULTS}/models/{{model}}/checkpoint.safetensors",
        log=f"{RESULTS}/models/{{model}}/training.csv",
        record=f"{RESULTS}/models/{{model}}/record.json",
    log:
        f"{RESULTS}/.runs/import-{{model}}.log",
    wildcard_constraints:
        model=one_of(STUDY.parameters.imports.models),
    conda:
        "../envs/ineq.yaml"
    resources:
        cpu=1,
        mem_mb=memory_mb("import"),
    params:
        stage=stage_params("import"),
    message:
        "import {wildcards.model}"
    shell:
        "python workflow/scripts/import.py --model {wildcards.model}"
