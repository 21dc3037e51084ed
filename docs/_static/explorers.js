// Lets a reader choose in each explorer, and shows what the page worked out for that choice.

function openExplorer(explorer) {
  const { digits, sizes, parts } = JSON.parse(explorer.querySelector(".explorer-data").textContent);
  const form = explorer.querySelector(".explorer-choices");
  const controls = [...form.elements];
  const showing = [];

  function answer({ by, answers, width, codes }) {
    const place = by.reduce((sum, one) => sum * sizes[one] + Number(controls[one].value), 0);
    const code = codes.slice(place * width, (place + 1) * width);
    return answers[[...code].reduce((sum, digit) => sum * digits.length + digits.indexOf(digit), 0)];
  }

  function show() {
    for (const slider of controls.filter((one) => one.type === "range")) {
      const words = JSON.parse(slider.dataset.options)[slider.value];
      slider.setAttribute("aria-valuetext", words);
      slider.nextElementSibling.textContent = words;
    }
    parts.forEach((part, place) => {
      const shown = answer(part);
      if (showing[place] === shown) return;
      explorer.querySelector(`[data-part="${place}"]`).innerHTML = showing[place] = shown;
    });
  }

  // What is longest holds the place open, so that nothing below moves.
  for (const words of explorer.querySelectorAll("figcaption > *")) {
    const longest = words.cloneNode(true);
    longest.removeAttribute("role");
    longest.setAttribute("aria-hidden", "true");
    for (const part of [longest, ...longest.querySelectorAll("*")]) {
      if (!part.dataset.part) continue;
      const { answers } = parts[part.dataset.part];
      part.innerHTML = answers.reduce((one, other) => (other.length > one.length ? other : one));
      part.removeAttribute("data-part");
    }
    const place = document.createElement("div");
    place.className = "explorer-place";
    words.before(place);
    place.append(longest, words);
  }
  form.hidden = false;
  form.addEventListener("input", show);
  form.addEventListener("submit", (event) => event.preventDefault());
}

document.querySelectorAll(".explorer").forEach(openExplorer);
