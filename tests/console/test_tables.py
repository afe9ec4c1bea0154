"""Lists keep their state in the address, and ignore what makes no sense there."""

from django.http import QueryDict
from django.template.loader import render_to_string

from accounts.errors import AccessDenied, ServiceFailure
from accounts.paging import Page
from iamconsole.console.components.tables import Column, Filter, Table

COLUMNS = (Column("name", "User name"), Column("groups", "Groups", sortable=False))
TYPES = Filter("type", "Filter by type", (("", "All types"), ("aws", "AWS managed")))


def table(query: str = "", **options) -> Table:
    return Table(QueryDict(query), COLUMNS, **options)


def drawn(shown: Table, **parameters: str) -> str:
    return render_to_string(
        "components/table.html",
        {"table": shown, "label": "Users", "rows": "components/button.html", **parameters},
    )


def test_search_sorting_and_page_come_from_the_address():
    asked = table("search=+bob+&sort=-name&page=3")
    assert (asked.search, asked.order, asked.number) == ("bob", "-name", 3)


def test_what_makes_no_sense_in_the_address_is_ignored():
    for query in ("page=0", "page=-1", "page=x", "page=²", "page=99999999999", "page="):
        assert table(query).number == 1, query
    for query in ("sort=password", "sort=groups", "sort=--name", "sort="):
        assert table(query, sort="name").order == "name", query
    assert table("type=other", filters=[TYPES]).filtered == {"type": ""}


def test_a_heading_sorts_and_then_turns_round_and_forgets_the_page():
    heading = table("sort=name&page=4&search=a").headings[0]
    assert (heading.url, heading.sorted) == ("?sort=-name&search=a", "ascending")
    assert table("sort=-name").headings[0].url == "?sort=name"
    assert table().headings[1].url == ""


def test_page_links_show_both_ends_and_the_neighbours():
    long = table("page=5&search=a%26b")
    long.show(Page(range(20), total=200, number=5, pages=10))
    assert [link.number for link in long.page_links] == [1, 0, 4, 5, 6, 0, 10]
    assert long.next_url == "?page=6&search=a%26b"
    assert [link.number for link in long.page_links if link.current] == [5]


def test_two_tables_of_one_page_keep_out_of_each_others_way():
    query = QueryDict("groups-search=ops&policies-page=2")
    groups, policies = (Table(query, COLUMNS, key=key) for key in ("groups", "policies"))
    assert (groups.search, policies.search, groups.number, policies.number) == ("ops", "", 1, 2)
    assert groups.kept == [("policies-page", "2")]
    assert groups.plain_url == "?policies-page=2"


def test_a_search_keeps_the_sorting_but_not_the_page():
    assert table("sort=-name&page=2&search=x").kept == [("sort", "-name")]


def test_each_state_of_a_table_says_what_it_is():
    empty, nothing_fits, denied, broken = table(), table("search=<b>"), table(), table()
    denied.refuse(AccessDenied("No.", action="iam:ListUsers", principal="arn:aws:iam::1:user/eve"))
    broken.refuse(ServiceFailure("The database did not answer."))
    assert "No users yet" in drawn(empty, empty="No users yet")
    fits = drawn(nothing_fits, empty="No users yet", find="Find users")
    assert "No matches" in fits
    assert "No users yet" not in fits
    assert 'value="&lt;b&gt;"' in fits
    assert "iam:ListUsers" in drawn(denied)
    assert "The database did not answer." in drawn(broken)
