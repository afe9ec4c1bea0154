"""Texts as HTML: what authors may write, and that nothing else comes through."""

from __future__ import annotations

import re
from html.parser import HTMLParser

import pytest
from hypothesis import given
from hypothesis import strategies as st

from iamconsole.labs.format import texts

HOSTILE = '<img src=x onerror="alert(1)">*_[x](javascript:alert(1))`|"\'&'


ALLOWED = set("class tabindex role aria-label type data-copy start href target rel".split())
ELEMENTS = set(
    "a blockquote br button code div em h4 h5 h6 hr li ol p pre s strong table tbody td th thead "
    "tr ul".split()
)


class Elements(HTMLParser):
    """The names of elements and of their attributes, as a browser would see them."""

    def __init__(self) -> None:
        super().__init__()
        self.names: set[str] = set()
        self.attributes: set[str] = set()

    def handle_starttag(self, tag, attrs):
        """Note them."""
        self.names.add(tag)
        self.attributes |= {name for name, _ in attrs}

    handle_startendtag = handle_starttag


def attributes(made: str) -> set[str]:
    """The attributes of a page whose elements are allowed, all of them."""
    elements = Elements()
    elements.feed(made)
    assert elements.names <= ELEMENTS
    return elements.attributes


def problems(markdown: str) -> list[str]:
    return [message for _, message in texts.problems(markdown)]


def test_markdown_becomes_html_below_the_heading_of_the_drawer():
    made = texts.html("# One\n\n## Two\n\nA *word* and `code`.\n\n1. first\n", {})
    assert "<h4>One</h4>" in made
    assert "<h5>Two</h5>" in made
    assert "<em>word</em> and <code>code</code>" in made
    assert "<ol>" in made
    assert "<h2>One</h2>" in texts.html("# One", {}, top=2)


def test_tables_can_be_scrolled_by_keyboard():
    made = texts.html("| a | b |\n|---|---|\n| 1 | {user} |\n", {"user": "ana"})
    assert 'class="table-scroll" tabindex="0" role="group" aria-label="Table"' in made
    assert "<td>ana</td>" in made


def test_values_stand_in_text_code_blocks_and_links():
    made = texts.html(
        "{user_name} `{user_name}` [x](/console/iam/users/{user_name}/)\n\n"
        "```bash\nx {user_name}\n```",
        {"user_name": "a/b"},
    )
    assert "<p>a/b <code>a/b</code>" in made
    assert 'href="/console/iam/users/a%2Fb/"' in made
    assert 'data-copy="x a/b"' in made


def test_names_that_stand_for_nothing_and_variables_of_policies_are_left():
    assert "{other} ${user} ${aws:username}" in texts.html(
        "{other} ${user} ${aws:username}", {"user": "ana"}
    )


@pytest.mark.parametrize(
    "place", ["{v}", "`{v}`", "**{v}**", "```\n{v}\n```", "# {v}", "|{v}|\n|-|\n"]
)
def test_a_value_is_text_whatever_it_holds(place):
    found = attributes(texts.html(place, {"v": HOSTILE}))
    assert found <= ALLOWED - {"href"}


@pytest.mark.parametrize(
    "address", ["/console/{v}", "/labs/{v}/", "https://docs.aws.amazon.com/{v}"]
)
def test_a_value_cannot_turn_a_link(address):
    made = texts.html(f"[x]({address})", {"v": '"><script>alert(1)</script>/../..'})
    assert "<script" not in made
    assert ".." not in made.replace("%2F..", "")


@pytest.mark.parametrize(
    "address",
    [
        "javascript:alert(1)", "https://evil.example/", "//evil.example/", "/signout/",
        "https://docs.aws.amazon.com.evil.example/", "http://docs.aws.amazon.com/", "data:,x",
        "/console/../signin/", "{v}", "console/", "/consolex/",
    ],
)  # fmt: skip
def test_links_lead_to_the_console_the_labs_and_the_documentation_only(address):
    assert "href" not in texts.html(f"[x]({address}) <{address}>", {"v": "https://evil.example/"})
    if not address.startswith(("javascript", "data")):
        assert any("A link leads to" in each for each in problems(f"[x]({address})"))


def test_links_out_open_apart_and_tell_nobody():
    made = texts.html("[x](https://docs.aws.amazon.com/IAM/) [y](/labs/)", {})
    assert made.count('target="_blank" rel="noopener noreferrer"') == 1
    assert problems("[x](https://docs.aws.amazon.com/IAM/) [y](/console/iam/users/{user}/)") == []


@pytest.mark.parametrize(
    "markdown",
    [
        "<script>alert(1)</script>", "a <b>c</b>", "<img src=x onerror=alert(1)>", "<!-- x -->",
        "<style>*{}</style>", "<iframe src=//x></iframe>", "<a href=/x>",
    ],
)  # fmt: skip
def test_raw_html_stays_text_and_is_found(markdown):
    made = texts.html(markdown, {})
    # Nothing but paragraphs was made of it.
    assert not re.sub(r"</?p>", "", made).count("<")
    assert any("Raw HTML" in each for each in problems(markdown))


def test_pictures_are_left_out_and_found():
    assert "<img" not in texts.html("![x](/console/x.png)", {})
    assert problems("![x](/console/x.png)") == ["Pictures have no place in a text."]


def test_problems_have_their_lines():
    assert [line for line, _ in texts.problems("one\n\ntwo <b>\n\n<hr>\n")] == [3, 5]


@given(st.text(max_size=300), st.text(max_size=30))
def test_no_text_and_no_value_makes_an_element_that_is_not_allowed(markdown, value):
    made = texts.html(f"{markdown}\n{{v}}", {"v": value})
    assert attributes(made) <= ALLOWED
    list(texts.problems(markdown))
