rule attack_plugin:
    input:
        record_checked("attack_plugin"),
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
    params:
        stage=stage_params("attack_plugin"),
    message:
        "attack_plugin {wildcards.model}/{wildcards.method}/{wildcards.attack}"
    shell:
        "python workflow/scripts/attack_plugin.py --model {wildcards.model} --method {wildcards.method} --attack {wildcards.attack}"
