# One rule for each stage. What a stage reads, writes and needs is declared once, in src/ineq/stages/<stage>.py, for both
# engines; `snakemake --list-rules` names them all, and `ineq explain FILE` says what made a file.
def rule_of(stage):
    # A function, since Snakemake looks at a rule's command again when it runs: in a loop it would be the last stage's.
    values = {axis: f"{{wildcards.{axis}}}" for axis in stage.axes}

    rule:
        name:
            stage.name
        input:
            record_checked(stage.name),
            unpack(input_files(stage.name)),
            input_records=input_records(stage.name),
        output:
            **{name: in_study(path) for name, path in stage.files.items()},
        log:
            in_study(
                "results/{study}/.runs/"
                + "-".join([stage.name, *wildcards_of(stage)])
                + ".log"
            ),
        wildcard_constraints:
            **constraints(stage),
        priority: priority(stage.name)
        conda:
            "../envs/ineq.yaml"
        threads: THREADS if stage.runs_model else 1
        resources:
            **resources(stage),
        params:
            stage=stage_params(stage.name),
        message:
            " ".join([stage.name, "/".join(values.values())]).strip()
        shell:
            stage.command.format(**values) + " --planned {params.stage[planned]}"


for one in STAGES.values():
    rule_of(one)
