"use strict";
(() => {
  const one = (selector, within = document) => within.querySelector(selector);
  const all = (selector, within = document) => [...within.querySelectorAll(selector)];

  // -- light and dark: the system decides until the reader does ------------------------------------------------------
  const root = document.documentElement;
  const theme = one("#theme");
  const system = matchMedia("(prefers-color-scheme: dark)");
  const isDark = () => (root.dataset.theme ? root.dataset.theme === "dark" : system.matches);
  const label = () => {
    theme.textContent = isDark() ? "Light" : "Dark";
    theme.setAttribute("aria-label", `Change to ${isDark() ? "light" : "dark"} colours`);
  };
  const keep = (value) => {
    try {
      if (value) localStorage.setItem("loganalyzer-theme", value);
      return localStorage.getItem("loganalyzer-theme");
    } catch {
      return null; // a file opened from disk may have no storage
    }
  };
  const kept = keep();
  if (kept === "light" || kept === "dark") root.dataset.theme = kept;
  theme.hidden = false;
  theme.addEventListener("click", () => {
    root.dataset.theme = isDark() ? "light" : "dark";
    keep(root.dataset.theme);
    label();
  });
  system.addEventListener("change", label);
  label();

  // -- charts: `ast` keeps Vega from building functions out of text, which the page's policy forbids ------------------
  const specs = JSON.parse(one("#specs").textContent);
  const options = {
    mode: "vega-lite",
    renderer: "svg",
    actions: false,
    ast: true,
    logLevel: 1, // errors
    defaultStyle: false,
    tooltip: { disableDefaultStyle: true },
  };
  const drawn = all("[data-chart]").map((place) =>
    window.vegaEmbed(place, specs[place.dataset.chart], options).then(
      () => place.classList.add("drawn"),
      (error) => {
        place.classList.add("failed");
        place.textContent = "This chart could not be drawn; its numbers are in the table below.";
        console.error(error);
      },
    ),
  );
  Promise.all(drawn).then(() => {
    root.dataset.ready = "yes";
  });

  // -- the table of failures: sorting and searching -------------------------------------------------------------------
  const table = one("#kinds");
  if (table) {
    const body = table.tBodies[0];
    const heads = all("thead th", table);
    const value = (row, column) => row.cells[column].dataset.value ?? row.cells[column].textContent.trim();
    const order = (column, kind, down) => (a, b) => {
      const [x, y] = [value(a, column), value(b, column)];
      const difference = kind === "number" ? Number(x || -1) - Number(y || -1) : x.localeCompare(y);
      return down ? -difference : difference;
    };
    heads.forEach((head, column) => {
      one("button", head).addEventListener("click", () => {
        const before = head.getAttribute("aria-sort");
        const down = before ? before === "ascending" : head.dataset.kind === "number";
        heads.forEach((other) => other.removeAttribute("aria-sort"));
        head.setAttribute("aria-sort", down ? "descending" : "ascending");
        body.append(...[...body.rows].sort(order(column, head.dataset.kind, down)));
        table.dispatchEvent(new Event("sorted"));
      });
    });

    const search = one("#search");
    const found = one("#found");
    const rows = [...body.rows].map((row) => [row, row.textContent.toLowerCase()]);
    const sections = all("details.about");
    const rest = one("#rest");
    const atFirst = 20; // rows of the whole table that are shown until a reader asks for all
    let whole = rows.length <= atFirst + 5;
    const shorten = () => {
      const short = !whole && !search.value.trim();
      all("tr", body).forEach((row, number) => row.classList.toggle("later", short && number >= atFirst));
      rest.hidden = !short;
    };
    rest.textContent = `Show all ${rows.length} kinds`;
    rest.addEventListener("click", () => {
      whole = true;
      const next = one("tr.later a", body);
      shorten();
      if (next) next.focus();
    });
    table.addEventListener("sorted", shorten);
    shorten();
    search.addEventListener("input", () => {
      const words = search.value.toLowerCase().split(/\s+/).filter(Boolean);
      const left = new Set();
      let shown = 0;
      for (const [row, text] of rows) {
        row.hidden = !words.every((word) => text.includes(word));
        if (!row.hidden) {
          shown += 1;
          left.add(row.dataset.category);
        }
      }
      for (const section of sections) {
        section.hidden = words.length > 0 && !left.has(section.id.slice("about-".length));
      }
      shorten();
      found.textContent = words.length ? `${shown} of ${rows.length} kinds` : "";
    });
  }

  // -- explanations: a link opens the one it leads to; paper shows them all -------------------------------------------
  const open = () => {
    let target = null;
    try {
      target = document.getElementById(decodeURIComponent(location.hash.slice(1)));
    } catch {
      return; // an address that somebody made up
    }
    if (target instanceof HTMLDetailsElement) {
      target.hidden = false;
      target.open = true;
      target.scrollIntoView();
      one("summary", target).focus({ preventScroll: true });
    }
  };
  addEventListener("hashchange", open);
  all('a[href^="#about-"]').forEach((link) => link.addEventListener("click", () => setTimeout(open)));
  open();
  const every = one("#all");
  if (every) {
    every.hidden = false;
    every.addEventListener("click", () => {
      const abouts = all("details.about");
      const opening = abouts.some((about) => !about.open);
      abouts.forEach((about) => {
        about.open = opening;
      });
      every.textContent = opening ? "Close all" : "Open all";
    });
  }
  let closed = [];
  addEventListener("beforeprint", () => {
    closed = all("details:not([open]):not(.numbers)");
    closed.forEach((details) => {
      details.open = true;
    });
  });
  addEventListener("afterprint", () => {
    closed.forEach((details) => {
      details.open = false;
    });
  });
})();
