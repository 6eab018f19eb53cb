"""What a reply says in a form: numbers, dates, lists, entities and relations, read and marked."""

from medeval.metrics.structured.agreement import of_entities, of_lists, of_relations
from medeval.metrics.structured.corrections import Correction, read_correction
from medeval.metrics.structured.dates import Dated, Gestation, read_date, read_gestation
from medeval.metrics.structured.entities import Mentions, read_mentions
from medeval.metrics.structured.lists import Items, read_list
from medeval.metrics.structured.numbers import Number, read_number
from medeval.metrics.structured.quantities import Wanted, close_to, read_value, value_read, within
from medeval.metrics.structured.relations import Triples, read_triples

__all__ = [
    "Correction", "Dated", "Gestation", "Items", "Mentions", "Number", "Triples", "Wanted", "close_to", "of_entities",
    "of_lists", "of_relations", "read_correction", "read_date", "read_gestation", "read_list", "read_mentions",
    "read_number", "read_triples", "read_value", "value_read", "within",
]  # fmt: skip
