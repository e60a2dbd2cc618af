# What people read: tables, the paper beside them, figures, pictures and the page.
rule tables:
    input:
        record_checked("tables"),
        input_records=input_records("tables"),
        sample=f"{RESULTS}/sample/sample.h5",
        predictions=fan_in("tables", "predictions"),
        inequality=fan_in("tables", "inequality"),
        controls=f"{RESULTS}/controls/controls.csv",
        noise=fan_in("tables", "noise"),
        occlusion=fan_in("tables", "occlusion"),
        random_occlusion=fan_in("tables", "random_occlusion"),
        robustness=fan_in("tables", "robustness"),
        plugin_controls=fan_in("tables", "plugin_controls"),
        attacks=fan_in("tables", "attacks"),
    output:
        models=f"{RESULTS}/tables/models.csv",
        gini=f"{RESULTS}/tables/gini.csv",
        controls=f"{RESULTS}/tables/controls.csv",
        noise=f"{RESULTS}/tables/noise.csv",
        occlusion=f"{RESULTS}/tables/occlusion.csv",
        contrasts=f"{RESULTS}/tables/contrasts.csv",
        pairs=f"{RESULTS}/tables/pairs.csv",
        verdict=f"{RESULTS}/tables/verdict.csv",
        families=f"{RESULTS}/tables/families.csv",
        robustness=f"{RESULTS}/tables/robustness.csv",
        attacks=f"{RESULTS}/tables/attacks.csv",
        summary=f"{RESULTS}/tables/summary.md",
        metrics=f"{RESULTS}/tables/metrics.json",
        record=f"{RESULTS}/tables/record.json",
    log:
        f"{RESULTS}/.runs/tables.log",
    conda:
        "../envs/ineq.yaml"
    resources:
        cpu=1,
        mem_mb=memory_mb("tables"),
    params:
        stage=stage_params("tables"),
    message:
        "tables"
    shell:
        "python workflow/scripts/tables.py"


rule paper:
    input:
        record_checked("paper"),
        input_records=input_records("paper"),
        numbers="data/paper/numbers.csv",
        listed_claims="data/paper/claims.csv",
        models=f"{RESULTS}/tables/models.csv",
        gini=f"{RESULTS}/tables/gini.csv",
        controls=f"{RESULTS}/tables/controls.csv",
        contrasts=f"{RESULTS}/tables/contrasts.csv",
        pairs=f"{RESULTS}/tables/pairs.csv",
        robustness=f"{RESULTS}/tables/robustness.csv",
        classes=f"{RESULTS}/sample/classes.csv",
        transfer=f"{RESULTS}/transfer/transfer.csv",
        occlusion=f"{RESULTS}/tables/occlusion.csv",
        predictions=fan_in("paper", "predictions"),
        sensitivity=fan_in("paper", "sensitivity"),
        splits=fan_in("paper", "splits"),
        checkpoints=fan_in("paper", "checkpoints"),
    output:
        **{name: f"{RESULTS}/paper/{name}.csv" for name in PAPER},
        **{
            f"{name}_{kind}": f"{RESULTS}/paper/{name}.{kind}"
            for name in PAPER
            for kind in ["svg", "png"]
        },
        sensitivity=f"{RESULTS}/paper/sensitivity.csv",
        claims=f"{RESULTS}/paper/claims.csv",
        summary=f"{RESULTS}/paper/summary.md",
        record=f"{RESULTS}/paper/record.json",
    log:
        f"{RESULTS}/.runs/paper.log",
    conda:
        "../envs/ineq.yaml"
    resources:
        cpu=1,
        mem_mb=memory_mb("paper"),
    params:
        stage=stage_params("paper"),
    message:
        "paper"
    shell:
        "python workflow/scripts/paper.py"


rule figures:
    input:
        record_checked("figures"),
        input_records=input_records("figures"),
        tables=expand(
            f"{RESULTS}/tables/{{name}}.csv",
            name=["models", "gini", "controls", "noise", "occlusion", "verdict"],
        ),
        sample=f"{RESULTS}/sample/sample.h5",
        maps=fan_in("figures", "maps"),
        inequality=fan_in("figures", "inequality"),
        records=fan_in("figures", "records"),
    output:
        expand(
            f"{RESULTS}/figures/{{name}}.{{kind}}", name=FIGURES, kind=["svg", "png"]
        ),
        captions=f"{RESULTS}/figures/captions.json",
        record=f"{RESULTS}/figures/record.json",
    log:
        f"{RESULTS}/.runs/figures.log",
    conda:
        "../envs/ineq.yaml"
    resources:
        cpu=1,
        mem_mb=memory_mb("figures"),
    params:
        stage=stage_params("figures"),
    message:
        "figures"
    shell:
        "python workflow/scripts/figures.py"


rule gallery:
    input:
        record_checked("gallery"),
        input_records=input_records("gallery"),
        tables=expand(
            f"{RESULTS}/tables/{{name}}.csv",
            name=["models", "gini", "controls", "noise", "occlusion", "verdict"],
        ),
        sample=f"{RESULTS}/sample/sample.h5",
        maps=fan_in("gallery", "maps"),
        inequality=fan_in("gallery", "inequality"),
        records=fan_in("gallery", "records"),
        noised=fan_in("gallery", "noised"),
        random=fan_in("gallery", "random"),
    output:
        gallery=f"{RESULTS}/gallery/gallery.json",
        record=f"{RESULTS}/gallery/record.json",
    log:
        f"{RESULTS}/.runs/gallery.log",
    conda:
        "../envs/ineq.yaml"
    resources:
        cpu=1,
        mem_mb=memory_mb("gallery"),
    params:
        stage=stage_params("gallery"),
    message:
        "gallery"
    shell:
        "python workflow/scripts/gallery.py"


rule report:
    input:
        record_checked("report"),
        input_records=input_records("report"),
        tables=expand(f"{RESULTS}/tables/{{name}}.csv", name=TABLES),
        paper=expand(
            f"{RESULTS}/paper/{{name}}.csv", name=[*PAPER, "claims", "sensitivity"]
        ),
        figures=expand(f"{RESULTS}/figures/{{name}}.svg", name=FIGURES),
        captions=f"{RESULTS}/figures/captions.json",
        gallery=f"{RESULTS}/gallery/gallery.json",
        trained=fan_in("report", "trained"),
        attributed=fan_in("report", "attributed"),
        drawn=f"{RESULTS}/figures/record.json",
    output:
        report=f"{RESULTS}/report.html",
        record=f"{RESULTS}/report/record.json",
    log:
        f"{RESULTS}/.runs/report.log",
    conda:
        "../envs/ineq.yaml"
    resources:
        cpu=1,
        mem_mb=memory_mb("report"),
    params:
        stage=stage_params("report"),
    message:
        "report"
    shell:
        "python workflow/scripts/report.py"
