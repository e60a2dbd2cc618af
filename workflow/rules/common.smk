# Helpers of all rules: the study, its jobs, and what each of them needs. Everything else is in src/ineq/.
import re
import sys
from functools import cache, partial

from ineq.config.study import load_study
from ineq.cores import cores
from ineq.errors import EXIT_CODE, InputError
from ineq.planning.estimate import disk, gpu_memory, memory, ranks
from ineq.runtime.gpus import gpus, jobs_per_gpu
from ineq.planning.jobs import job, jobs, refuse_missing
from ineq.planning.registry import STAGES
from ineq.engines.place import refuse_braces, refuse_read_only
from ineq.engines.snakemake import StaleOutputs, this_python_first
from ineq.engines.snakemake_insides import shared

this_python_first()


def refuse(sentence):
    print(sentence, file=sys.stderr)
    sys.exit(EXIT_CODE)


if config:
    refuse(
        "params.yaml is the only source of parameters: --config and --configfile would be recorded but never reach a stage; "
        f"found {', '.join(map(str, config))}; edit params.yaml, or use `ineq study use NAME`"
    )

try:
    refuse_braces()
    refuse_read_only()
    STUDY = load_study()
    JOBS = jobs(STUDY)
    refuse_missing(JOBS)
    STALE = StaleOutputs(JOBS, workflow)
    # As many jobs at once as GPUs take; a cluster's profile says how many it gives, `--resources gpu=4` the same.
    GPU = min(1, shared(workflow, "gpu", len(gpus()) * jobs_per_gpu()))
except InputError as error:
    refuse(error)

if (room := disk(JOBS)) > 2e9:
    print(
        f"this study writes about {room / 1e9:.0f} GB; `ineq study estimate` says how long it takes",
        file=sys.stderr,
    )

RANKS = ranks(JOBS)
# A job by its stage and wildcards: Snakemake asks several times.
known = cache(partial(job, STUDY))

# `--cores 8` on fewer real cores must not pile jobs up; a cluster's profile raises this.
THREADS = min(STUDY.parameters.runtime.threads, shared(workflow, "cpu", cores()))


wildcard_constraints:
    model=r"[A-Za-z0-9][A-Za-z0-9_.-]*",
    method=r"[a-z][a-z0-9_]*",
    attack=r"[a-z][a-z0-9_]*",


def in_study(template):
    """A path template of a stage with the study's name in it, and Snakemake's wildcards left."""
    return template.replace("{study}", STUDY.name)


def wildcards_of(stage):
    return [f"{{{axis}}}" for axis in stage.axes]


def constraints(stage):
    """The models that a rule is for, where another one makes the same file for others."""
    if stage.model_list == "models" or "model" not in stage.axes:
        return {}
    # Without any name, a pattern that nothing matches.
    return {"model": "|".join(map(re.escape, STUDY.leaves[stage.model_list])) or "(?!)"}


def input_files(stage):
    """A job's inputs by name, a list where it reads several models' results."""

    def files(wildcards):
        inputs = known(stage, **wildcards).inputs
        return {
            name: list(item.values()) if isinstance(item, dict) else item
            for name, item in inputs.items()
        }

    return files


def record_checked(stage):
    """The first input of every rule: makes sure that Snakemake sees artefacts only if their record is the wanted one."""
    return lambda wildcards: STALE.rerun_markers(known(stage, **wildcards))


def input_records(stage):
    """The records of a stage's inputs, which its jobs read: named for executors that bring a job only what its rule names.

    Never a reason to run a job again: what is in them may differ where the files that they are about do not.
    """

    def records(wildcards):
        one = known(stage, **wildcards)
        # The report reads what some of them say, and so has those among its inputs already.
        named = set(one.input_records.values()) - set(one.input_files)
        return [ancient(str(path)) for path in sorted(named)]

    return records


def every_result():
    """All outputs of all jobs, so that a deleted intermediate is remade."""
    return [path for job in JOBS for path in job.outputs.values()]


def stage_params(stage):
    """Code digest and parameters of a job in one dict: Snakemake compares separate ones as an unordered set."""
    return lambda wildcards: STALE.params(known(stage, **wildcards))


def priority(stage):
    """The work of the longest chain of jobs that begins with a job: so none of the long ones is left for the end."""
    return lambda wildcards: RANKS.get(known(stage, **wildcards).name, 0)


def resources(stage):
    """What a job asks a cluster for: estimates from the stage's declaration, never a number in a rule.

    `gpu_mem_mb`, what it takes of a GPU's memory, is for profiles of clusters whose GPUs differ.
    """

    def mem_mb(wildcards):
        return memory(known(stage.name, **wildcards), gpu=GPU > 0)

    def gpu_mem_mb(wildcards):
        return gpu_memory(known(stage.name, **wildcards)) if GPU else 0

    if not stage.runs_model:
        return {"cpu": 1, "mem_mb": mem_mb}
    return {"cpu": THREADS, "gpu": GPU, "mem_mb": mem_mb, "gpu_mem_mb": gpu_mem_mb}
