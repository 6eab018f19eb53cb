"use strict";
(() => {
  // What a browser forbids, such as keeping a theme, is done without.
  const root = document.documentElement;
  const one = (query) => document.querySelector(query);
  const all = (query) => [...document.querySelectorAll(query)];
  let words = {};

  function say(word, values) {
    const place = one("[data-live]");
    if (place) place.textContent = (words[word] ?? "").replace(/\{(\w+)\}/g, (hole, name) => values[name] ?? hole);
  }

  // --- light and dark: at once, so that no page flashes ---

  const themes = ["auto", "light", "dark"];
  let theme = "auto";

  function wear(name) {
    theme = themes.includes(name) ? name : "auto";
    if (theme === "auto") delete root.dataset.theme;
    else root.dataset.theme = theme;
    for (const button of all("[data-theme-switch]")) {
      button.hidden = false;
      const text = words["theme_" + theme] ?? button.textContent;
      button.textContent = text;
      button.setAttribute("aria-label", text);
    }
  }

  function turn() {
    wear(themes[(themes.indexOf(theme) + 1) % 3]);
    try {
      localStorage.setItem("medeval-theme", theme);
    } catch {}
  }

  try {
    wear(localStorage.getItem("medeval-theme"));
  } catch {}

  // --- two entries picked to be compared ---

  function pick() {
    let picked = [];
    const links = all("[data-compare]").map((link) => [link, link.getAttribute("href") ?? "compare.html"]);

    function take(box) {
      picked = picked.filter((each) => each !== box);
      if (box.checked) picked.push(box);
      if (picked.length > 2) picked.shift().checked = false;
      const [first, second] = picked.map((each) => encodeURIComponent(each.value));
      for (const [link, page] of links) {
        link.toggleAttribute("href", Boolean(second));
        link.toggleAttribute("aria-disabled", !second);
        if (second) link.href = page + "#a=" + first + "&b=" + second;
        else link.ariaDisabled = "true";
      }
    }

    for (const box of all("[data-pick]")) {
      box.hidden = false;
      box.addEventListener("change", () => take(box));
      take(box);
    }
  }

  // --- the table ---

  function board(table) {
    let body = table.querySelector("tbody:not(.floors)");
    const rows = [...body.rows];
    const heads = new Map([...table.querySelectorAll("th[data-key]")].map((head) => [head.dataset.key, head]));
    const asBuilt = [...heads.values()].map((head) => [head, head.getAttribute("aria-sort")]);
    const collator = new Intl.Collator(root.lang);
    const [search, metric] = [one("[data-filter]"), one("[data-metric]")];
    const [tags, columns] = [all("[data-tag]"), all("[data-column]")];
    let sorted = "";

    const ticked = (boxes) => boxes.filter((box) => box.checked).map((box) => box.value);
    const count = () => rows.filter((row) => !row.hidden).length;

    function cellsOf(head) {
      const lines = [head.parentNode, ...[...table.tBodies].flatMap((each) => [...each.rows])];
      return lines.map((line) => line.cells[head.cellIndex]).filter(Boolean);
    }

    /** Straight into a body that is not there yet, which takes the place of the other: nothing is laid out on the way. */
    function arrange(lines) {
      const fresh = body.cloneNode(false);
      fresh.append(...lines);
      body.replaceWith(fresh);
      body = fresh;
    }

    /** By a key, after - the largest first; ties stay as the page was built, so that a link tells all. */
    function sort(by) {
      const down = by.startsWith("-");
      const head = heads.get(down ? by.slice(1) : by);
      sorted = head ? by : "";
      for (const [each, was] of asBuilt) {
        const now = head ? each === head && (down ? "descending" : "ascending") : was;
        if (now) each.setAttribute("aria-sort", now);
        else each.removeAttribute("aria-sort");
      }
      if (!head) return arrange(rows);
      const isText = head.dataset.key === "entry";
      const pairs = rows.map((row) => {
        const text = row.cells[head.cellIndex]?.dataset.s;
        return [row, isText ? text : parseFloat(text)];
      });
      const isKnown = ([, value]) => (isText ? value !== undefined : !isNaN(value));
      const compare = isText ? collator.compare : (one, other) => one - other;
      const known = pairs.filter(isKnown).sort(([, one], [, other]) => compare(one, other) * (down ? -1 : 1));
      arrange([...known, ...pairs.filter((pair) => !isKnown(pair))].map(([row]) => row));
      // After its name a head may tell what is better.
      const column = head.querySelector("button").firstChild.textContent.trim();
      say("sorted", { column, direction: words[down ? "descending" : "ascending"], count: count() });
    }

    function click(head) {
      const now = head.getAttribute("aria-sort");
      const down = now ? now === "ascending" : head.dataset.better === "higher";
      sort((down ? "-" : "") + head.dataset.key);
      write();
    }

    function filter() {
      const wanted = (search?.value ?? "").toLowerCase().split(/\s+/);
      const needed = ticked(tags);
      for (const row of rows) {
        const { name = "", tags: has = "" } = row.dataset;
        const own = has.split(" ");
        row.hidden = !wanted.every((word) => name.includes(word)) || !needed.every((tag) => own.includes(tag));
      }
      for (const box of columns) {
        const head = heads.get(box.value);
        if (head && head.hidden === box.checked) for (const cell of cellsOf(head)) cell.hidden = !box.checked;
      }
      say("shown", { count: count(), all: rows.length });
    }

    function choose() {
      const head = heads.get(metric?.value);
      if (!head) return;
      for (const cell of table.querySelectorAll("[data-chosen]")) delete cell.dataset.chosen;
      for (const cell of cellsOf(head)) cell.dataset.chosen = "";
    }

    // --- the link that tells what is shown ---

    function write() {
      const told = new URLSearchParams();
      if (sorted) told.set("s", sorted);
      if (columns.some((box) => box.checked !== box.defaultChecked)) told.set("c", ticked(columns));
      if (search?.value.trim()) told.set("q", search.value.trim());
      if (ticked(tags).length) told.set("t", ticked(tags));
      const text = String(told).replaceAll("%2C", ",");
      try {
        history.replaceState(null, "", location.href.split("#")[0] + (text && "#v=1&" + text));
      } catch {}
    }

    function read() {
      const hash = location.hash.slice(1);
      if (hash && !hash.includes("=")) return;
      const told = new URLSearchParams(hash);
      const names = (key) => told.get(key)?.split(",") ?? [];
      const shown = names("c");
      const isTold = shown[0] === "" || columns.some((box) => shown.includes(box.value));
      if (search) search.value = told.get("q") ?? "";
      for (const box of tags) box.checked = names("t").includes(box.value);
      for (const box of columns) box.checked = isTold ? shown.includes(box.value) : box.defaultChecked;
      filter();
      if (sorted || told.has("s")) sort(told.get("s") ?? "");
      if (!hash) say("");
    }

    for (const head of heads.values()) head.querySelector("button")?.addEventListener("click", () => click(head));
    for (const box of [search, ...tags, ...columns]) box?.addEventListener("input", () => { filter(); write(); });
    metric?.addEventListener("change", choose);
    addEventListener("hashchange", read);
    read();
    choose();
  }

  function start() {
    try {
      words = JSON.parse(one("#words").textContent);
    } catch {}
    for (const part of all("[data-script]")) part.hidden = false;
    wear(theme);
    for (const button of all("[data-theme-switch]")) button.addEventListener("click", turn);
    for (const link of all("[data-keep]")) link.addEventListener("click", () => { link.hash = location.hash; });
    pick();
    for (const table of all("[data-board]")) board(table);
  }

  if (document.readyState === "loading") addEventListener("DOMContentLoaded", start);
  else start();
})();
