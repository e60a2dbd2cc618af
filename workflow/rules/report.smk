rule report:
    input:
        record_checked("report"),
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
