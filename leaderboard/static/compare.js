"use strict";
(() => {
  const Z = 1.959963984540054; // 97.5 % of a normal distribution lies below it.
  const MOST = 60;

  // --- numbers, as medeval/stats/paired.py has them ---

  /** The bytes of base64, to be read as bits or as floats. */
  function unpack(text) {
    return new DataView(Uint8Array.from(atob(text), (letter) => letter.charCodeAt(0)).buffer);
  }

  /** Two-sided mid-p of b samples that only one has right against c that only the other has. */
  function mcnemar(b, c) {
    const all = b + c;
    const fewer = Math.min(b, c);
    let log = -all * Math.LN2;
    for (let k = 1; k <= fewer; k++) log += Math.log((all - k + 1) / k);
    let chance = Math.exp(log);
    let p = chance;
    for (let k = fewer; k > 0; k--) {
      chance *= k / (all - k + 1);
      p += 2 * chance;
    }
    return Math.min(1, p);
  }

  /** The difference above (b - c) / n that is Z standard errors away from it, by halving. */
  function upper(b, c, n) {
    let [low, high] = [(b - c) / n, 1];
    for (let step = 0; step < 60; step++) {
      const middle = (low + high) / 2;
      const spread = middle * (1 - middle);
      const linear = (2 * n - b + c) * middle - b - c;
      // The likeliest share of c, were this the difference.
      const share = (Math.sqrt(Math.max(0, linear ** 2 + 8 * n * c * spread)) - linear) / (4 * n);
      const ahead = b - c - n * middle + Z * Math.sqrt(Math.max(0, n * (2 * share + spread)));
      if (ahead > 0) low = middle;
      else high = middle;
    }
    return high;
  }

  /** Tango's 95 % score interval of (b - c) / n. */
  const tango = (b, c, n) => [-upper(c, b, n), upper(b, c, n)];

  /** Two rows of bits: values, what only one of them has, and the tests of it. */
  function counted({ n, bits }, first, second) {
    const [a, b] = [unpack(bits[first]), unpack(bits[second])];
    const bit = (view, at) => (view.getUint8(at >> 3) >> (at & 7)) & 1;
    const only = [[], []];
    let sum = 0;
    for (let at = 0; at < n; at++) {
      const [one, other] = [bit(a, at), bit(b, at)];
      sum += one;
      if (one !== other) only[other].push(at);
    }
    const [lost, gained] = only.map((each) => each.length);
    const [low, high] = tango(gained, lost, n);
    const value = (gained - lost) / n;
    return { a: sum / n, b: (sum + gained - lost) / n, value, low, high, p: mcnemar(gained, lost), only };
  }

  /** Two means and the products of their centred marks: Student's interval of the difference. */
  function crossed({ slugs, means, cross, scale, t }, first, second) {
    const [i, j] = [slugs.indexOf(first), slugs.indexOf(second)].sort((one, other) => one - other);
    const [places, products] = [unpack(means), unpack(cross)];
    const product = (row, at) =>
      products.getFloat64(8 * (row * slugs.length - (row * (row - 1)) / 2 + at - row), true);
    const mean = (slug) => places.getFloat64(8 * slugs.indexOf(slug), true);
    const sizes = product(i, i) + product(j, j);
    const spread = sizes - 2 * product(i, j);
    // What is smaller is rounding: the two differ by the same everywhere.
    const half = spread > 1e-14 * sizes ? t * Math.sqrt(scale * spread) : 0;
    const value = mean(second) - mean(first);
    return { a: mean(first), b: mean(second), value, low: value - half, high: value + half };
  }

  /** Better, worse, or not told apart; an interval without width tells nothing. */
  function verdict({ value, low, high }, better) {
    if (!(low < high) || (low <= 0 && high >= 0)) return "tied";
    if (!better) return "differs";
    return value > 0 === (better === "higher") ? "better" : "worse";
  }

  window.medevalCompare = { unpack, mcnemar, tango, counted, crossed, verdict };

  // --- what is shown ---

  const parsed = (id) => JSON.parse(document.getElementById(id)?.textContent ?? "{}");
  const { entries = [], columns = [] } = parsed("pairs");
  const words = parsed("words");
  const [from, to, out] = ["a", "b", "compared"].map((id) => document.getElementById(id));

  function said(word, values = {}) {
    return (words["compare_" + word] ?? word).replace(/\{(\w+)\}/g, (hole, name) => values[name] ?? hole);
  }

  function element(tag, attributes, ...inside) {
    const isDrawn = ["svg", "line", "circle", "title"].includes(tag);
    const made = isDrawn ? document.createElementNS("http://www.w3.org/2000/svg", tag) : document.createElement(tag);
    for (const [name, value] of Object.entries(attributes)) made.setAttribute(name, value);
    made.append(...inside);
    return made;
  }

  /** As the other pages write numbers: per cent with one decimal and halves to even, else three figures. */
  function number(value, unit) {
    const size = Math.abs(unit === "fraction" ? 100 * value : value);
    const text = unit === "fraction"
      ? (size % 1 === 0.25 ? size - 0.01 : size).toFixed(1)
      : size < 1000 ? String(Number(size.toPrecision(3))) : size.toFixed(0);
    return (value < 0 ? "\u2212" : "") + text;
  }

  const signed = (value, unit) => (value > 0 ? "+" : "") + number(value, unit);

  function drawn({ value, low, high }, reach, kind, text) {
    const x = (at) => (60 + (56 * at) / (reach || 1)).toFixed(1);
    return element(
      "svg", { class: "gap " + kind, role: "img", viewBox: "0 0 120 14", width: 120, height: 14 },
      element("title", {}, text),
      element("line", { class: "axis", x1: 60, x2: 60, y1: 0, y2: 14 }),
      element("line", { class: "ci", x1: x(low), x2: x(high), y1: 7, y2: 7 }),
      element("circle", { cx: x(value), cy: 7, r: 3 }),
    );
  }

  function flipped({ questions, page, ids }, samples, text) {
    if (!samples.length) return "0";
    const named = samples.slice(0, MOST).flatMap((at) => {
      const name = ids?.[at] ?? String(at + 1);
      const href = questions.replace("{page}", Math.floor(at / page) + 1).replace("{i}", at);
      return [href ? element("a", { href }, name) : name, " "];
    });
    if (samples.length > MOST) named.push(said("more", { count: samples.length - MOST }));
    const summary = element("summary", { "aria-label": text + ": " + samples.length }, String(samples.length));
    return element("details", { class: "flips" }, summary, element("p", { class: "said" }, ...named));
  }

  function line({ column, found }, names, reaches) {
    const { title, metric, how, unit, better, n } = column;
    const kind = verdict(found, better);
    const around = number(found.low, unit) + " \u2013 " + number(found.high, unit);
    const text = title + ": " + signed(found.value, unit) + " (" + around + ")";
    const cell = (...inside) => element("td", { class: "num" }, ...inside);
    // Where lower is better, the one without a mark is right.
    const only = better === "lower" ? found.only?.toReversed() : found.only;
    return element(
      "tr", {},
      element("th", { scope: "row", class: "who", dir: "auto" }, title, element("small", {}, [metric, how].filter(Boolean).join(" \u00b7 "))),
      cell(n.toLocaleString("en")),
      cell(number(found.a, unit)),
      cell(number(found.b, unit)),
      cell(signed(found.value, unit)),
      cell(found.low < found.high ? around : "\u2013", drawn(found, reaches[unit], kind, text)),
      element("td", {}, element("span", { class: kind }, said(kind))),
      ...[0, 1].map((side) => {
        return element("td", {}, only ? flipped(column, only[side], said("only", { name: names[side] })) : "\u2013");
      }),
      element("td", {}, !only ? "\u2013" : found.p < 0.001 ? "< 0.001" : found.p.toFixed(3)),
    );
  }

  function tabled(rows, pair) {
    const names = pair.map((slug) => entries.find((each) => each.slug === slug)?.name ?? slug);
    const reaches = {};
    for (const { column, found } of rows) {
      reaches[column.unit] = Math.max(reaches[column.unit] ?? 0, -found.low, found.high);
    }
    const heads = [
      said("column"), said("n"), names[0], names[1], said("difference"), said("interval"), said("word"),
      ...names.map((name) => said("only", { name })), said("p"),
    ];
    const caption = said("caption", { a: names[0], b: names[1] });
    const table = element(
      "table", { class: "plain compared" },
      element("caption", {}, caption),
      element("thead", {}, element("tr", {}, ...heads.map((text, place) => {
        return element("th", { scope: "col", dir: "auto", class: place && place < 6 ? "num" : "" }, text);
      }))),
      element("tbody", {}, ...rows.map((row) => line(row, names, reaches))),
    );
    return element("div", { class: "scroll", role: "region", tabindex: 0, "aria-label": caption }, table);
  }

  function show() {
    const pair = [from.value, to.value];
    if (pair[0] === pair[1]) return out.replaceChildren(element("p", {}, said("choose")));
    const isThere = (column) =>
      pair.every((slug) => (column.kind === "bits" ? Object.hasOwn(column.bits, slug) : column.slugs.includes(slug)));
    const rows = columns.filter(isThere).map((column) => {
      return { column, found: (column.kind === "bits" ? counted : crossed)(column, ...pair) };
    });
    const rest = columns.filter((column) => !isThere(column)).map((column) => {
      return [column.title, column.how].filter(Boolean).join(", ");
    });
    out.replaceChildren();
    if (rows.length) out.append(tabled(rows, pair));
    if (rest.length) out.append(element("p", { class: "note" }, said("not_both", { columns: rest.join(", ") })));
  }

  // --- who calls it ---

  function read() {
    const told = new URLSearchParams(location.hash.slice(1));
    for (const side of [from, to]) {
      if ([...side.options].some((each) => each.value === told.get(side.id))) side.value = told.get(side.id);
    }
    show();
  }

  function write() {
    show();
    try {
      history.replaceState(null, "", "#" + new URLSearchParams({ a: from.value, b: to.value }));
    } catch {} // A browser may find that there were too many.
  }

  if (!out) return;
  for (const side of [from, to]) side.addEventListener("change", write);
  document.getElementById("swap")?.addEventListener("click", () => {
    [from.value, to.value] = [to.value, from.value];
    write();
  });
  addEventListener("hashchange", read);
  read();
})();
