rule occlusion:
    input:
        record_checked("occlusion"),
        sample=f"{RESULTS}/sample/sample.h5",
        checkpoint=f"{RESULTS}/models/{{model}}/checkpoint.safetensors",
        maps=f"{RESULTS}/attribute/{{model}}/{{method}}/maps.h5",
    output:
        occlusion=f"{RESULTS}/occlusion/{{model}}/{{method}}/occlusion.h5",
        record=f"{RESULTS}/occlusion/{{model}}/{{method}}/record.json",
    log:
        f"{RESULTS}/.runs/occlusion-{{model}}-{{method}}.log",
    conda:
        "../envs/ineq.yaml"
    threads: THREADS
    resources:
        cpu=THREADS,
        gpu=GPU,
        mem_mb=memory_mb("occlusion"),
    params:
        stage=stage_params("occlusion"),
    message:
        "occlusion {wildcards.model}/{wildcards.method}"
    shell:
        "python workflow/scripts/occlusion.py --model {wildcards.model} --method {wildcards.method}"
