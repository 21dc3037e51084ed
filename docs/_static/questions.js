// Makes a form of each question. The outputs that answer it wait for you, and what you answered
// stays in this browser: here, and as a count on the first page.

const KEY = "raylessons-predictions";
const SKIPPED = "skipped";
// On another cluster, a question may be about what this run did not have.
const NOT_KNOWN = -1;
const UNKNOWN = "In this run, that is not known.";

function element(name, properties, ...children) {
  const made = Object.assign(document.createElement(name), properties);
  made.append(...children);
  return made;
}

function readKept() {
  try { return JSON.parse(localStorage.getItem(KEY)) ?? {}; } catch { return {}; }
}

function keep(page, name, said) {
  const kept = readKept();
  kept[page] = { ...kept[page], [name]: said };
  if (said === undefined) delete kept[page][name];
  // Without storage, as in a private window, an answer lasts as long as the page.
  try { localStorage.setItem(KEY, JSON.stringify(kept)); } catch { /* as said above */ }
}

const unanswered = new Set();

function showOutputs() {
  for (const cell of document.querySelectorAll(".awaits")) {
    const waits = [...cell.classList].some((one) => unanswered.has(one));
    cell.classList.toggle("is-open", !waits);
  }
  // A plot that comes to view has to learn its width.
  window.dispatchEvent(new Event("resize"));
}

function makeQuestion(question) {
  const { page, name, unit } = question.dataset;
  const right = Number(question.dataset.right);
  const items = [...question.querySelectorAll(":scope > ol > li")];
  const terms = [...question.querySelectorAll("dt")];
  const definitions = [...question.querySelectorAll("dd")];
  const isChoice = unit === undefined;
  const waiting = `awaits-${name}`;
  const asked = question.querySelector("p");
  asked.id = `${question.id}-asked`;

  const number = element("input", { type: "number", step: "any", required: true });
  const submit = element("button", { type: "submit", textContent: "Answer" });
  const skip = element("button", { type: "button", textContent: "Show me" });
  const again = element("button", { type: "button", textContent: "Ask me again", hidden: true });
  const told = element("div", { className: "question-told" });
  told.setAttribute("role", "status");
  const form = element("form", { className: "question-form" });
  form.setAttribute("aria-labelledby", asked.id);

  if (isChoice) {
    items.forEach((item, place) => {
      const radio = element("input", { type: "radio", name, value: place, required: true });
      const label = element("label", {}, radio, element("span", {}, ...item.childNodes));
      item.append(label);
    });
    const list = question.querySelector("ol");
    list.setAttribute("role", "radiogroup");
    list.setAttribute("aria-labelledby", asked.id);
    items.forEach((item) => item.setAttribute("role", "presentation"));
    form.append(list);
  } else {
    number.setAttribute("aria-labelledby", asked.id);
    form.append(element("p", { className: "question-number" }, number, ` ${unit}`));
  }
  form.append(told, element("p", { className: "question-buttons" }, submit, skip, again));
  question.querySelector("details").before(form);

  const isClose = (said, measured) =>
    Math.abs(said - measured) <= Number(question.dataset.close) * Math.abs(measured);

  function says(place) {
    const paragraphs = place < 0 ? [] : [...definitions[place].querySelectorAll("p")];
    const copies = paragraphs.map((one) => one.cloneNode(true));
    // A footnote is named once on a page.
    copies.flatMap((one) => [...one.querySelectorAll("[id]")]).forEach((one) => one.removeAttribute("id"));
    return copies.flatMap((one) => [" ", ...one.childNodes]);
  }

  function verdict(mark, isRight, ...words) {
    const line = element("p", { className: isRight ? "is-right" : "is-wrong" });
    const sign = element("span", { textContent: mark });
    sign.setAttribute("aria-hidden", "true");
    line.append(sign, " ", ...words);
    return line;
  }

  function tellChoice(said) {
    const letter = (place) => String.fromCharCode(65 + place);
    if (said >= 0) items[said].querySelector("input").checked = true;
    if (right === NOT_KNOWN) return told.append(verdict("–", true, UNKNOWN));
    items.forEach((item, place) => {
      item.classList.toggle("is-right", place === right);
      item.classList.toggle("is-wrong", place === said && place !== right);
    });
    if (said >= 0 && said !== right) {
      told.append(verdict("✗", false, `You said ${letter(said)}.`, ...says(said)));
    }
    const praise = said === right ? "Right, it was" : "It was";
    told.append(verdict("✓", true, `${praise} ${letter(right)}.`, ...says(right)));
  }

  function tellNumber(said) {
    const measured = `${question.querySelector("details strong").textContent} in this run.`;
    if (said !== null) number.value = said;
    if (right === NOT_KNOWN) return told.append(verdict("–", true, UNKNOWN));
    if (said === null) return told.append(verdict("✓", true, `It was ${measured}`));
    const isRight = isClose(said, right);
    const mistake = terms.findIndex((term) => isClose(said, Number(term.textContent)));
    const words = isRight ? [] : says(mistake);
    const mark = isRight ? "✓" : "✗";
    told.append(verdict(mark, isRight, `You said ${said} ${unit}; it was ${measured}`, ...words));
  }

  function settle(said) {
    told.replaceChildren();
    const skipped = said === SKIPPED;
    if (isChoice) tellChoice(skipped ? -1 : Number(said));
    else tellNumber(skipped ? null : Number(said));
    question.classList.add("is-answered");
    for (const field of form.querySelectorAll("input")) field.disabled = true;
    submit.hidden = skip.hidden = true;
    again.hidden = false;
    unanswered.delete(waiting);
  }

  function answer(said) {
    settle(said);
    keep(page, name, said);
    showOutputs();
    again.focus({ preventScroll: true }); // the button that had the focus is gone
  }

  function ask() {
    told.replaceChildren();
    question.classList.remove("is-answered");
    items.forEach((item) => item.classList.remove("is-right", "is-wrong"));
    form.reset();
    for (const field of form.querySelectorAll("input")) field.disabled = false;
    submit.hidden = skip.hidden = false;
    again.hidden = true;
    unanswered.add(waiting);
  }

  form.addEventListener("submit", (event) => {
    event.preventDefault();
    answer(isChoice ? form.elements[name].value : number.value);
  });
  form.addEventListener("keydown", (event) => event.stopPropagation()); // arrows turn no page here
  skip.addEventListener("click", () => answer(SKIPPED));
  again.addEventListener("click", () => {
    keep(page, name, undefined);
    ask();
    showOutputs();
    form.querySelector("input").focus({ preventScroll: true });
  });

  ask();
  const kept = readKept()[page]?.[name];
  if (kept !== undefined) settle(kept);
  question.classList.add("is-live");
  return { waiting, answer };
}

