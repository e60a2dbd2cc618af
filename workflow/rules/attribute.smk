rule attribute:
    input:
        record_checked("attribute"),
        sample=f"{RESULTS}/sample/sample.h5",
        checkpoint=f"{RESULTS}/models/{{model}}/checkpoint.safetensors",
    output:
        maps=f"{RESULTS}/attribute/{{model}}/{{method}}/maps.h5",
        record=f"{RESULTS}/attribute/{{model}}/{{method}}/record.json",
    threads: THREADS
    resources:
        cpu=THREADS,
    params:
        stage=stage_params("attribute"),
    shell:
        "python workflow/scripts/attribute.py --model {wildcards.model} --method {wildcards.method}"
