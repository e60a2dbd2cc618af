rule gallery:
    input:
        record_checked("gallery"),
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
