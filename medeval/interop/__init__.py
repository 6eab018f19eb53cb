"""Bridges to other harnesses: their tasks through our engines and journal, asked and marked as they ask and mark.

A name says whose a task is: `lm-eval:NAME`. Nothing of another harness is imported before such a name is met.
"""

from medeval.interop.sittings import Foreign, again, is_foreign, sit

__all__ = ["Foreign", "again", "is_foreign", "sit"]
