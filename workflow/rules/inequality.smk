rule inequality:
    input:
        record_checked("inequality"),
        maps=f"{RESULTS}/attribute/{{model}}/{{method}}/maps.h5",
    output:
        inequality=f"{RESULTS}/inequality/{{model}}/{{method}}/inequality.csv",
        record=f"{RESULTS}/inequality/{{model}}/{{method}}/record.json",
    log:
        f"{RESULTS}/.runs/inequality-{{model}}-{{method}}.log",
    conda:
        "../envs/ineq.yaml"
    resources:
        cpu=1,
        mem_mb=memory_mb("inequality"),
    params:
        stage=stage_params("inequality"),
    message:
        "inequality {wildcards.model}/{wildcards.method}"
    shell:
        "python workflow/scripts/inequality.py --model {wildcards.model} --method {wildcards.method}"
