// Search on the page, opened by button or by Ctrl+K. Sphinx's own index and functions find and rank
// the pages; the texts of their sections show where on a page the words are. All of it comes by
// script tags, as a page that is opened as a file may read no other, and when search is first opened.

const root = document.documentElement.dataset.content_root;
const LENGTH = 160; // of an excerpt
const isMac = navigator.platform.startsWith("Mac");

function makeElement(name, properties, ...children) {
  const made = Object.assign(document.createElement(name), properties);
  made.append(...children);
  return made;
}

const load = (path) =>
  new Promise((resolve, reject) => {
    const script = makeElement("script", { src: root + path, onload: resolve });
    script.onerror = () => reject(new Error(`${path} could not be loaded`));
    document.body.append(script);
  });

async function loadSearch() {
  // Sphinx's page of results has loaded its part already.
  if (typeof Search === "undefined") {
    await load("_static/language_data.js");
    await load("_static/searchtools.js");
  }
  if (!Search.hasIndex()) await load("searchindex.js");
  await load("searchsections.js");
}

// Where any of the words is in a text: each as it was typed, or as the index knows it.
function findPlaces(text, words) {
  const lower = text.toLowerCase();
  const places = [];
  words.forEach((forms, word) => {
    const form = forms.find((one) => lower.includes(one));
    for (let at = form ? lower.indexOf(form) : -1; at >= 0; at = lower.indexOf(form, at + form.length)) {
      places.push({ at, word, end: at + form.length });
    }
  });
  return places.sort((a, b) => a.at - b.at);
}

const countDifferent = (places) => new Set(places.map(({ word }) => word)).size;
const startAt = ({ at }, places) => places.filter((one) => one.at >= at && one.end <= at + LENGTH);

// The section of a page that has most of the words, most often, and in its title if possible.
function findSection(docName, words) {
  let best = null;
  for (const [id, title, text] of searchSections[docName] ?? []) {
    const places = findPlaces(text, words);
    const inTitle = countDifferent(findPlaces(title, words));
    const outside = id ? 0 : 99; // of every section, as a footnote is
    const fits = 100 * (countDifferent(places) + inTitle) + Math.min(places.length, 99) - outside;
    if (fits > (best?.fits ?? 0)) best = { fits, id, title, text, places };
  }
  return best;
}

// A part of the text where many of the words are near each other, with the words marked.
function excerpt({ text, places }) {
  const near = places.map((place) => startAt(place, places));
  const [shown = []] = near.sort((a, b) => countDifferent(b) - countDifferent(a));
  const first = shown[0]?.at ?? 0;
  const begin = first < 40 ? 0 : text.lastIndexOf(" ", first - 30) + 1;
  const last = Math.max(begin + LENGTH, shown.at(-1)?.end ?? 0);
  const end = text.length <= last ? text.length : text.lastIndexOf(" ", last);
  const parts = [begin ? "… " : ""];
  let told = begin;
  for (const place of shown) {
    if (place.at < told || place.end > end) continue;
    parts.push(text.slice(told, place.at), makeElement("mark", {}, text.slice(place.at, place.end)));
    told = place.end;
  }
  return [...parts, text.slice(told, end), end < text.length ? " …" : ""];
}

function findPages(query) {
  const parsed = Search._parseQuery(query);
  // Sphinx keeps the words, to mark them on the page that opens next; it marks those of pictures, too,
  // and fails where one is in the title of a picture.
  localStorage.removeItem("sphinx_highlight_terms");
  const stemmer = new Stemmer();
  const words = [...parsed[3]].map((word) => [word, stemmer.stemWord(word)]);
  const count = (docName) =>
    (searchSections[docName] ?? []).reduce((sum, one) => sum + findPlaces(one[2], words).length, 0);
  // To Sphinx, pages with a word are alike: those that say it often come first.
  Scorer.score = ([docName, , , , score]) => score + Math.min(count(docName), 60) / 5;
  const results = new Map();
  for (const [docName, title, anchor, description] of Search._performSearch(...parsed).reverse()) {
    const section = anchor ? null : findSection(docName, words);
    const place = section?.id ? `#${section.id}` : anchor;
    const href = `${root}${docName}${DOCUMENTATION_OPTIONS.LINK_SUFFIX}${place}`;
    if (results.has(href)) continue;
    const isPart = section?.title && section.title !== title;
    const name = isPart ? `${title} > ${section.title}` : title;
    results.set(href, { href, name, says: section ? excerpt(section) : [description ?? ""] });
  }
  return [...results.values()];
}

