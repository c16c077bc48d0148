// Put at the end of a report's page: goes through it as a reader would, and leaves what it saw in the page as JSON.
(async () => {
  const pause = () => new Promise((resolve) => setTimeout(resolve, 600));
  const nav = () => document.querySelector("nav");
  const box = (element) => {
    const { left, top, right, bottom } = element.getBoundingClientRect();
    return { left, top, right, bottom };
  };
  const click = async (element) => {
    element.click();
    await pause();
  };
  const menuItem = (text) => [...nav().querySelectorAll("li a")].find((link) => link.innerText.trim() === text);

  await pause();
  const seen = { results: [], front: document.querySelector("#app .prose").innerText };
  seen.claims = document.querySelectorAll("#app .prose ul > li").length;
  seen.menu = [...nav().querySelectorAll("li a")].map((link) => link.innerText.trim()).filter(Boolean);

  await click(menuItem("Statistics"));
  seen.statistics = ["#runtimes canvas", "#timeline canvas"].map((chart) => box(document.querySelector(chart)));
  seen.statistics.forEach((chart) => (chart.room = chart.left - nav().getBoundingClientRect().right));

  for (const category of seen.menu.slice(3)) {
    app.setView({ navbarMode: "menu" });
    await pause();
    await click(menuItem(category));
    const rows = nav().querySelectorAll("tbody tr").length;
    for (let row = 0; row < rows; row++) {
      if (row > 0) {
        app.showCategory(category);
        await pause();
      }
      const cells = nav().querySelectorAll("tbody tr")[row].querySelectorAll("td");
      const name = cells[0].innerText;
      await click(cells[1].querySelectorAll("a")[1]); // the i
      const caption = nav().querySelector(".prose").innerText;
      await click(nav().querySelector("tbody a")); // the eye
      const shown = document.querySelector("#app .grow img, #app .grow iframe");
      while (shown.complete === false) await pause();
      seen.results.push({
        category, name, caption, box: box(shown), kind: shown.tagName,
        natural: [shown.naturalWidth, shown.naturalHeight],
        frame: { left: nav().getBoundingClientRect().right, top: 0, right: innerWidth, bottom: innerHeight },
      });
    }
  }
  seen.loaded = performance.getEntriesByType("resource").map((entry) => entry.name.slice(0, 80));
  return seen;
})().then(
  (seen) => ({ ...seen, errors: window.errors }),
  (error) => ({ errors: [...window.errors, `${error.stack}`] })
).then((seen) => {
  const note = document.createElement("pre");
  note.id = "seen";
  note.textContent = JSON.stringify(seen);
  document.body.append(note);
});
