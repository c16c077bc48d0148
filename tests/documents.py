"""The project's documents as tests read them: blocks of code, commands, links and headings."""

import ast
import re
import shlex
from pathlib import Path
from typing import NamedTuple

ROOT = Path(__file__).parents[1]
DOCUMENTS = sorted(
    path
    for folder in (".", "config", "docs", "envs", "profiles", "results/reference")
    for path in (ROOT / folder).glob("*.md")
)
FENCE = re.compile(r"^( *)```(\w*)\n(.*?)^\1```$", re.MULTILINE | re.DOTALL)


class Block(NamedTuple):
    document: Path
    language: str
    text: str

    def __str__(self) -> str:
        return f"{self.document.relative_to(ROOT)}: {self.text.splitlines()[0]}"


def blocks(document: Path, language: str) -> list[Block]:
    """What stands between fences of that language, in order; language "" is for the shell."""
    found = FENCE.findall(document.read_text(encoding="utf-8"))
    return [
        Block(document, tag, re.sub(f"^{indent}", "", text, flags=re.MULTILINE))
        for indent, tag, text in found
        if tag == language
    ]


def prose(document: Path) -> str:
    """The document without its blocks."""
    return FENCE.sub("", document.read_text(encoding="utf-8"))


def commands(document: Path, program: str) -> list[list[str]]:
    """Every call of a program, in blocks for the shell and between backticks, as words, up to a pipe or redirection."""
    lines = [line for block in blocks(document, "") for line in block.text.splitlines()]
    lines += re.findall(r"`([^`\n]+)`", prose(document))
    calls = [re.match(rf"(?:\w+=\S+ )*({program} [^|>]*)", line) for line in lines]
    return [shlex.split(call[1], comments=True) for call in calls if call]


def links(document: Path) -> list[str]:
    """Targets of all links and images that are no addresses."""
    return re.findall(r"\]\((?!\w+:)([^)\s]+)\)", prose(document))


def anchors(document: Path) -> set[str]:
    """What a link into the document may name: its headings, as GitHub spells them."""
    headings = re.findall(r"^#+ (.+)$", prose(document), re.MULTILINE)
    return {re.sub(r"[^\w\- ]", "", heading.lower()).replace(" ", "-") for heading in headings}


def run_python(document: Path) -> list:
    """Run the document's blocks of Python in order, in one namespace; the value of the last expression of each."""
    namespace, values = {}, []
    for block in blocks(document, "python"):
        *body, last = ast.parse(block.text).body
        exec(compile(ast.Module(body, []), str(block), "exec"), namespace)
        values.append(eval(compile(ast.Expression(last.value), str(block), "eval"), namespace))
    return values
