"""Bridges to other harnesses: their tasks through our engines and journal, asked and marked as they ask and mark.

A name says whose a task is: `lm-eval:NAME`; and whose a metric: `evaluate:PATH`. Nothing of another harness is imported
before such a name is met.
"""

from medeval.interop.modules import metrics_of, modules_folder
from medeval.interop.sittings import Foreign, again, is_foreign, sit

__all__ = ["Foreign", "again", "is_foreign", "metrics_of", "modules_folder", "sit"]
