"""Experiments that try to break sanad: real processes, real files, counted tries (docs/faults.md is their report)."""
