"""The ends of sentences belong to sentences that exist."""

from loganalyzer.formats.grammar import TAILS, read
from loganalyzer.vocabulary import BY_HEAD, SENTENCES


def test_every_tail_has_its_head() -> None:
    """A head that is renamed in the vocabulary takes its tail with it, or this fails."""
    assert TAILS.keys() <= BY_HEAD.keys()


def test_a_head_is_read_however_its_words_are_spaced() -> None:
    """Doubled blanks, and none behind a colon, do not hide which sentence it is."""
    for sentence in SENTENCES[1:]:
        if "…" in sentence.head or sentence.exact or sentence.pattern:
            continue
        for spaced in (sentence.head.replace(" ", "  "), sentence.head.replace(": ", ":")):
            assert read(spaced)[0].head == sentence.head, spaced
