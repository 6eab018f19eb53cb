"""Metrics for texts, held against references or by themselves, in English and Chinese."""

from medeval.metrics.text.bleu import BLEU, GLEU
from medeval.metrics.text.chrf import CHRF
from medeval.metrics.text.distinct import DISTINCT
from medeval.metrics.text.meteor import METEOR
from medeval.metrics.text.rouge import ROUGE
from medeval.metrics.text.shape import SHAPE
from medeval.metrics.text.words import WORDS

TEXT = (*ROUGE, *BLEU, CHRF, GLEU, METEOR, *WORDS, *DISTINCT, *SHAPE)
"""All of them."""

__all__ = ["BLEU", "CHRF", "DISTINCT", "GLEU", "METEOR", "ROUGE", "SHAPE", "TEXT", "WORDS"]
