"""Inductive noise and occlusion."""
