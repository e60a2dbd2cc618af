rule random_occlusion:
    input:
        record_checked("random_occlusion"),
        sample=f"{RESULTS}/sample/sample.h5",
        checkpoint=f"{RESULTS}/models/{{model}}/checkpoint.safetensors",
    output:
        occlusion=f"{RESULTS}/random_occlusion/{{model}}/occlusion.h5",
        record=f"{RESULTS}/random_occlusion/{{model}}/record.json",
    log:
        f"{RESULTS}/.runs/random_occlusion-{{model}}.log",
    conda:
        "../envs/ineq.yaml"
    threads: THREADS
    resources:
        cpu=THREADS,
        gpu=GPU,
        mem_mb=memory_mb("random_occlusion"),
    params:
        stage=stage_params("random_occlusion"),
    message:
        "random_occlusion {wildcards.model}"
    shell:
        "python workflow/scripts/random_occlusion.py --model {wildcards.model}"
