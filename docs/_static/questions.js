// Makes a form of each question. The outputs that answer it wait for you, and what you answered
// stays in this browser: here, and as a count on the first page.

const KEY = "raylessons-predictions";
const SKIPPED = "skipped";
// On another cluster, a question may be about what this run did not have.
const NOT_KNOWN = -1;
const UNKNOWN = "– In this run, that is not known.";

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

// What the page says of an answer. A footnote's name is there once on a page.
function copyWords(definition) {
  const copies = [...(definition?.querySelectorAll("p") ?? [])].map((one) => one.cloneNode(true));
  copies.flatMap((one) => [...one.querySelectorAll("[id]")]).forEach((one) => one.removeAttribute("id"));
  return copies.flatMap((one) => [" ", ...one.childNodes]);
}

function verdict(isRight, ...words) {
  const mark = element("span", { textContent: isRight ? "✓" : "✗" });
  mark.setAttribute("aria-hidden", "true");
  return element("p", { className: isRight ? "is-right" : "is-wrong" }, mark, " ", ...words);
}

// Each kind of question makes a field, and then `read`s what you said, as it is kept, `fill`s it in
// again, `tell`s what is to be said of it (of null: you were shown it), and `clear`s it.

function makeChoice(question, asked) {
  const right = Number(question.dataset.right);
  const list = question.querySelector(":scope > ol");
  const items = [...list.children];
  const radios = items.map((item, place) => {
    const { name } = question.dataset;
    const radio = element("input", { type: "radio", name, value: place, required: true });
    item.append(element("label", {}, radio, element("span", {}, ...item.childNodes)));
    item.setAttribute("role", "presentation");
    return radio;
  });
  list.setAttribute("role", "radiogroup");
  list.setAttribute("aria-labelledby", asked.id);
  const definitions = [...question.querySelectorAll("dd")];
  const letter = (place) => String.fromCharCode(65 + place);

  return {
    field: list,
    read: () => radios.find((radio) => radio.checked).value,
    fill: (said) => { radios[said].checked = true; },
    tell(said) {
      const place = said === null ? right : Number(said);
      items[right].classList.add("is-right");
      if (place !== right) items[place].classList.add("is-wrong");
      const praise = `${said !== null && place === right ? "Right, it was" : "It was"} ${letter(right)}.`;
      const truth = verdict(true, praise, ...copyWords(definitions[right]));
      if (place === right) return [truth];
      return [verdict(false, `You said ${letter(place)}.`, ...copyWords(definitions[place])), truth];
    },
    clear: () => items.forEach((item) => item.classList.remove("is-right", "is-wrong")),
  };
}

function makeNumber(question, asked) {
  const { unit, close } = question.dataset;
  const right = Number(question.dataset.right);
  const input = element("input", { type: "number", step: "any", required: true });
  input.setAttribute("aria-labelledby", asked.id);
  const isClose = (said, measured) => Math.abs(said - measured) <= Number(close) * Math.abs(measured);

  return {
    field: element("p", { className: "question-number" }, input, ` ${unit}`),
    read: () => input.value,
    fill: (said) => { input.value = said; },
    tell(said) {
      const measured = `${question.querySelector("details strong").textContent} in this run.`;
      if (said === null) return [verdict(true, `It was ${measured}`)];
      const isRight = isClose(Number(said), right);
      const terms = [...question.querySelectorAll("dt")];
      const mistake = terms.find((term) => isClose(Number(said), Number(term.textContent)));
      const words = isRight ? [] : copyWords(mistake?.nextElementSibling);
      return [verdict(isRight, `You said ${said} ${unit}; it was ${measured}`, ...words)];
    },
    clear: () => {},
  };
}

