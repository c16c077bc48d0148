"""The report: one file that a browser without network shows whole, every figure once and with its caption."""

import html
import json
import re
import shutil
import subprocess
import zipfile
from html.parser import HTMLParser
from pathlib import Path

import pytest
import yaml
from aespectra.claims.paper import CLAIMS
from aespectra.claims.reconstructions import BY_EYE, THEOREMS

from .conftest import TINY, Project

CHROMIUM = shutil.which("chromium") or shutil.which("google-chrome")
PROBE = (Path(__file__).parent / "report_probe.js").read_text()

NAMES = {
    "Claims": ["Claims 1 to 18"],
    "Figures": [
        "Figure 1: distance of the two spectra",
        "Figure 2: means of the norms",
        "Figure 3: distributions of the norms",
        "Figure 4: spread of the norms",
        "Figure 5: reversals of orientation",
        "Figure 6: angles",
        "The complex plane",
        "Training curves",
    ],
    "Provenance": ["Config, versions and devices"],
    "Tables": ["Table 1: reconstructions, seed 0", "Table 2: reconstructions, seed 1"],
}


@pytest.fixture(scope="module")
def pages(finished_once: Project, tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
    """The page of the report, made as one html file and as a zip that is unpacked here."""
    folder = tmp_path_factory.mktemp("reports")
    for name in ("report.html", "report.zip"):
        finished_once.finish("--report", str(folder / name))
    with zipfile.ZipFile(folder / "report.zip") as archive:
        archive.extractall(folder)
    return {"html": folder / "report.html", "zip": folder / "report" / "report.html"}


def browse(page: Path, size: str, profile: Path) -> dict:
    """What the probe saw in a browser whose window has this size and that reaches no other machine."""
    head, foot = page.read_text().rsplit("</body>", 1)
    listen = "<head><script>window.errors = []; window.onerror = (message) => errors.push(message)</script>"
    probed = page.with_name("probed.html")
    probed.write_text(head.replace("<head>", listen, 1) + f"<script>{PROBE}</script></body>" + foot)
    quiet = ["quic", "gpu", "background-networking", "component-update", "sync"]
    command = [CHROMIUM, "--headless", "--no-sandbox", "--no-first-run", *(f"--disable-{each}" for each in quiet)]
    command += [f"--window-size={size}", "--host-resolver-rules=MAP * ~NOTFOUND", "--virtual-time-budget=60000"]
    try:
        done = _run(command, profile / "first", probed)
    except subprocess.TimeoutExpired:  # now and then the browser itself hangs: it takes 5 seconds, or for ever
        done = _run(command, profile / "second", probed)
    noted = re.search(r'<pre id="seen">(.*?)</pre>', done.stdout, re.DOTALL)
    assert noted, done.stderr
    return json.loads(html.unescape(noted[1]))


def _run(command: list[str], profile: Path, page: Path) -> subprocess.CompletedProcess:
    command = [*command, f"--user-data-dir={profile}", "--dump-dom", page.as_uri()]
    return subprocess.run(command, capture_output=True, text=True, timeout=100)


@pytest.mark.skipif(CHROMIUM is None, reason="neither chromium nor google-chrome is installed")
@pytest.mark.parametrize(("kind", "size"), [("html", "1400,1000"), ("zip", "800,1000")])
def test_a_browser_without_network_shows_everything(
    pages: dict[str, Path], kind: str, size: str, tmp_path: Path
) -> None:
    seen = browse(pages[kind], size, tmp_path)
    assert seen["errors"] == []
    assert seen["menu"] == ["Workflow", "Statistics", "About", *NAMES]
    assert {
        category: [each["name"] for each in seen["results"] if each["category"] == category] for category in NAMES
    } == NAMES
    assert [address for address in seen["loaded"] if not address.startswith(("data:", "file:"))] == []

    assert "Study “tiny”" in seen["front"]
    assert "4 networks with latent dimension d = 2, 3 and seeds 0, 1" in seen["front"]
    assert "60 points x of each of 4 sets: 1,920 spectra" in seen["front"]
    assert seen["claims"] == len(CLAIMS) + len(BY_EYE) + len(THEOREMS)
    for chart in seen["statistics"]:
        assert chart["right"] - chart["left"] > 200
        assert chart["room"] >= 0

    for each in seen["results"]:
        box, frame = each["box"], each["frame"]
        assert each["kind"] == ("IMG" if each["category"] in ("Figures", "Tables") else "IFRAME")
        assert box["left"] >= frame["left"]
        assert box["top"] >= frame["top"]
        assert box["right"] <= frame["right"]
        assert box["bottom"] <= frame["bottom"]
        width, height = box["right"] - box["left"], box["bottom"] - box["top"]
        assert width > 200
        if each["kind"] == "IMG":
            assert each["natural"][0] > 500
            assert width / height == pytest.approx(each["natural"][0] / each["natural"][1], rel=0.02)


def captions(page: Path) -> dict[str, str]:
    """Captions by the name of the file."""
    results = json.loads(re.search(r"^    var results = (.*);$", page.read_text(), re.MULTILINE)[1])
    return {each["name"]: each["caption"] for each in results.values()}


def test_captions_name_points_seeds_and_claims(pages: dict[str, Path]) -> None:
    told = captions(pages["html"])
    texts = {name: html.unescape(" ".join(re.sub(r"<.*?>", "", text).split())) for name, text in told.items()}
    assert len(texts) == 12
    for name, text in texts.items():
        if name.startswith(("figure", "complex", "claims")):
            assert "60 points" in text
        if name.startswith(("figure", "complex", "training")):
            assert re.search(r"seeds? \(0, 1\)", text)
        if name.endswith(".png"):
            assert "claims of the paper" in text
            assert "digits" in text or name == "training_curves.png"
        # neither Jinja nor reStructuredText shows through
        assert not re.search(r"\{\{|\*\*|::|:sub:|\|[JD]|System Message|_train", text)
    assert "of seed 1" in texts["table_2.png"]
    claims = {number for text in told.values() for number in re.findall(r"<strong>(\d+[abcd]?)</strong>", text)}
    assert claims == {claim.number for claim in (*CLAIMS, *BY_EYE, *THEOREMS)} - {
        "25a",
        "25b",
        "25c",
        "25d",
    }  # which no figure can test


class Loaded(HTMLParser):
    """Addresses that a browser follows by itself."""

    def __init__(self) -> None:
        super().__init__()
        self.addresses, self.styles, self.in_style = [], [], False

    def handle_starttag(self, tag: str, attributes: list[tuple[str, str | None]]) -> None:
        self.in_style = tag == "style"
        if tag != "a":
            self.addresses += [value for name, value in attributes if name in ("src", "href", "srcset", "data")]

    def handle_data(self, data: str) -> None:
        if self.in_style:
            self.styles.append(data)


@pytest.mark.parametrize("kind", ["html", "zip"])
def test_nothing_is_loaded_from_elsewhere(pages: dict[str, Path], kind: str) -> None:
    loaded = Loaded()
    loaded.feed(pages[kind].read_text())
    assert len(loaded.styles) >= 2
    assert [address for address in loaded.addresses if not address.startswith("data:")] == []
    assert not re.search(r"@import|url\((?!['\"]?data:)", "".join(loaded.styles))


def test_the_page_of_provenance_holds_config_and_versions(pages: dict[str, Path]) -> None:
    (page,) = pages["zip"].parent.glob("data/raw/*/provenance.html")
    text = page.read_text()
    config = yaml.safe_load(html.unescape(re.search(r"<pre>(.*)</pre>", text, re.DOTALL)[1]))
    assert {key: config[key] for key in ("experiment", "latent_dims", "seeds")} == {
        "experiment": TINY["experiment"],
        "latent_dims": TINY["latent_dims"],
        "seeds": [0, 1],
    }
    assert config["evaluation"]["sets"] == TINY["evaluation"]["sets"]
    assert config["training"] == {
        "epochs": 2,
        "batch_size": 128,
        "optimizer": "Adam",
        "learning_rate": 0.001,
        "loss": "mse",
        "weights": {},
    }
    for title in ("datasets (4)", "networks (4)", "spectra (4)", "summary (1)"):
        assert f"<th>{title}</th>" in text
