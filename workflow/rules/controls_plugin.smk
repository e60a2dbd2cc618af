rule controls_plugin:
    input:
        record_checked("controls_plugin"),
        sample=f"{RESULTS}/sample/sample.h5",
    output:
        controls=f"{RESULTS}/controls/{{model}}/{{method}}/controls.csv",
        record=f"{RESULTS}/controls/{{model}}/{{method}}/record.json",
    log:
        f"{RESULTS}/.runs/controls_plugin-{{model}}-{{method}}.log",
    wildcard_constraints:
        method=one_of(STUDY.parameters.plugins.methods),
    conda:
        "../envs/ineq.yaml"
    threads: THREADS
    resources:
        cpu=THREADS,
        gpu=GPU,
        mem_mb=memory_mb("controls_plugin"),
    params:
        stage=stage_params("controls_plugin"),
    message:
        "controls_plugin {wildcards.model}/{wildcards.method}"
    shell:
        "python workflow/scripts/controls_plugin.py --model {wildcards.model} --method {wildcards.method}"
