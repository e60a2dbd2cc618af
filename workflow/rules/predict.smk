rule predict:
    input:
        record_checked("predict"),
        data=f"{RESULTS}/data/data.h5",
        checkpoint=f"{RESULTS}/models/{{model}}/checkpoint.safetensors",
    output:
        predictions=f"{RESULTS}/predict/{{model}}/predictions.csv",
        record=f"{RESULTS}/predict/{{model}}/record.json",
    log:
        f"{RESULTS}/.runs/predict-{{model}}.log",
    conda:
        "../envs/ineq.yaml"
    threads: THREADS
    resources:
        cpu=THREADS,
        gpu=GPU,
        mem_mb=memory_mb("predict"),
    params:
        stage=stage_params("predict"),
    message:
        "predict {wildcards.model}"
    shell:
        "python workflow/scripts/predict.py --model {wildcards.model}"