function makeSearch() {
  const field = makeElement("input", { placeholder: "Search these lessons", autocomplete: "off", spellcheck: false, enterKeyHint: "search" });
  field.setAttribute("aria-label", "Search these lessons");
  const close = makeElement("button", { type: "button", textContent: "Close" });
  const told = makeElement("p", { className: "search-told" });
  told.setAttribute("role", "status");
  const list = makeElement("ol", { className: "search-results" });
  const form = makeElement("form", { className: "search-form" }, field, close);
  form.setAttribute("role", "search");
  const dialog = makeElement("dialog", { className: "search-dialog" }, form, told, list);
  dialog.setAttribute("aria-label", "Search");
  document.body.append(dialog);
  let ready = null;

  function show() {
    const query = field.value.trim();
    list.replaceChildren();
    told.textContent = "";
    if (query.length < 2 || !Search.hasIndex()) return;
    const results = findPages(query);
    told.textContent = results.length ? `${results.length} found` : `Nothing found for “${query}”`;
    list.append(...results.map(({ href, name, says }) =>
      makeElement("li", {}, makeElement("a", { href },
        makeElement("strong", { textContent: name }),
        makeElement("span", {}, ...says)))));
  }

  async function open() {
    if (dialog.open) return;
    dialog.showModal();
    field.select();
    try {
      await (ready ??= loadSearch());
      show();
    } catch (error) {
      ready = null;
      told.textContent = `Search is not available: ${error.message}.`;
    }
  }

  function move(event) {
    const step = { ArrowDown: 1, ArrowUp: -1 }[event.key];
    if (!step) return;
    event.preventDefault();
    const stops = [field, ...list.querySelectorAll("a")];
    const next = stops.indexOf(document.activeElement) + step;
    stops[Math.min(Math.max(next, 0), stops.length - 1)].focus();
  }

  field.addEventListener("input", show);
  form.addEventListener("submit", (event) => {
    event.preventDefault();
    list.querySelector("a")?.click();
  });
  close.addEventListener("click", () => dialog.close());
  // A link to a place on this very page opens no other.
  list.addEventListener("click", (event) => { if (event.target.closest("a")) dialog.close(); });
  dialog.addEventListener("keydown", move);
  dialog.addEventListener("click", (event) => { if (event.target === dialog) dialog.close(); });
  return open;
}

const openSearch = makeSearch();

function offerSearch() {
  const [button] = document.querySelectorAll(".search-open");
  button.querySelector("kbd").textContent = isMac ? "⌘ K" : "Ctrl K";
  const icon = makeElement("button", { type: "button", className: "search-icon" });
  icon.setAttribute("aria-label", "Search");
  icon.setAttribute("aria-haspopup", "dialog");
  document.querySelector(".mobile-header .header-right").prepend(icon);
  for (const one of [button, icon]) one.addEventListener("click", openSearch);
}

offerSearch();
const TYPING = "textarea, [contenteditable], input:is([type=number], [type=text], :not([type]))";

function hearKey(event) {
  const isKey = (isMac ? event.metaKey : event.ctrlKey) && !event.shiftKey && !event.altKey;
  // Ctrl+K may mean something to who edits a text.
  if (!isKey || event.key.toLowerCase() !== "k" || event.target.closest(TYPING)) return;
  event.preventDefault();
  openSearch();
}

// On its way down: a question keeps its keys from going up.
document.addEventListener("keydown", hearKey, { capture: true });
