"""The tests that `make test-all` runs a second time as on a CPU without newer instructions than AVX2: what computes.

torch and oneDNN take other kernels there, and a fault in one of them is seen on no other machine.
"""

EVERY_CPU = {
    "unit/test_architectures.py": "models",
    "unit/test_checkpoint.py": "models",
    "unit/test_folding.py": "models",
    "unit/test_job.py": "models",
    "unit/test_kernels.py": "models",
    "unit/test_precision.py": "models",
    "unit/test_pretended_gpu.py": "models, on a pretended GPU",
    "unit/test_pruning.py": "training",
    "unit/test_training.py": "training",
    "unit/test_pgd.py": "training and attacks",
    "unit/test_attribution.py": "attribution",
    "unit/test_controls.py": "attribution",
    "unit/test_layouts.py": "attribution and attacks",
    "unit/test_noise.py": "attacks",
    "unit/test_occlusion.py": "attacks",
    "unit/test_robustness.py": "attacks",
    "unit/test_transfer.py": "attacks",
    "unit/test_sensitivity.py": "attacks",
    "unit/test_random_fields.py": "random fields",
}
"""By file below tests/: what of it computes. A whole study does in pipeline/test_elsewhere.py, in any case."""
