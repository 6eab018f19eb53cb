"""How well a doctor asks, and how true a patient answers."""

from medeval.metrics.inquiry.asking import INQUIRY, INQUIRY_TABLES
from medeval.metrics.inquiry.fidelity import FIDELITY

__all__ = ["FIDELITY", "INQUIRY", "INQUIRY_TABLES"]
