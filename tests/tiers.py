"""The tests that `make test` leaves to `make test-all`, each with the reason; what they promise has a test in the first
tier, too. `make slowest` says what takes long."""

from __future__ import annotations

SECOND = {
    "pipeline/test_slurm.py": "it mostly waits for Slurm's daemons",
    "pipeline/test_imagenet.py::test_the_whole_study_under_both_engines": "a study of 18 networks, under both engines",
    "pipeline/test_pages.py::test_the_tutorial": "a page by hand: four runs of engines",
    "pipeline/test_pages.py::test_the_examples_of_the_help_texts": "every help text by hand",
    "pipeline/test_readme.py::test_the_commands_run": "a page by hand: four runs of engines",
    "pipeline/test_audit.py::test_a_model_and_images_of_somebody_else": "an audit is a study of its own",
    "pipeline/test_audit.py::test_the_same_again_runs_nothing_and_says_the_same": "as above",
    "pipeline/test_audit.py::test_a_second_model_is_held_against_the_first": "as above",
    "pipeline/test_audit.py::test_a_wrong_normalisation_is_noticed_and_said": "as above",
    "pipeline/test_audit.py::test_a_wrong_class_order_is_noticed_before_anything_is_computed_with_it": "as above",
    "pipeline/test_sharing.py": "three clones and a server; adoption has its tests in test_engines.py",
    "pipeline/test_plugins.py::test_a_method_and_an_attack_in_both_engines": "two runs of each engine; plug-ins' "
    "jobs are compared in test_both_engines_have_the_same_jobs, their contract is unit/test_plugin_contract.py",
    "pipeline/test_plugins.py::test_options_rerun_just_the_plugin_that_has_them": "on what the test above has run",
    "pipeline/test_engines.py::test_snakemake_at_a_then_dvc_at_b_then_back_to_a": "a run of each engine; what makes it "
    "true: test_snakemake_without_a_memory_of_its_own_plans_by_the_records, test_a_hand_edited_artefact_is_noticed",
    "pipeline/test_engines.py::test_leftovers_of_a_removed_model_are_not_read": "a run of each engine",
    "pipeline/test_engines.py::test_an_added_model_reruns_only_its_own_jobs_and_the_tables": "a run of DVC",
    "pipeline/test_engines.py::test_adoption_by_dvc_after_snakemake": "DVC writes its lock for every job; the other "
    "way round is in the first tier",
    "pipeline/test_reruns.py::test_a_changed_leaf_under_dvc": "one plan of DVC for each kind of leaf; the first tier "
    "has one for each of a few, and all of them under Snakemake",
    "pipeline/test_reruns.py::test_an_edit_in_each_room_of_the_code[dvc]": "as above, for code",
    "pipeline/test_stages.py::test_metrics_are_numbers_and_experiments_compare": "an experiment of DVC",
    "pipeline/test_stages.py::test_killed_training_goes_on_and_gives_the_same_bytes": "long trainings; test_kills.py "
    "kills short ones, with their engines",
    "pipeline/test_stages.py::test_no_more_jobs_at_once_than_cores": "jobs that run by themselves",
    "unit/test_shipped.py::test_a_shipped_model_is_as_right_as_its_card_says[densenet-standard]": "4,500 images "
    "through a DenseNet; the ResNets are in the first tier",
    "unit/test_shipped.py::test_a_shipped_model_is_as_right_as_its_card_says[densenet-linf-8]": "as above",
}
"""By file, test or case below tests/: why it is of the second tier."""


def in_second_tier(nodeid: str, entry: str) -> bool:
    """Whether an entry of `SECOND` means a test: itself, its file, or what it is a case of."""
    name = nodeid.removeprefix("tests/")
    return name == entry or name.startswith((f"{entry}::", f"{entry}["))
