"""The tests that `make test` leaves to `make test-all`, each with the reason; what they promise has a test in the first
tier, too. `make slowest` says what takes long."""

from __future__ import annotations

SECOND = {
    "pipeline/test_slurm.py": "it mostly waits for Slurm's daemons",
    "pipeline/test_imagenet.py::test_the_whole_study_under_both_engines": "a study of 18 networks, under both engines",
    # Pages by hand. That no command of a page is missing is seen in unit/test_documented.py.
    "pipeline/test_pages.py": "runs of engines for each page",
    "pipeline/test_readme.py::test_the_commands_run": "four runs of engines",
    "pipeline/test_plugins_page.py": "a package is built",
    "pipeline/test_cluster.py::test_the_plan_is_what_the_commands_say": "networks of ImageNet are counted",
    "pipeline/test_stages.py::test_metrics_are_numbers_and_experiments_compare": "an experiment of DVC",
    # An audit is a study of its own; its parts are in unit/test_audit.py, its refusals in the first tier.
    "pipeline/test_audit.py::test_a_model_and_images_of_somebody_else": "three audits",
    "pipeline/test_audit.py::test_the_same_again_runs_nothing_and_says_the_same": "the same audits",
    "pipeline/test_audit.py::test_on_a_gpu_it_says_the_same": "one of them once more",
    "pipeline/test_audit.py::test_a_second_model_is_held_against_the_first": "the same audits",
    "pipeline/test_audit.py::test_a_wrong_normalisation_is_noticed_and_said": "an audit",
    "pipeline/test_audit.py::test_a_wrong_class_order_is_noticed_before_anything_is_computed_with_it": "an audit",
    "pipeline/test_audit.py::test_beside_a_studys_models_on_its_images": "an audit",
    "pipeline/test_audit.py::test_in_memory_it_says_the_same": "the same three audits",
    "pipeline/test_audit.py::test_images_that_changed_under_their_names_are_audited_anew": "two audits",
    "pipeline/test_audit.py::test_a_refused_audit_leaves_nothing_behind": "the three audits, and two more",
    "pipeline/test_audit.py::test_what_was_edited_is_not_put_back": "the three audits",
    "pipeline/test_audit.py::test_from_any_folder_and_of_a_file_of_code": "an audit",
    "pipeline/test_shells.py::test_adopting_without_git_says_why_it_fails": "an adoption",
    "pipeline/test_carried.py::test_an_executor_without_a_shared_disk": "jobs that start engines of their own",
    "pipeline/test_pretended_gpu.py::test_so_does_every_method_plug_in_and_way_of_training": "two studies",
    "pipeline/test_elsewhere.py::test_every_byte_is_the_same_elsewhere_records_too": "a study",
    "pipeline/test_elsewhere.py::test_a_cpu_without_newer_instructions_gives_the_same_bytes_each_time": "two studies",
    "pipeline/test_elsewhere.py::test_the_warm_start_keeps_to_these_variables": "one of them",
    "pipeline/test_sharing.py": "three clones and a server",
    # Plug-ins: their jobs in both engines are in the first tier, their contract is unit/test_plugin_contract.py.
    "pipeline/test_plugins.py::test_a_method_and_an_attack_in_both_engines": "two runs of each engine",
    "pipeline/test_plugins.py::test_options_rerun_just_the_plugin_that_has_them": "on what the test above has run",
    # Never stale: the first tier has what is seen without a run, and a hand-edited artefact under both engines.
    "pipeline/test_engines.py::test_snakemake_at_a_then_dvc_at_b_then_back_to_a": "two runs, after an adoption",
    "pipeline/test_engines.py::test_leftovers_of_a_removed_model_are_not_read": "a run of each engine",
    "pipeline/test_engines.py::test_an_added_model_reruns_only_its_own_jobs_and_the_tables": "a run of DVC",
    "pipeline/test_engines.py::test_a_deleted_intermediate_is_remade": "a run of each engine",
    "pipeline/test_engines.py::test_adoption_by_dvc_after_snakemake": "the other way round is in the first tier",
    "pipeline/test_engines.py::test_two_swapped_values_are_noticed": "two swapped inputs are in the first tier",
    "pipeline/test_snakemake.py::test_a_later_edited_study_is_said_once[command1]": "two more are in the first",
    "pipeline/test_snakemake.py::test_lost_logs_rerun_nothing": "an adoption",
    # Minimal reruns: the first tier has all leaves and rooms under Snakemake, and a few of each under DVC.
    "pipeline/test_reruns.py::test_a_changed_leaf_under_dvc": "one plan of DVC for each kind of leaf",
    "pipeline/test_reruns.py::test_an_edit_in_each_room_of_the_code[dvc]": "one plan of DVC for each room",
    "pipeline/test_reruns.py::test_another_study_is_everything": "plans of both engines for two studies",
    "pipeline/test_reruns.py::test_a_clone_with_the_cache_reruns_nothing": "a clone, and an adoption",
    "pipeline/test_reruns.py::test_no_reason_no_rerun[check_out_again]": "two more reasons are in the first tier",
    "pipeline/test_reruns.py::test_no_reason_no_rerun[reorder_keys]": "two more reasons are in the first tier",
    # Kills: the first tier kills a job with its engine, by Ctrl-C, and alone in test_warm.py; and a training.
    "pipeline/test_stages.py::test_killed_training_goes_on_and_gives_the_same_bytes": "three long trainings",
    "pipeline/test_kills.py::test_killed_between_two_epochs[dvc]": "Snakemake's is in the first tier",
    "pipeline/test_faults.py::test_killed_and_typed_again[snakemake-job]": "three more kills are in the first tier",
    "pipeline/test_faults.py::test_killed_and_typed_again[dvc-engine]": "three more kills are in the first tier",
    "pipeline/test_faults.py::test_a_killed_experiment_leaves_one_command": "two experiments of DVC",
    "pipeline/test_faults.py::test_an_orphan_writes_nothing_over_the_new_run[dvc]": "Snakemake's is in the first tier",
    "pipeline/test_faults.py::test_of_two_runs_the_second_refuses[snakemake-snakemake]": "a mixed pair is in the first",
    "pipeline/test_faults.py::test_of_two_runs_the_second_refuses[dvc-snakemake]": "a mixed pair is in the first",
    "pipeline/test_faults.py::test_what_would_pull_the_rug_away_waits_for_the_run_to_end": "commands beside a run",
    "pipeline/test_faults.py::test_spoilt_artefacts_are_made_again[snakemake]": "DVC's is in the first tier",
    # Names: tables, YAML, figures and gallery with such names are in unit/test_any_names.py.
    "pipeline/test_model_names.py": "a study",
    # Bad input: the first tier has a bad name of a model under both engines.
    "pipeline/test_hostile_names.py::test_nor_with_a_bad_name_of_a_plug_in": "two engines for each of six names",
    # Jobs that run by themselves.
    "pipeline/test_stages.py::test_no_more_jobs_at_once_than_cores": "seventeen imports of torch",
    # 4,500 images through a DenseNet; the ResNets are in the first tier.
    "unit/test_shipped.py::test_a_shipped_model_is_as_right_as_its_card_says[densenet-standard]": "a DenseNet",
    "unit/test_shipped.py::test_a_shipped_model_is_as_right_as_its_card_says[densenet-linf-8]": "a DenseNet",
}
"""By file, test or case below tests/: why it is of the second tier."""


def in_second_tier(nodeid: str, entry: str) -> bool:
    """Whether an entry of `SECOND` means a test: itself, its file, or what it is a case of."""
    name = nodeid.removeprefix("tests/")
    return name == entry or name.startswith((f"{entry}::", f"{entry}["))
