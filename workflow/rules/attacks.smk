# What attacks do to the models.
rule noise:
    input:
        record_checked("noise"),
        input_records=input_records("noise"),
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
        gpu_mem_mb=gpu_mem_mb("noise"),
    params:
        stage=stage_params("noise"),
    message:
        "noise {wildcards.model}/{wildcards.method}"
    shell:
        "python workflow/scripts/noise.py --model {wildcards.model} --method {wildcards.method}"


rule occlusion:
    input:
        record_checked("occlusion"),
        input_records=input_records("occlusion"),
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
        gpu_mem_mb=gpu_mem_mb("occlusion"),
    params:
        stage=stage_params("occlusion"),
    message:
        "occlusion {wildcards.model}/{wildcards.method}"
    shell:
        "python workflow/scripts/occlusion.py --model {wildcards.model} --method {wildcards.method}"


rule random_occlusion:
    input:
        record_checked("random_occlusion"),
        input_records=input_records("random_occlusion"),
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
        gpu_mem_mb=gpu_mem_mb("random_occlusion"),
    params:
        stage=stage_params("random_occlusion"),
    message:
        "random_occlusion {wildcards.model}"
    shell:
        "python workflow/scripts/random_occlusion.py --model {wildcards.model}"


rule transfer:
    input:
        record_checked("transfer"),
        input_records=input_records("transfer"),
        sample=f"{RESULTS}/sample/sample.h5",
        checkpoints=fan_in("transfer", "checkpoints"),
        maps=fan_in("transfer", "maps"),
    output:
        transfer=f"{RESULTS}/transfer/transfer.csv",
        record=f"{RESULTS}/transfer/record.json",
    log:
        f"{RESULTS}/.runs/transfer.log",
    conda:
        "../envs/ineq.yaml"
    threads: THREADS
    resources:
        cpu=THREADS,
        gpu=GPU,
        mem_mb=memory_mb("transfer"),
        gpu_mem_mb=gpu_mem_mb("transfer"),
    params:
        stage=stage_params("transfer"),
    message:
        "transfer"
    shell:
        "python workflow/scripts/transfer.py"


rule subset:
    input:
        record_checked("subset"),
        input_records=input_records("subset"),
        data=f"{RESULTS}/data/data.h5",
    output:
        images=f"{RESULTS}/robustness/images.csv",
        record=f"{RESULTS}/robustness/record.json",
    log:
        f"{RESULTS}/.runs/subset.log",
    conda:
        "../envs/ineq.yaml"
    resources:
        cpu=1,
        mem_mb=memory_mb("subset"),
    params:
        stage=stage_params("subset"),
    message:
        "subset"
    shell:
        "python workflow/scripts/subset.py"


rule robustness:
    input:
        record_checked("robustness"),
        input_records=input_records("robustness"),
        data=f"{RESULTS}/data/data.h5",
        images=f"{RESULTS}/robustness/images.csv",
        checkpoint=f"{RESULTS}/models/{{model}}/checkpoint.safetensors",
    output:
        robustness=f"{RESULTS}/robustness/{{model}}/robustness.csv",
        record=f"{RESULTS}/robustness/{{model}}/record.json",
    log:
        f"{RESULTS}/.runs/robustness-{{model}}.log",
    wildcard_constraints:
        model=one_of(STUDY.parameters.robustness.models),
    # The longest jobs first: at the end no core should wait for one of them.
    priority: 1
    conda:
        "../envs/ineq.yaml"
    threads: THREADS
    resources:
        cpu=THREADS,
        gpu=GPU,
        mem_mb=memory_mb("robustness"),
        gpu_mem_mb=gpu_mem_mb("robustness"),
    params:
        stage=stage_params("robustness"),
    message:
        "robustness {wildcards.model}"
    shell:
        "python workflow/scripts/robustness.py --model {wildcards.model}"


rule attack_plugin:
    input:
        record_checked("attack_plugin"),
        input_records=input_records("attack_plugin"),
        sample=f"{RESULTS}/sample/sample.h5",
        checkpoint=f"{RESULTS}/models/{{model}}/checkpoint.safetensors",
        maps=f"{RESULTS}/attribute/{{model}}/{{method}}/maps.h5",
    output:
        attack=f"{RESULTS}/robustness/{{model}}/{{method}}/{{attack}}/attack.csv",
        record=f"{RESULTS}/robustness/{{model}}/{{method}}/{{attack}}/record.json",
    log:
        f"{RESULTS}/.runs/attack_plugin-{{model}}-{{method}}-{{attack}}.log",
    conda:
        "../envs/ineq.yaml"
    threads: THREADS
    resources:
        cpu=THREADS,
        gpu=GPU,
        mem_mb=memory_mb("attack_plugin"),
        gpu_mem_mb=gpu_mem_mb("attack_plugin"),
    params:
        stage=stage_params("attack_plugin"),
    message:
        "attack_plugin {wildcards.model}/{wildcards.method}/{wildcards.attack}"
    shell:
        "python workflow/scripts/attack_plugin.py --model {wildcards.model} --method {wildcards.method} --attack {wildcards.attack}"