const questions = [...document.querySelectorAll(".question")].map(makeQuestion);

function openTarget() {
  // Who follows a link to something has asked for it.
  const cell = document.querySelector(":target")?.closest(".awaits");
  if (!cell) return;
  const waits = questions.filter((one) => unanswered.has(one.waiting));
  waits.filter((one) => cell.classList.contains(one.waiting)).forEach((one) => one.answer(SKIPPED));
  document.querySelector(":target").scrollIntoView();
}

function offerAll() {
  // For who comes back to look something up.
  const buttons = document.querySelector(".question-buttons");
  if (!buttons || !unanswered.size) return;
  const all = element("button", { type: "button", textContent: "Show all on this page" });
  all.addEventListener("click", () => {
    questions.filter((one) => unanswered.has(one.waiting)).forEach((one) => one.answer(SKIPPED));
    all.remove();
  });
  buttons.append(all);
}

showOutputs();
offerAll();
openTarget();
window.addEventListener("hashchange", openTarget);

function countAnswers() {
  const kept = readKept();
  const counts = [...document.querySelectorAll(".path-questions")];
  for (const count of counts) {
    const { page, questions: all } = count.dataset;
    const done = Object.keys(kept[page] ?? {}).length;
    if (done) count.textContent = `, you answered ${done} of ${all} questions`;
    else count.textContent = `, ${all} questions`;
  }
  return Object.values(kept).some((page) => Object.keys(page).length);
}

const path = document.querySelector(".path");
if (path && countAnswers()) {
  const forget = element("button", { type: "button", textContent: "Forget my answers" });
  forget.addEventListener("click", () => {
    try { localStorage.removeItem(KEY); } catch { /* then nothing is kept */ }
    countAnswers();
    forget.remove();
  });
  path.after(element("p", { className: "path-forget" }, forget));
}