function makeOrder(question, asked, submit) {
  const right = question.dataset.right.split(" ").map(Number);
  const list = question.querySelector(":scope > ul");
  const items = [...list.children];
  const things = items.map((item) => [...item.querySelector("p").childNodes]);
  const copy = (thing) => things[thing].map((one) => one.cloneNode(true));
  const inWords = (order) => order.map((thing) => items[thing].dataset.thing).join(", ");
  let chosen = [];

  const places = items.map(() => element("span", { className: "question-place" }));
  const buttons = items.map((item, thing) => {
    item.dataset.thing = item.textContent.trim();
    const button = element("button", { type: "button" }, places[thing], element("span", {}, ...copy(thing)));
    button.addEventListener("click", () => {
      const others = chosen.filter((one) => one !== thing);
      choose(others.length < chosen.length ? others : [...chosen, thing]);
    });
    item.replaceChildren(button);
    item.setAttribute("role", "presentation");
    return button;
  });
  list.setAttribute("role", "group");
  list.setAttribute("aria-labelledby", asked.id);

  function choose(order) {
    chosen = order;
    buttons.forEach((button, thing) => {
      const place = chosen.indexOf(thing) + 1;
      places[thing].textContent = place ? `${place}.` : "";
      button.setAttribute("aria-pressed", place > 0);
    });
    const isWhole = chosen.length === items.length;
    submit.setCustomValidity(isWhole ? "" : "Press all of them, in their order.");
  }

  function compare(said) {
    const cell = (tag, ...words) => element(tag, {}, ...words);
    const row = (thing, place) => {
      const isRight = said[place] === thing;
      const mark = element("span", { textContent: isRight ? "✓" : "✗" });
      return element("tr", { className: isRight ? "is-right" : "is-wrong" },
        cell("th", `${place + 1}.`), cell("td", mark, " ", ...copy(said[place])), cell("td", ...copy(thing)));
    };
    const head = cell("tr", cell("td"), cell("th", "You said"), cell("th", "In this run"));
    return element("table", { className: "question-places" },
      cell("thead", head), cell("tbody", ...right.map(row)));
  }

  const hint = element("p", { className: "question-hint", textContent: "Press what comes first, then the next." });
  return {
    field: element("div", { className: "question-order" }, hint, list),
    read: () => chosen.join(" "),
    fill: (said) => choose(said.split(" ").map(Number)),
    tell(said) {
      const isRight = said === question.dataset.right;
      const truth = `${isRight ? "Right" : "In this run"}: ${inWords(right)}.`;
      if (said === null || isRight) return [verdict(true, truth)];
      const order = said.split(" ").map(Number);
      const count = right.filter((thing, place) => order[place] === thing).length;
      const terms = [...question.querySelectorAll("dt")];
      const mistake = terms.find((term) => term.textContent.trim() === inWords(order));
      const found = `${count || "None"} of ${right.length} ${count === 1 ? "is" : "are"} in place.`;
      return [verdict(false, found, ...copyWords(mistake?.nextElementSibling)), compare(order)];
    },
    clear: () => choose([]),
  };
}

function makeQuestion(question) {
  const { page, name, unit, order } = question.dataset;
  const waiting = `awaits-${name}`;
  const asked = question.querySelector("p");
  asked.id = `${question.id}-asked`;

  const submit = element("button", { type: "submit", textContent: "Answer" });
  const skip = element("button", { type: "button", textContent: "Show me" });
  const again = element("button", { type: "button", textContent: "Ask me again", hidden: true });
  const told = element("div", { className: "question-told" });
  told.setAttribute("role", "status");
  const form = element("form", { className: "question-form" });
  form.setAttribute("aria-labelledby", asked.id);
  const make = order ? makeOrder : unit ? makeNumber : makeChoice;
  const kind = make(question, asked, submit);
  const fields = [...kind.field.querySelectorAll("input, button")];
  form.append(kind.field, told, element("p", { className: "question-buttons" }, submit, skip, again));
  question.querySelector("details").before(form);

  function settle(kept) {
    const said = kept === SKIPPED ? null : kept;
    if (said !== null) kind.fill(said);
    const isKnown = Number(question.dataset.right) !== NOT_KNOWN;
    told.replaceChildren(...(isKnown ? kind.tell(said) : [element("p", { textContent: UNKNOWN })]));
    question.classList.add("is-answered");
    for (const field of fields) field.disabled = true;
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
    kind.clear();
    form.reset();
    for (const field of fields) field.disabled = false;
    submit.hidden = skip.hidden = false;
    again.hidden = true;
    unanswered.add(waiting);
  }

  form.addEventListener("submit", (event) => {
    event.preventDefault();
    answer(kind.read());
  });
  form.addEventListener("keydown", (event) => event.stopPropagation()); // arrows turn no page here
  skip.addEventListener("click", () => answer(SKIPPED));
  again.addEventListener("click", () => {
    keep(page, name, undefined);
    ask();
    showOutputs();
    fields[0].focus({ preventScroll: true });
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
  for (const count of document.querySelectorAll(".path-questions")) {
    const names = count.dataset.names.split(" ");
    const said = names.map((name) => kept[count.dataset.page]?.[name]);
    const lookedUp = said.filter((one) => one === SKIPPED).length;
    const answered = said.filter((one) => one !== undefined).length - lookedUp;
    const all = `${names.length} question${names.length === 1 ? "" : "s"}`;
    if (answered && lookedUp) count.textContent = `You answered ${answered} of ${all}, and looked up ${lookedUp}`;
    else if (answered) count.textContent = `You answered ${answered} of ${all}`;
    else if (lookedUp) count.textContent = `You looked up ${lookedUp} of ${all}`;
    else count.textContent = all;
    count.style.setProperty("--answered", answered / names.length);
    count.style.setProperty("--looked-up", lookedUp / names.length);
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
