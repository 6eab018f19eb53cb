"""Exams of one's own: a sheet, and ten lines that say what its columns are."""

from medeval.exams.declared import Exam, schema
from medeval.exams.exam import LICENCE, asked, opened
from medeval.exams.starting import begun, place_of

__all__ = ["LICENCE", "Exam", "asked", "begun", "opened", "place_of", "schema"]
