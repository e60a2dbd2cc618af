"""DVC's first stage: write what the code of each stage means, so that a comment reruns nothing."""

from ineq.pipeline.adopt import write_code_files

write_code_files()
