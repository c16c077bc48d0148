// Tables of networks: rows of the chosen one or of all, in any order; a row chooses what it is of.
const explorerTables = (contents, decode, chosen, choose) => {
  const MOST = 300; // rows: more take longer to draw than a choice may
  const name = (family, d, seed) => `${family}/${d}/${seed}`;
  const networks = contents.families.flatMap((family, f) =>
    contents.latent_dims.flatMap((d, i) => contents.seeds.map((seed, s) => ({ name: name(family, d, seed), family: f, d: i, seed: s })))
  );
  const readable = (label) => label.replaceAll("_", " ");
  const made = (tag, properties, ...children) => {
    const element = Object.assign(document.createElement(tag), properties);
    element.append(...children);
    return element;
  };

  const shown = (table, index) => {
    const section = made("section", { id: `table-${index}` }, made("h2", { textContent: table.title }), made("p", { className: "key", textContent: table.note }));
    section.ariaLabel = table.title;
    document.getElementById("tables").append(section);
    if (!table.rows.length) return () => {};

    const first = table.labels.length + 1;
    const order = { column: null, falls: false };
    const select = (label, values) => {
      const options = values.map(([value, text]) => made("option", { value, textContent: text }));
      const control = made("select", { onchange: () => fill() }, ...options);
      controls.append(made("label", {}, `${label} `, control));
      return control;
    };
    const controls = made("div", { className: "controls" });
    const of = select("networks", [["chosen", "the chosen one"], ["all", "all"]]);
    const filters = table.labels.map((label, column) =>
      select(label, [["", "every"], ...[...new Set(table.rows.map((row) => row[column]))].map((each) => [each, readable(each)])])
    );
    const told = made("p", { className: "key", role: "status" });
    const heads = ["network", ...table.labels, ...table.heads].map((title, column) => {
      const sort = () => {
        order.falls = order.column === column && !order.falls;
        order.column = column;
        fill();
      };
      return made("th", { scope: "col" }, made("button", { type: "button", textContent: title, onclick: sort }));
    });
    const body = made("tbody", {});
    const scroll = made("div", { className: "scroll tall", tabIndex: 0, role: "region", ariaLabel: table.title });
    scroll.append(made("table", {}, made("thead", {}, made("tr", {}, ...heads)), body));
    section.append(controls, told, scroll);

    const ofSet = table.labels.indexOf("set");
    const rowsOf = (network, place) => {
      const numbers = decode(table.numbers[network.name], `${index}/${network.name}`);
      const width = table.heads.length;
      return table.rows.flatMap((labels, row) => {
        const found = numbers.subarray(row * width, (row + 1) * width);
        const wanted = filters.every((filter, column) => filter.value === "" || filter.value === labels[column]);
        return wanted && !found.every(Number.isNaN) ? [{ network, set: labels[ofSet], cells: [place, ...labels, ...found] }] : [];
      });
    };
    const compared = (one, other) => {
      const [a, b] = [one, other].map((row) => row.cells[order.column]);
      return (typeof a === "string" ? a.localeCompare(b) : a - b) * (order.falls ? -1 : 1);
    };
    const drawn = ({ network, set, cells }) => {
      const family = contents.families.length > 1 ? `${contents.families[network.family]}, ` : "";
      const text = `${family}d = ${contents.latent_dims[network.d]}, seed ${contents.seeds[network.seed]}`;
      const choice = { family: network.family, d: network.d, seed: network.seed };
      if (contents.sets.includes(set)) choice.set = contents.sets.indexOf(set);
      const onclick = () => choose(choice);
      const row = made("tr", {}, made("td", {}, made("a", { href: "#plane", textContent: text, onclick })));
      cells.slice(1, first).forEach((label) => row.append(made("td", { textContent: readable(label) })));
      cells.slice(first).forEach((value) => row.append(made("td", { className: "number", textContent: value.toPrecision(3) })));
      return row;
    };

    const fill = () => {
      const here = networks.filter(({ family, d, seed }) => of.value === "all" || (family === chosen("family") && d === chosen("d") && seed === chosen("seed")));
      const rows = here.flatMap((network, place) => (table.numbers[network.name] ? rowsOf(network, place) : []));
      if (order.column !== null) rows.sort(compared);
      heads.forEach((head, column) => (head.ariaSort = column !== order.column ? "none" : order.falls ? "descending" : "ascending"));
      const missing = [...new Set(rows.map(({ set }) => set))].filter((set) => set && !contents.sets.includes(set));
      told.textContent =
        (rows.length > MOST ? `The first ${MOST} in this order of ` : "") +
        `${rows.length.toLocaleString("en")} rows. A row's link chooses its network${ofSet < 0 ? "" : " and set"} in this page` +
        (missing.length ? `, which has no eigenvalues of ${missing.join(", ")}.` : ".");
      body.replaceChildren(...rows.slice(0, MOST).map(drawn));
    };
    let before = "";
    return () => {
      const network = ["family", "d", "seed"].map(chosen).join();
      if (of.value === "chosen" && network !== before) fill();
      before = network;
    };
  };

  const each = contents.tables.map(shown);
  return () => each.forEach((show) => show());
};
