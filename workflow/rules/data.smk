rule data:
    input:
        records_checked,
    output:
        data=f"{RESULTS}/data/data.h5",
        record=f"{RESULTS}/data/record.json",
    params:
        stage=stage_params("data"),
    resources:
        cpu=1,
    shell:
        "python workflow/scripts/data.py"
