rule noise:
    input:
        record_checked("noise"),
        sample=f"{RESULTS}/sample/sample.h5",
        checkpoint=f"{RESULTS}/models/{{model}}/checkpoint.safetensors",
        maps=f"{RESULTS}/attribute/{{model}}/{{method}}/maps.h5",
    output:
        noise=f"{RESULTS}/noise/{{model}}/{{method}}/noise.h5",
        record=f"{RESULTS}/noise/{{model}}/{{method}}/record.json",
    log:
        f"{RESULTS}/.runs/noise-{{model}}-{{method}}.log",
    conda:
        "../envs/ineq.yaml"
    threads: THREADS
    resources:
        cpu=THREADS,
        gpu=GPU,
        mem_mb=memory_mb("noise"),
    params:
        stage=stage_params("noise"),
    message:
        "noise {wildcards.model}/{wildcards.method}"
    shell:
        "python workflow/scripts/noise.py --model {wildcards.model} --method {wildcards.method}"
