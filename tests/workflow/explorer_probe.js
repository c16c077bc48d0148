// Chooses as a reader of the explorer would; gives what it saw.
(async () => {
  await explorer.ready;
  const seen = {};
  const source = (figure, name) => explorer.drawn()[figure].renderers.find((each) => each.data_source?.name === name).data_source;
  const frame = () => new Promise((resolve) => requestAnimationFrame(() => setTimeout(resolve, 0)));
  const choose = async (name, value) => {
    const control = document.getElementById(name);
    control.value = value;
    control.dispatchEvent(new Event(name === "point" ? "input" : "change"));
    for (let each = 0; each < 3; each++) await frame(); // curves follow
  };
  for (const [name, other, value] of [["d", 0, 1], ["seed", 0, 1], ["set", 1, 2], ["jacobian", 0, 1], ["point", 0, 4]]) {
    await choose(name, other);
    await choose(name, value);
  }
  seen.x = Array.from(source("plane", "shown").data.x);
  seen.y = Array.from(source("plane", "shown").data.y);
  seen.train = Array.from(source("plane", "train").data.x);
  seen.chosen = Array.from(source("plane", "chosen").data.x);
  seen.middle = Array.from(source("norms", "shown").data.middle);
  seen.reversed = Array.from(source("reversed", "shown").data.middle, String);
  seen.figures = document.querySelectorAll(".bk-Figure").length;
  seen.numbers = document.getElementById("numbers").innerText;
  seen.caption = document.getElementById("reconstructed").textContent;
  await choose("point", 1);
  seen.reconstructed = document.getElementById("reconstruction").style.visibility;
  explorer.point(0, { sx: 0, sy: 0 });
  seen.pointed = document.getElementById("point").value;
  await new Promise((resolve) => setTimeout(resolve, 200)); // it waits until choices rest
  seen.gallery = document.querySelectorAll("#gallery canvas").length;
  seen.reached = [...document.querySelectorAll("select, input")].every((each) => each.tabIndex === 0 && each.labels.length > 0);
  seen.beside = document.documentElement.scrollWidth - innerWidth;
  return seen;
})();
