"""Case studies: transcripts of several entries side by side, where they differ most or as they are named."""

from medeval.studies.choosing import Case, Study, Wanted, chosen
from medeval.studies.markdown import markdown_of
from medeval.studies.pages import Page, html_of, page_of

__all__ = ["Case", "Page", "Study", "Wanted", "chosen", "html_of", "markdown_of", "page_of"]
