"""Case studies: transcripts of several entries side by side, where they differ most or as they are named."""

from medeval.studies.choosing import MOST, Case, Wanted, chosen
from medeval.studies.pages import html_of, markdown_of, page_of

__all__ = ["MOST", "Case", "Wanted", "chosen", "html_of", "markdown_of", "page_of"]
