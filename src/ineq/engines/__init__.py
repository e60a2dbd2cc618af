"""All that knows how Snakemake and DVC work inside: planning, `dvc.yaml`, the lock, adopting results."""
