"""Verification: the field's tests of a model's logic, run on any model, with numbers a reviewer can read."""

from costmodel.model.verification.registry import Test, check
from costmodel.model.verification.result import Finding, Line, Verification
from costmodel.model.verification.runner import registered, run_tests, subject_of, verify_model
from costmodel.model.verification.subject import Subject

__all__ = [
    "Finding",
    "Line",
    "Subject",
    "Test",
    "Verification",
    "check",
    "registered",
    "run_tests",
    "subject_of",
    "verify_model",
]
