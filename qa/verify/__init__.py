"""Does a source line support a claim? Rules that need no judgement first, then a calibrated score."""

from qa.verify.verifier import Support, Verifier

__all__ = ["Support", "Verifier"]
