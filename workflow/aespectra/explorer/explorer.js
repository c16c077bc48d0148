// Fills the page with what stands in it as JSON; the figures are Bokeh's, the choices the browser's own.
const explorer = (() => {
  const contents = JSON.parse(document.getElementById("contents").textContent);
  const figures = JSON.parse(document.getElementById("figures").textContent);
  const control = (name) => document.getElementById(name);
  const [channels, height, width] = contents.shape;
  const pixels = channels * height * width;
  const points = contents.shown.length;
  const cache = new Map();

  const bytes = (text) => Uint8Array.from(atob(text), (character) => character.charCodeAt(0));

  // float16 to numbers: not every browser has an array of them
  const halves = (text) => {
    const words = new Uint16Array(bytes(text).buffer);
    const found = new Float32Array(words.length);
    words.forEach((word, i) => {
      const sign = word & 0x8000 ? -1 : 1;
      const exponent = (word >> 10) & 31;
      const fraction = word & 1023;
      if (exponent === 31) found[i] = fraction ? NaN : sign * Infinity;
      else found[i] = sign * (exponent ? 2 ** (exponent - 15) * (1 + fraction / 1024) : (2 ** -14 * fraction) / 1024);
    });
    return found;
  };
  const cached = (key, make) => {
    if (!cache.has(key)) cache.set(key, make());
    return cache.get(key);
  };
  const decoded = (kind, name, how) => cached(kind + name, () => how(name === "" ? contents[kind] : contents[kind][name]));
  const floats = (text) => new Float32Array(bytes(text).buffer);

  const option = (select, labels) => {
    control(select).replaceChildren(...labels.map((label, index) => new Option(label, index)));
  };
  const at = (select) => Number(control(select).value);
  const before = {};
  const changed = (what, choices) => {
    const now = choices.map(at).join();
    const differs = before[what] !== now;
    before[what] = now;
    return differs;
  };
  const network = (d) => `${contents.families[at("family")]}/${contents.latent_dims[d]}/${contents.seeds[at("seed")]}`;

  const draw = (canvas, values, start) => {
    if (canvas.width !== width || canvas.height !== height) Object.assign(canvas, { width, height });
    const context = canvas.getContext("2d");
    const image = context.createImageData(width, height);
    for (let i = 0; i < height * width; i++) {
      for (let channel = 0; channel < 3; channel++) {
        image.data[4 * i + channel] = values[start + (channels === 3 ? channel * height * width : 0) + i];
      }
      image.data[4 * i + 3] = 255;
    }
    context.putImageData(image, 0, 0);
  };

  const source = (figure, name) => {
    for (const renderer of figure.renderers) if (renderer.data_source?.name === name) return renderer.data_source;
  };

  // eigenvalues of one set: their parts, and the point that each is of
  const cloud = (set) => {
    const d = contents.latent_dims[at("d")];
    const values = decoded("eigenvalues", network(at("d")), halves);
    const start = ((at("jacobian") * contents.sets.length + set) * points) * d * 2;
    const found = { x: new Float32Array(points * d), y: new Float32Array(points * d), point: new Int32Array(points * d) };
    for (let i = 0; i < points * d; i++) {
      found.x[i] = values[start + 2 * i];
      found.y[i] = values[start + 2 * i + 1];
      found.point[i] = Math.floor(i / d);
    }
    return found;
  };

  // what stands at [statistic,] family, d, set, seed[, Jacobian][, quantile], against d; a single number is all five lines
  const curves = (kind, statistic, set, scaled) => {
    const sizes = [contents.families.length, contents.latent_dims.length, contents.sets.length, contents.seeds.length];
    const all = decoded(kind, "", floats);
    const found = { d: contents.latent_dims, low: [], lower: [], middle: [], upper: [], high: [] };
    const each = kind === "reversed" ? 1 : 5;
    contents.latent_dims.forEach((_, d) => {
      let place = statistic;
      [at("family"), d, set, at("seed")].forEach((index, axis) => (place = place * sizes[axis] + index));
      if (kind !== "difference") place = place * 2 + at("jacobian");
      ["low", "lower", "middle", "upper", "high"].forEach((name, q) => {
        const value = scaled(all[place * each + (each === 5 ? q : 0)]);
        found[name].push(value);
      });
    });
    return found;
  };

  const drawn = {}; // figures that are there
  let mouse = {};
  const shownPoint = () => Math.min(at("point"), points - 1);

  const showPoint = () => {
    const point = shownPoint();
    const set = at("set");
    const images = decoded("images", "", bytes);
    draw(control("image"), images, (set * points + point) * pixels);
    const example = contents.shown[point];
    const kept = example < contents.examples;
    control("reconstruction").style.visibility = kept ? "visible" : "hidden";
    if (kept) {
      const made = decoded("reconstructions", network(at("d")), bytes);
      draw(control("reconstruction"), made, (set * contents.examples + example) * pixels);
    }
    control("reconstructed").textContent = kept ? "reconstruction" : contents.examples ? `kept of the first ${contents.examples} points` : "";
    const numbers = decoded("numbers", network(at("d")), halves);
    const number = (index) => numbers[(index * contents.sets.length + set) * points + point];
    const d = contents.latent_dims[at("d")];
    const all = cloud(set);
    const mine = [...Array(d).keys()].map((i) => [all.x[point * d + i], all.y[point * d + i]]);
    const text = mine.map(([x, y]) => `${x.toPrecision(3)}${y ? (y > 0 ? " + " : " − ") + Math.abs(y).toPrecision(3) + "i" : ""}`);
    const rows = [
      ["sample", `${example} of ${contents.samples.toLocaleString("en")}`],
      ["‖z‖", number(0).toPrecision(3)],
      ["squared error a pixel", number(1).toPrecision(3)],
      ["same units on at x and f(x)", number(2) ? "yes" : "no"],
      ["λ", text.join(", ")],
    ];
    control("numbers").replaceChildren(
      ...rows.map((cells) => {
        const row = document.createElement("tr");
        row.append(...cells.map((cell, i) => Object.assign(document.createElement(i ? "td" : "th"), { textContent: cell })));
        return row;
      })
    );
    if (drawn.plane) {
      const chosen = { x: mine.map((z) => z[0]), y: mine.map((z) => z[1]), point: mine.map(() => point) };
      source(drawn.plane, "chosen").data = chosen;
    }
  };

  // made once: only what stands in them changes
  const gallery = [...Array(Math.min(contents.examples, points)).keys()].map((example) => {
    const row = control("gallery").insertRow();
    row.append(Object.assign(document.createElement("th"), { textContent: String(example) }));
    return [...Array(1 + contents.latent_dims.length)].map(() => row.insertCell().appendChild(document.createElement("canvas")));
  });
  const head = control("gallery").createTHead().insertRow();
  for (const text of ["", "x", ...contents.latent_dims.map((d) => `d=${d}`)]) head.append(Object.assign(document.createElement("th"), { textContent: text }));
  control("reconstructions").hidden = contents.examples === 0;
  const showGallery = () => {
    if (!changed("gallery", ["family", "seed", "set"])) return; // of all d already
    const images = decoded("images", "", bytes);
    gallery.forEach(([first, ...others], example) => {
      draw(first, images, (at("set") * points + example) * pixels);
      others.forEach((canvas, d) => draw(canvas, decoded("reconstructions", network(d), bytes), (at("set") * contents.examples + example) * pixels));
    });
  };

  const show = () => {
    const { x, y } = cloud(at("set"));
    const outside = x.reduce((sum, value, i) => sum + !(Math.abs(value) <= 2.5 && Math.abs(y[i]) <= 2.5), 0);
    const all = contents.samples.toLocaleString("en");
    control("told").textContent =
      (points === contents.samples
        ? `All ${all} points of every set are shown as eigenvalues. `
        : `${points} of ${all} points of every set are shown as eigenvalues: the first 3, and others drawn at random ` +
          `(seed ${contents.drawn_by}), the same for all networks. `) +
      `Of this set's ${x.length.toLocaleString("en")} eigenvalues ${outside.toLocaleString("en")} lie outside of the frame. ` +
      `Lines against d are over all points.`;
    if (drawn.plane) {
      source(drawn.plane, "train").data = cloud(0);
      source(drawn.plane, "shown").data = cloud(at("set"));
    }
    showPoint();
    requestAnimationFrame(() => setTimeout(showCurves)); // when that is seen
    clearTimeout(waiting);
    waiting = setTimeout(showBelow, 100); // milliseconds: what takes longest waits until the choices rest
  };

  let waiting = 0;
  const showCurves = () => {
    if (!drawn.difference || !changed("curves", ["family", "seed", "set", "jacobian"])) return;
    for (const [name, set] of [["train", 0], ["shown", at("set")]]) {
      source(drawn.norms, name).data = curves("quantiles", 0, set, Math.exp);
      source(drawn.angles, name).data = curves("quantiles", 1, set, (value) => value / Math.PI);
      source(drawn.reversed, name).data = curves("reversed", 0, set, (value) => value);
      source(drawn.difference, name).data = curves("difference", 0, set, (value) => value);
    }
  };
  const showBelow = () => {
    showGallery();
    showTables();
    for (const row of document.querySelectorAll("[data-family]")) row.hidden = row.dataset.family !== contents.families[at("family")];
  };

  const choose = (choice) => {
    for (const [name, value] of Object.entries(choice)) control(name).value = value;
    show();
  };
  const showTables = explorerTables(contents, (text, key) => cached(key, () => floats(text)), at, choose);
  // a claim is of a Jacobian, whose picture it leads to
  document.addEventListener("click", ({ target }) => {
    const jacobian = target.closest("a") && target.closest("[data-jacobian]")?.dataset.jacobian;
    if (jacobian) choose({ jacobian: jacobian === "input" ? 0 : 1 });
  });

  option("family", contents.families);
  option("d", contents.latent_dims);
  option("seed", contents.seeds);
  option("set", contents.sets);
  control("set").value = Math.min(1, contents.sets.length - 1);
  control("point").max = points - 1;
  for (const name of ["family", "d", "seed", "set", "jacobian"]) control(name).addEventListener("change", show);
  control("point").addEventListener("input", showPoint);

  const embed = async (name) => {
    await Bokeh.embed.embed_item(figures[name]);
    drawn[name] = Bokeh.documents.map((each) => each.get_model_by_name(name)).find(Boolean);
  };
  const ready = (async () => {
    await embed("plane");
    show();
    await new Promise(requestAnimationFrame);
    document.body.dataset.ready = performance.now(); // milliseconds from when the page was asked for to its first picture
    for (const name of Object.keys(figures)) if (name !== "plane") await embed(name);
    showCurves();
  })();

  return {
    ready,
    // a browser repeats the place of a mouse that rests when the page changes below it, which may be by the keyboard
    point: (index, { sx, sy }) => {
      const rests = sx === mouse.sx && sy === mouse.sy;
      mouse = { sx, sy };
      if (rests || index === undefined) return;
      control("point").value = source(drawn.plane, "shown").data.point[index];
      showPoint();
    },
    show,
    drawn: () => drawn,
  };
})();
