"""Small HTML pages for the report: plain, and nothing in them is loaded from elsewhere."""

from collections.abc import Iterable
from html import escape
from pathlib import Path

from ..files import written_whole

PAGE = """<!doctype html>
<html lang="en">
<meta charset="utf-8">
<title>{title}</title>
<style>
body {{ font: 14px/1.4 system-ui, sans-serif; margin: 1.5rem; }}
table {{ border-collapse: collapse; }}
th, td {{ padding: 0.15rem 0.8rem 0.15rem 0; border-bottom: 1px solid #ddd; text-align: left; vertical-align: top; }}
pre {{ font-size: 13px; white-space: pre-wrap; }}
</style>
{body}
</html>
"""


def write_page(path: Path, title: str, *parts: str) -> None:
    """Write a page, whole or not at all.

    Parameters
    ----------
    path : Path
        File to make.
    title : str
        Plain text.
    *parts : str
        HTML, as of heading, verbatim and table.
    """
    with written_whole(path) as part:
        part.write_text(PAGE.format(title=escape(title), body="\n".join(parts)), encoding="utf-8")


def heading(text: str) -> str:
    """A heading, from plain text."""
    return f"<h2>{escape(text)}</h2>"


def verbatim(text: str) -> str:
    """Plain text with its line breaks."""
    return f"<pre>{escape(text)}</pre>"


def markdown(head: Iterable[str], *rows: Iterable[str]) -> str:
    """The same table in Markdown, without the end of the last line; cells are its inline text."""
    titles = list(head)
    lines = [titles, ["---"] * len(titles), *rows]
    return "\n".join(f"| {' | '.join(cell.replace('|', chr(92) + '|') for cell in line)} |" for line in lines)


def table(head: Iterable[str], *rows: Iterable[str]) -> str:
    """A table, from the plain text of its cells."""
    return "\n".join(["<table>", _row("th", head), *(_row("td", row) for row in rows), "</table>"])


def _row(cell: str, texts: Iterable[str]) -> str:
    return f"<tr>{''.join(f'<{cell}>{escape(text)}</{cell}>' for text in texts)}</tr>"
