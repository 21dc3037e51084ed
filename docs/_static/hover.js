// Shows what a term or a name means, in one sentence, where the pointer or the focus is on its link.
// It stays while the pointer is on it, and Escape takes it away.

const PATIENCE_MS = 200; // until it shows, and until it goes: time to cross the gap with the pointer

const hint = Object.assign(document.createElement("div"), { id: "hint", className: "hint", popover: "manual" });
hint.setAttribute("role", "tooltip");
document.body.append(hint);
let timer = null;
let link = null;

const meaning = (one) => hints[decodeURIComponent(one.hash.slice(1))];

function hide() {
  clearTimeout(timer);
  if (!link) return;
  link.removeAttribute("aria-describedby");
  link = null;
  hint.hidePopover();
}

function place() {
  hint.style.left = hint.style.top = "0px"; // it takes the width it has from here on
  const [first] = link.getClientRects(); // a link may go on in the next line
  const { width, height } = hint.getBoundingClientRect();
  const room = document.documentElement.clientWidth - width - 8;
  const isBelow = first.bottom + height + 8 < innerHeight;
  hint.style.left = `${Math.max(8, Math.min(first.left, room))}px`;
  hint.style.top = `${isBelow ? first.bottom + 4 : first.top - height - 4}px`;
}

function show(wanted) {
  clearTimeout(timer);
  if (wanted === link) return;
  hide();
  link = wanted;
  hint.textContent = meaning(link);
  hint.showPopover();
  link.setAttribute("aria-describedby", hint.id);
  place();
}

function later(act) {
  clearTimeout(timer);
  timer = setTimeout(act, PATIENCE_MS);
}

function prepare(one) {
  one.removeAttribute("title"); // it says less, and would be shown beside the hint
  one.addEventListener("pointerenter", ({ pointerType }) => {
    if (pointerType !== "touch") later(() => show(one));
  });
  one.addEventListener("pointerleave", () => later(hide));
  one.addEventListener("focus", () => { if (one.matches(":focus-visible")) show(one); });
  one.addEventListener("blur", hide);
}

hint.addEventListener("pointerenter", () => clearTimeout(timer));
hint.addEventListener("pointerleave", () => later(hide));
document.addEventListener("keydown", ({ key }) => { if (key === "Escape") hide(); }, { capture: true });
window.addEventListener("scroll", () => {
  if (link?.matches(":focus")) place(); // the page scrolls to what gets the focus
  else hide();
}, { passive: true });
for (const one of document.querySelectorAll("article a[href*='#']")) {
  if (meaning(one) && !one.matches(".headerlink")) prepare(one);
}
