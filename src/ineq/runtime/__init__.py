"""Running a job: arguments, log, GPU, files published at once, and a warm start."""
