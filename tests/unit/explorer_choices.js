// Chooses everything that the explorer lets one choose, by script, mouse and keyboard; gives what it saw.
(async () => {
  await explorer.ready;
  const control = (id) => document.getElementById(id);
  const source = (figure, name) => explorer.drawn()[figure].renderers.find((each) => each.data_source?.name === name).data_source;
  const frame = () => new Promise((resolve) => requestAnimationFrame(() => setTimeout(resolve, 0)));
  const until = async (wanted) => {
    for (let i = 0; i < 200 && !wanted(); i++) await frame();
    return wanted();
  };
  const rest = () => new Promise((resolve) => setTimeout(resolve, 200)); // tables wait until choices rest
  const choose = (id, value) => {
    control(id).value = value;
    control(id).dispatchEvent(new Event("change"));
  };
  const gray = (id) => {
    const { width, height } = control(id);
    return Array.from(control(id).getContext("2d").getImageData(0, 0, width, height).data).filter((_, i) => i % 4 === 0);
  };
  const seen = { choices: [], hovered: [], focused: [], tables: [] };

  const all = (id) => [...control(id).options].map((option) => option.value);
  for (const family of all("family")) for (const d of all("d")) for (const seed of all("seed"))
    for (const set of all("set")) for (const jacobian of all("jacobian")) {
      Object.entries({ family, d, seed, set, jacobian }).forEach(([id, value]) => choose(id, value));
      await frame(); // curves follow the cloud
      await frame();
      seen.choices.push({
        at: [family, d, seed, set, jacobian].map(Number),
        x: Array.from(source("plane", "shown").data.x),
        y: Array.from(source("plane", "shown").data.y),
        train: Array.from(source("plane", "train").data.x),
        angles: Array.from(source("angles", "shown").data.middle),
        difference: Array.from(source("difference", "shown").data.upper),
      });
    }

  // the mouse: at eigenvalues that no other point's hide
  const view = Bokeh.index.get_one(explorer.drawn().plane);
  control("plane").scrollIntoView({ block: "center" });
  await frame();
  const { x, y, point } = source("plane", "shown").data;
  const box = view.el.getBoundingClientRect();
  const places = Array.from(x, (_, i) => [view.frame.x_scale.compute(x[i]), view.frame.y_scale.compute(y[i])]);
  const alone = (i) => places.every(([left, top], j) => point[i] === point[j] || Math.hypot(left - places[i][0], top - places[i][1]) > 12);
  for (let i = 0; i < x.length; i++) {
    if (Math.max(Math.abs(x[i]), Math.abs(y[i])) > 2.3 || !alone(i)) continue;
    control("point").value = (point[i] + 1) % 3;
    act(JSON.stringify(["Input.dispatchMouseEvent", { type: "mouseMoved", x: 2, y: 2 }]));
    await frame();
    act(JSON.stringify(["Input.dispatchMouseEvent", { type: "mouseMoved", x: box.left + places[i][0], y: box.top + places[i][1] }]));
    await until(() => Number(control("point").value) === point[i]);
    const kept = control("reconstruction").style.visibility === "visible";
    seen.hovered.push({ point: point[i], found: Number(control("point").value), image: gray("image"), made: kept ? gray("reconstruction") : null, chosen: Array.from(source("plane", "chosen").data.x) });
  }

  // the keyboard
  const press = async (key, wanted) => {
    for (const type of ["keyDown", "keyUp"]) act(JSON.stringify(["Input.dispatchKeyEvent", { type, key, code: key, windowsVirtualKeyCode: { Tab: 9, ArrowUp: 38, ArrowRight: 39, ArrowDown: 40 }[key] }]));
    await until(wanted);
  };
  choose("d", 0);
  document.body.tabIndex = -1;
  document.body.focus(); // else a Tab may go on from where the mouse is
  for (let i = 0; i < 6; i++) {
    const before = document.activeElement;
    await press("Tab", () => document.activeElement !== before);
    seen.focused.push(document.activeElement.id);
    if (document.activeElement.id === "d") await press("ArrowDown", () => control("d").value === "1");
    if (document.activeElement.id === "point") {
      control("point").value = 0;
      await press("ArrowRight", () => control("point").value === "1");
    }
  }
  seen.byKeys = [control("d").value, control("point").value, Array.from(source("plane", "shown").data.x).length];

  // tables
  const lines = (section) => [...section.querySelectorAll("tbody tr")].map((row) => [...row.cells].map((cell) => cell.textContent));
  for (const section of document.querySelectorAll("#tables section")) {
    choose("family", 1);
    choose("d", 0);
    choose("seed", 1);
    await rest();
    const [networks, first] = section.querySelectorAll("select");
    const found = { title: section.querySelector("h2").textContent, chosen: lines(section), told: section.querySelector("[role=status]")?.textContent };
    seen.tables.push(found);
    if (!networks) continue;
    networks.value = "all";
    networks.dispatchEvent(new Event("change"));
    found.all = lines(section).length;
    const number = section.querySelectorAll("th button")[3];
    number.click();
    found.rising = lines(section).map((cells) => Number(cells[3]));
    number.click();
    found.falling = lines(section).map((cells) => Number(cells[3]));
    found.sorted = number.closest("th").ariaSort;
    found.led = [];
    for (const row of [...section.querySelectorAll("tbody tr")].slice(0, 40)) {
      row.querySelector("a").click();
      found.led.push([...[...row.cells].map((cell) => cell.textContent), ...["family", "d", "seed", "set"].map((id) => control(id).selectedOptions[0].text)]);
    }
    found.hash = location.hash;
    first.selectedIndex = 1;
    first.dispatchEvent(new Event("change"));
    found.filtered = [...new Set(lines(section).map((cells) => cells[1]))];
  }

  // claims
  choose("family", 1);
  choose("jacobian", 0);
  await rest();
  const claims = [...document.querySelectorAll("#claims tbody tr")];
  seen.claims = claims.filter((row) => !row.hidden).map((row) => row.cells[0].textContent + row.cells[1].textContent);
  seen.led = [];
  for (const row of claims.filter((row) => !row.hidden && row.querySelector("a"))) {
    row.querySelector("a").click();
    await frame();
    const top = control(location.hash.slice(1)).getBoundingClientRect().top;
    seen.led.push([row.cells[1].textContent, control("jacobian").value, location.hash, top > 0 && top < innerHeight]);
  }
  return seen;
})();
