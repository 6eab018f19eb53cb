"""Audits: whether published results are what their raw replies make, and whether the model says the same again.

Nothing in a folder that is audited is trusted, and nothing in it is changed.
"""

from medeval.audits.auditing import Audit, Line, audit
from medeval.audits.findings import Checked, Finding, Verified, exit_code
from medeval.audits.lengths import lengths_for
from medeval.audits.rescoring import Where
from medeval.audits.verifying import folder_of, verify

__all__ = [
    "Audit", "Checked", "Finding", "Line", "Verified", "Where", "audit", "exit_code", "folder_of", "lengths_for",
    "verify",
]  # fmt: skip
