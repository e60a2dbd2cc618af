# The images, the models, and the sample that all models classify correctly.
rule data:
    input:
        record_checked("data"),
        input_records=input_records("data"),
        source=STUDY.parameters.data.path,
    output:
        data=f"{RESULTS}/data/data.h5",
        record=f"{RESULTS}/data/record.json",
    log:
        f"{RESULTS}/.runs/data.log",
    conda:
        "../envs/ineq.yaml"
    resources:
        cpu=1,
        mem_mb=memory_mb("data"),
    params:
        stage=stage_params("data"),
    message:
        "data"
    shell:
        "python workflow/scripts/data.py"


rule train:
    input:
        record_checked("train"),
        input_records=input_records("train"),
        data=f"{RESULTS}/data/data.h5",
    output:
        checkpoint=f"{RESULTS}/models/{{model}}/checkpoint.safetensors",
        log=f"{RESULTS}/models/{{model}}/training.csv",
        record=f"{RESULTS}/models/{{model}}/record.json",
    log:
        f"{RESULTS}/.runs/train-{{model}}.log",
    wildcard_constraints:
        model=one_of(STUDY.parameters.train.models),
    conda:
        "../envs/ineq.yaml"
    threads: THREADS
    resources:
        cpu=THREADS,
        gpu=GPU,
        mem_mb=memory_mb("train"),
        gpu_mem_mb=gpu_mem_mb("train"),
    params:
        stage=stage_params("train"),
    message:
        "train {wildcards.model}"
    shell:
        "python workflow/scripts/train.py --model {wildcards.model}"


rule import_model:
    input:
        record_checked("import"),
        input_records=input_records("import"),
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


rule convert:
    input:
        record_checked("convert"),
        input_records=input_records("convert"),
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


rule prune:
    input:
        record_checked("prune"),
        input_records=input_records("prune"),
        data=f"{RESULTS}/data/data.h5",
        base=f"{RESULTS}/models/{STUDY.parameters.prune.base}/checkpoint.safetensors",
    output:
        checkpoint=f"{RESULTS}/models/{{model}}/checkpoint.safetensors",
        log=f"{RESULTS}/models/{{model}}/training.csv",
        pruning=f"{RESULTS}/models/{{model}}/pruning.csv",
        record=f"{RESULTS}/models/{{model}}/record.json",
    log:
        f"{RESULTS}/.runs/prune-{{model}}.log",
    wildcard_constraints:
        model=one_of(STUDY.parameters.prune.models),
    conda:
        "../envs/ineq.yaml"
    threads: THREADS
    resources:
        cpu=THREADS,
        gpu=GPU,
        mem_mb=memory_mb("prune"),
        gpu_mem_mb=gpu_mem_mb("prune"),
    params:
        stage=stage_params("prune"),
    message:
        "prune {wildcards.model}"
    shell:
        "python workflow/scripts/prune.py --model {wildcards.model}"


rule predict:
    input:
        record_checked("predict"),
        input_records=input_records("predict"),
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
        gpu_mem_mb=gpu_mem_mb("predict"),
    params:
        stage=stage_params("predict"),
    message:
        "predict {wildcards.model}"
    shell:
        "python workflow/scripts/predict.py --model {wildcards.model}"


rule sample:
    input:
        record_checked("sample"),
        input_records=input_records("sample"),
        data=f"{RESULTS}/data/data.h5",
        predictions=fan_in("sample", "predictions"),
    output:
        sample=f"{RESULTS}/sample/sample.h5",
        classes=f"{RESULTS}/sample/classes.csv",
        record=f"{RESULTS}/sample/record.json",
    log:
        f"{RESULTS}/.runs/sample.log",
    conda:
        "../envs/ineq.yaml"
    resources:
        cpu=1,
        mem_mb=memory_mb("sample"),
    params:
        stage=stage_params("sample"),
    message:
        "sample"
    shell:
        "python workflow/scripts/sample.py"
