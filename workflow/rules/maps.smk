# Attribution maps, and how unequal they are.
rule attribute:
    input:
        record_checked("attribute"),
        input_records=input_records("attribute"),
        sample=f"{RESULTS}/sample/sample.h5",
        checkpoint=f"{RESULTS}/models/{{model}}/checkpoint.safetensors",
    output:
        maps=f"{RESULTS}/attribute/{{model}}/{{method}}/maps.h5",
        record=f"{RESULTS}/attribute/{{model}}/{{method}}/record.json",
    log:
        f"{RESULTS}/.runs/attribute-{{model}}-{{method}}.log",
    wildcard_constraints:
        method=one_of(METHODS),
    conda:
        "../envs/ineq.yaml"
    threads: THREADS
    resources:
        cpu=THREADS,
        gpu=GPU,
        mem_mb=memory_mb("attribute"),
        gpu_mem_mb=gpu_mem_mb("attribute"),
    params:
        stage=stage_params("attribute"),
    message:
        "attribute {wildcards.model}/{wildcards.method}"
    shell:
        "python workflow/scripts/attribute.py --model {wildcards.model} --method {wildcards.method}"


rule attribute_plugin:
    input:
        record_checked("attribute_plugin"),
        input_records=input_records("attribute_plugin"),
        sample=f"{RESULTS}/sample/sample.h5",
        checkpoint=f"{RESULTS}/models/{{model}}/checkpoint.safetensors",
    output:
        maps=f"{RESULTS}/attribute/{{model}}/{{method}}/maps.h5",
        record=f"{RESULTS}/attribute/{{model}}/{{method}}/record.json",
    log:
        f"{RESULTS}/.runs/attribute_plugin-{{model}}-{{method}}.log",
    wildcard_constraints:
        method=one_of(STUDY.parameters.plugins.methods),
    conda:
        "../envs/ineq.yaml"
    threads: THREADS
    resources:
        cpu=THREADS,
        gpu=GPU,
        mem_mb=memory_mb("attribute_plugin"),
        gpu_mem_mb=gpu_mem_mb("attribute_plugin"),
    params:
        stage=stage_params("attribute_plugin"),
    message:
        "attribute_plugin {wildcards.model}/{wildcards.method}"
    shell:
        "python workflow/scripts/attribute_plugin.py --model {wildcards.model} --method {wildcards.method}"


rule inequality:
    input:
        record_checked("inequality"),
        input_records=input_records("inequality"),
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


rule controls:
    input:
        record_checked("controls"),
        input_records=input_records("controls"),
        sample=f"{RESULTS}/sample/sample.h5",
    output:
        controls=f"{RESULTS}/controls/controls.csv",
        record=f"{RESULTS}/controls/record.json",
    log:
        f"{RESULTS}/.runs/controls.log",
    # The longest jobs first: at the end no core should wait for one of them.
    priority: 1
    conda:
        "../envs/ineq.yaml"
    threads: THREADS
    resources:
        cpu=THREADS,
        gpu=GPU,
        mem_mb=memory_mb("controls"),
        gpu_mem_mb=gpu_mem_mb("controls"),
    params:
        stage=stage_params("controls"),
    message:
        "controls"
    shell:
        "python workflow/scripts/controls.py"


rule controls_plugin:
    input:
        record_checked("controls_plugin"),
        input_records=input_records("controls_plugin"),
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
        gpu_mem_mb=gpu_mem_mb("controls_plugin"),
    params:
        stage=stage_params("controls_plugin"),
    message:
        "controls_plugin {wildcards.model}/{wildcards.method}"
    shell:
        "python workflow/scripts/controls_plugin.py --model {wildcards.model} --method {wildcards.method}"


rule classes:
    input:
        record_checked("classes"),
        input_records=input_records("classes"),
        data=f"{RESULTS}/data/data.h5",
        checkpoint=f"{RESULTS}/models/{{model}}/checkpoint.safetensors",
        predictions=f"{RESULTS}/predict/{{model}}/predictions.csv",
    output:
        classes=f"{RESULTS}/classes/{{model}}/classes.csv",
        record=f"{RESULTS}/classes/{{model}}/record.json",
    log:
        f"{RESULTS}/.runs/classes-{{model}}.log",
    wildcard_constraints:
        model=one_of(STUDY.parameters.classes.models),
    # The longest jobs first: at the end no core should wait for one of them.
    priority: 1
    conda:
        "../envs/ineq.yaml"
    threads: THREADS
    resources:
        cpu=THREADS,
        gpu=GPU,
        mem_mb=memory_mb("classes"),
        gpu_mem_mb=gpu_mem_mb("classes"),
    params:
        stage=stage_params("classes"),
    message:
        "classes {wildcards.model}"
    shell:
        "python workflow/scripts/classes.py --model {wildcards.model}"


rule sensitivity:
    input:
        record_checked("sensitivity"),
        input_records=input_records("sensitivity"),
        sample=f"{RESULTS}/sample/sample.h5",
        checkpoint=f"{RESULTS}/models/{{model}}/checkpoint.safetensors",
    output:
        sensitivity=f"{RESULTS}/sensitivity/{{model}}/sensitivity.csv",
        record=f"{RESULTS}/sensitivity/{{model}}/record.json",
    log:
        f"{RESULTS}/.runs/sensitivity-{{model}}.log",
    wildcard_constraints:
        model=one_of(STUDY.parameters.sensitivity.models),
    # The longest jobs first: at the end no core should wait for one of them.
    priority: 1
    conda:
        "../envs/ineq.yaml"
    threads: THREADS
    resources:
        cpu=THREADS,
        gpu=GPU,
        mem_mb=memory_mb("sensitivity"),
        gpu_mem_mb=gpu_mem_mb("sensitivity"),
    params:
        stage=stage_params("sensitivity"),
    message:
        "sensitivity {wildcards.model}"
    shell:
        "python workflow/scripts/sensitivity.py --model {wildcards.model}"
