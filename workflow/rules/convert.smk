rule convert:
    input:
        record_checked("convert"),
        checkpoint=f"models/{STUDY.name}/{{model}}.ckpt",
    output:
        checkpoint=f"{RESULTS}/models/{{model}}/checkpoint.safetensors",
        log=f"{RESULTS}/models/{{model}}/training.csv",
        record=f"{RESULTS}/models/{{model}}/record.json",
    log:
        f"{RESULTS}/.runs/convert-{{model}}.log",
    wildcard_constraints:
        model=one_of(STUDY.parameters.convert.models),
    conda:
        "../envs/ineq.yaml"
    resources:
        cpu=1,
        mem_mb=memory_mb("convert"),
    params:
        stage=stage_params("convert"),
    message:
        "convert {wildcards.model}"
    shell:
        "python workflow/scripts/convert.py --model {wildcards.model}"
