rule train:
    input:
        record_checked("train"),
        data=f"{RESULTS}/data/data.h5",
    output:
        checkpoint=f"{RESULTS}/models/{{model}}/checkpoint.safetensors",
        log=f"{RESULTS}/models/{{model}}/training.csv",
        record=f"{RESULTS}/models/{{model}}/record.json",
    threads: THREADS
    resources:
        cpu=THREADS,
    params:
        stage=stage_params("train"),
    shell:
        "python workflow/scripts/train.py --model {wildcards.model}"
