"use strict";
(() => {
  const data = JSON.parse(document.getElementById("data").textContent);
  const { items, criteria, words } = data;
  const place = "medeval-ratings-" + data.page;
  const $ = (id) => document.getElementById(id);
  const fieldsets = [...document.querySelectorAll("fieldset")];
  const radios = (fieldset) => [...fieldset.querySelectorAll("input")];
  const said = (word, values) =>
    Object.entries(values).reduce((text, [name, value]) => text.replace("{" + name + "}", value), words[word]);

  // --- what is kept ---

  let state = { rater: "", at: 0, ratings: {} };
  let keeps = true;

  function load() {
    try {
      const found = JSON.parse(localStorage.getItem(place) || "null");
      if (found && typeof found.ratings === "object") state = { ...state, ...found };
    } catch {
      keeps = false;
    }
    state.at = Math.min(Math.max(0, Number(state.at) || 0), items.length - 1);
    if (data.nameless && !state.rater) {
      state.rater = [...crypto.getRandomValues(new Uint8Array(4))].map((byte) => byte.toString(16).padStart(2, "0")).join("");
    }
  }

  function keep() {
    try {
      localStorage.setItem(place, JSON.stringify(state));
      keeps = true;
    } catch {
      keeps = false;
    }
    $("kept").textContent = words[keeps ? "kept" : "not_kept"];
  }

  function rating(item) {
    state.ratings[item.id] ??= { grades: {}, comment: "" };
    return state.ratings[item.id];
  }

  function stateOf(item) {
    const found = state.ratings[item.id];
    const given = found ? criteria.filter((name) => found.grades[name]).length : 0;
    return given === criteria.length ? "done" : given || found?.comment ? "partly" : "open";
  }

  // --- what is shown ---

  function element(tag, name, text) {
    const made = document.createElement(tag);
    if (name) made.className = name;
    if (text !== undefined) made.textContent = text;
    return made;
  }

  function show(box, turns, item, graded) {
    const alone = item.asked.length === 1 && item.sides.every((side) => side.length === 1);
    box.lang = item.language === "zh" ? "zh-Hans" : "en";
    box.replaceChildren(...turns.map((turn, number) => {
      const isLast = graded && data.per !== "dialogue" && number === turns.length - 1;
      const made = element("div", isLast && !alone ? "turn graded" : "turn");
      if (!alone) {
        const who = element("p", "who", words[turn.who] + (isLast && turns.length > 1 ? " · " + words.to_grade : ""));
        who.lang = document.documentElement.lang;
        made.append(who);
      }
      const blank = !turn.text.trim();
      made.append(element("p", blank ? "text none" : "text", blank ? words.empty : turn.text));
      return made;
    }));
  }

  function showItem(focus) {
    const item = items[state.at];
    const found = state.ratings[item.id] || { grades: {}, comment: "" };
    $("where").textContent = said("item", { at: state.at + 1, all: items.length });
    $("asked-head").textContent = words[item.asked.length > 1 ? "conversation" : "question"];
    show($("asked"), item.asked, item, false);
    $("asked").scrollTop = 0;
    item.sides.forEach((side, number) => show($("side-" + "AB"[number]), side, item, true));
    $("reference").hidden = !item.references.length;
    $("reference").open = false;
    $("references").lang = item.language === "zh" ? "zh-Hans" : "en";
    $("references").replaceChildren(...item.references.map((text) => element("p", "text", text)));
    for (const fieldset of fieldsets) {
      for (const radio of radios(fieldset)) radio.checked = found.grades[fieldset.dataset.criterion] === radio.value;
    }
    $("comment").value = found.comment;
    $("previous").disabled = state.at === 0;
    $("next").textContent = words[state.at === items.length - 1 ? "finish" : "next"];
    showProgress();
    if (focus) {
      scrollTo(0, 0);
      document.querySelector(".grading").scrollTop = 0;
      $("where").focus({ preventScroll: true });
    }
  }

  function showProgress() {
    const done = items.filter((item) => stateOf(item) === "done").length;
    $("count").textContent = said("progress", { done, all: items.length });
    $("progress").value = done;
    [...$("overview").children].forEach((line, number) => {
      const button = line.firstChild;
      button.dataset.state = stateOf(items[number]);
      button.setAttribute("aria-label", number + 1 + " " + words[button.dataset.state]);
      if (number === state.at) button.setAttribute("aria-current", "true");
      else button.removeAttribute("aria-current");
    });
  }

  function go(view) {
    for (const name of ["start", "rate", "end"]) $(name).hidden = name !== view;
    if (view === "rate") return showItem(true);
    showProgress();
    if (view === "end") {
      const open = items.some((item) => stateOf(item) !== "done");
      $("end-said").textContent = words[open ? "not_done" : "all_done"];
      $("to-open").hidden = !open;
      $("end-status").textContent = "";
      $("text").value = exported();
    }
    scrollTo(0, 0);
    $(view + "-head").focus({ preventScroll: true });
  }

  function named() {
    if (data.nameless) return true;
    state.rater = $("rater").value.trim();
    $("rater-fault").textContent = state.rater ? "" : words.name_missing;
    $("rater").setAttribute("aria-invalid", String(!state.rater));
    if (!state.rater) {
      go("start");
      $("rater-fault").textContent = words.name_missing;
      $("rater").focus();
    }
    return Boolean(state.rater);
  }

  // --- what is done ---

  function step(by) {
    const to = state.at + by;
    if (to < 0) return;
    if (to >= items.length) return go("end");
    state.at = to;
    keep();
    showItem(true);
  }

  function grade(fieldset, value) {
    rating(items[state.at]).grades[fieldset.dataset.criterion] = value;
    keep();
    showProgress();
  }

  /** The criterion in focus, else the first without a grade. */
  function pick(number) {
    const inside = document.activeElement?.closest("fieldset");
    const fieldset = inside || fieldsets.find((each) => !radios(each).some((radio) => radio.checked));
    const radio = fieldset && radios(fieldset)[number - 1];
    if (!radio) return;
    radio.checked = true;
    grade(fieldset, radio.value);
    const following = fieldsets[fieldsets.indexOf(fieldset) + 1];
    const open = following || fieldsets.find((each) => !radios(each).some((one) => one.checked));
    if (!open) return $("next").focus();
    (radios(open).find((one) => one.checked) || radios(open)[0]).focus();
  }

  function exported() {
    const ratings = items
      .filter((item) => stateOf(item) !== "open")
      .map((item) => ({ item: item.id, ...state.ratings[item.id] }));
    return JSON.stringify({ schema_version: 1, page: data.page, rater: state.rater, ratings }, null, 1) + "\n";
  }

  function save() {
    if (!named()) return;
    const text = exported();
    $("text").value = text;
    const link = element("a");
    link.href = URL.createObjectURL(new Blob([text], { type: "application/json" }));
    link.download = "ratings-" + data.page + "-" + state.rater.replace(/[^\p{L}\p{N}-]+/gu, "_") + ".json";
    document.body.append(link);
    link.click();
    link.remove();
    setTimeout(() => URL.revokeObjectURL(link.href), 60000);
    saved = true;
    $("end-status").textContent = words.saved;
  }

  async function copy() {
    $("text").focus();
    $("text").select();
    try {
      await navigator.clipboard.writeText($("text").value);
    } catch {
      document.execCommand("copy");
    }
    saved = true;
    $("end-status").textContent = words.copied;
  }

  // --- who calls it ---

  let saved = true;
  load();
  items.forEach((item, number) => {
    const button = element("button", "", String(number + 1));
    button.type = "button";
    button.addEventListener("click", () => { state.at = number; keep(); showItem(true); });
    const line = element("li");
    line.append(button);
    $("overview").append(line);
  });
  for (const fieldset of fieldsets) {
    fieldset.addEventListener("change", (event) => { saved = false; grade(fieldset, event.target.value); });
  }
  $("comment").addEventListener("input", () => {
    saved = false;
    rating(items[state.at]).comment = $("comment").value;
    keep();
    showProgress();
  });
  if (data.nameless) $("code").textContent = state.rater;
  else {
    $("rater").value = state.rater;
    $("rater").addEventListener("keydown", (event) => {
      if (event.key === "Enter" && !event.isComposing) $("begin").click();
    });
  }
  if (Object.keys(state.ratings).length) $("begin").textContent = words.resume;
  $("begin").addEventListener("click", () => { if (named()) { keep(); go("rate"); } });
  $("previous").addEventListener("click", () => step(-1));
  $("next").addEventListener("click", () => step(1));
  $("to-start").addEventListener("click", () => go("start"));
  $("to-end").addEventListener("click", () => go("end"));
  $("to-items").addEventListener("click", () => go("rate"));
  $("to-open").addEventListener("click", () => {
    state.at = items.findIndex((item) => stateOf(item) !== "done");
    go("rate");
  });
  $("save").addEventListener("click", save);
  $("copy").addEventListener("click", copy);
  addEventListener("beforeunload", (event) => { if (!keeps && !saved) event.preventDefault(); });
  document.addEventListener("keydown", (event) => {
    const at = event.target;
    if (event.key === "Escape" && at === $("comment")) return $("next").focus();
    const isTyping = at.matches("textarea, input[type=text]");
    if ($("rate").hidden || !$("keys").checked || isTyping || event.isComposing) return;
    if (event.ctrlKey || event.altKey || event.metaKey) return;
    const isArrow = !at.matches("input, .long");
    if (/^[1-9]$/.test(event.key)) { saved = false; pick(Number(event.key)); }
    else if (event.key === "j" || (event.key === "ArrowRight" && isArrow)) step(1);
    else if (event.key === "k" || (event.key === "ArrowLeft" && isArrow)) step(-1);
    else if (event.key === "c") $("comment").focus();
    else return;
    event.preventDefault();
  });
  go("start");
})();
