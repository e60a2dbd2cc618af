"""DVC's first stage: see that nothing is missing, and write what each stage's code means: a comment reruns nothing."""

from ineq.config.study import load_study
from ineq.pipeline.adopt import write_code_files
from ineq.pipeline.console import told
from ineq.pipeline.jobs import jobs, refuse_missing

with told("code"):
    refuse_missing(jobs(load_study()))
    write_code_files()
