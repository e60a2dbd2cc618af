"""The report: every table and figure of a study in one HTML file that needs nothing else."""
