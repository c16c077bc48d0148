"""The kept explorer of the study in a headless browser: until its first picture, and from a choice to what it shows."""

import tempfile
from pathlib import Path

from timing import ROOT

from tests.browser import ask

PAGE = ROOT / "results" / "reference" / "explorer.html"
TIMES = """
(async () => {
  await explorer.ready;
  const took = [];
  for (const [id, one, other] of [["d", 17, 18], ["seed", 0, 1], ["set", 1, 2], ["jacobian", 0, 1], ["point", 5, 6]]) {
    let least = Infinity;
    for (const value of [one, other, one, other, one, other]) {
      await new Promise((resolve) => setTimeout(resolve, 500)); // all that follows the former choice is drawn
      const began = performance.now();
      document.getElementById(id).value = value;
      document.getElementById(id).dispatchEvent(new Event(id === "point" ? "input" : "change"));
      await new Promise(requestAnimationFrame);
      least = Math.min(least, performance.now() - began); // whatever else the machine does
    }
    took.push(least);
  }
  return [Number(document.body.dataset.ready), Math.max(...took)];
})()
"""


def compare() -> list[dict]:
    """Milliseconds, the least of three loads, by the width of the window; of choices the slowest of the five."""
    rows = []
    for width in (1280, 390):
        with tempfile.TemporaryDirectory() as folder:
            loads = [ask(PAGE, TIMES, width, Path(folder) / str(turn)) for turn in range(3)]
        ready, choice = (min(each) for each in zip(*loads, strict=True))
        rows.append({"width": width, "first picture, ms": ready, "slowest choice, ms": choice})
    return rows
