"""Markdown by GitHub's own parser: what comes from a log never becomes anything but text."""

from __future__ import annotations

import html
import re

import cmarkgfm
import pytest
from cmarkgfm.cmark import Options
from hypothesis import given
from hypothesis import strategies as st

from loganalyzer.reports.gfm import LONGEST, code, link, prose, table

HOSTILE = (
    "`", "``", "a`b", "` |", "\\|", "\\\\|", "|", "a|b`c|", "\\", "[x](https://evil.example)", "<script>x</script>",
    "<!--", "**b**", "@octocat", "#1", "GH-1", "www.evil.example", "https://evil.example", "a@evil.example", ":tada:",
    "$$x$$", "&lt;", "&#124;", "\x1b[31m", "\u202e", "\n\n# head", "x\r\n| a | b |", "~~gone~~", "![i](https://evil.test)",
    "_a_", "snake_case_word", "\udc80", "](", "]: https://evil.example", "mailto:a@evil.example", "FTP://evil.example",
)  # fmt: skip
texts = st.one_of(st.sampled_from(HOSTILE), st.lists(st.sampled_from(HOSTILE), max_size=4).map("".join), st.text())


def rendered(markdown: str) -> str:
    """The HTML that GitHub makes of it."""
    return str(cmarkgfm.github_flavored_markdown_to_html(markdown, Options.CMARK_OPT_UNSAFE))


def shape(document: str) -> list[str]:
    """The tags of some HTML, without what is in them."""
    return [tag.partition(" ")[0] for tag in re.findall(r"</?[a-z][^>]*>|<!--", document)]


def in_table(*cells: str) -> str:
    """A table of one row."""
    return rendered("\n".join(table(["a", "#b"], [cells])))


PLAIN = shape(in_table("x", "y"))


@given(texts)
def test_a_code_span_holds_all_of_a_text(text: str) -> None:
    """In a paragraph and in a table, a code span begins and ends where it should and shows the text."""
    span = code(text)
    assert shape(rendered(f"a {span} b")) in (["<p>", "<code>", "</code>", "</p>"], ["<p>", "</p>"])
    within = [tag for tag in shape(in_table(span, "y")) if "code" not in tag]
    assert within == PLAIN
    assert "\n" not in span and len(span) <= 3 * LONGEST + 4


@given(texts)
def test_prose_is_words(text: str) -> None:
    """No text makes mark-up of itself, in a paragraph or in a table, and GitHub finds nothing in it to link."""
    words = prose(text)
    assert shape(rendered(f"a {words} b")) == ["<p>", "</p>"]
    assert shape(in_table(f"a {words}", words)) == PLAIN
    shown = html.unescape(rendered(f"a {words} b"))
    assert not re.search(r"(?i)@\w|#\w|GH-\d|www\.\w|://|\x1b|\u202e", shown)


@pytest.mark.parametrize("text", ["Read snake_case and {'a': 1}.", "09:00:31", "API Gateway's own"])
def test_plain_words_stay_as_they_are(text: str) -> None:
    """What has no meaning in Markdown is not escaped: the note is read raw in chats."""
    assert prose(text) == text


def test_code_shows_what_was_there() -> None:
    """Back-quotes and blanks survive; a pipe is written out; nothing at all is a dash; what is long is cut."""
    assert rendered(code("a``b")) == "<p><code>a``b</code></p>\n"
    assert rendered(code("`a`")) == "<p><code>`a`</code></p>\n"
    assert code("a\\|b") == "`a\\\\x7cb`"
    assert code("") == code("  ") == "–"
    assert len(code("x" * 1_000_000)) == LONGEST + 2


@pytest.mark.parametrize("address", ["javascript:alert(1)", "data:text/html,x", ""])
def test_only_https_is_linked(address: str) -> None:
    """An address of any other kind is left out."""
    assert link("words", address) == "words"


def test_an_address_cannot_end_its_link() -> None:
    """Brackets, blanks and pipes in an address are encoded."""
    assert link("a]b", "https://x.example/a)|b c") == "[a\\]b](https://x.example/a%29%7Cb%20c)"
