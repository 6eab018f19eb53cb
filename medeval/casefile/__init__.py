"""What can be known of a patient: sentences of a case, and what they are about."""

from medeval.casefile.domains import DOMAINS, domains_of
from medeval.casefile.telling import confirmed, facts_in, told_by

__all__ = ["DOMAINS", "confirmed", "domains_of", "facts_in", "told_by"]
