// Lets a reader choose in each explorer, and shows what the page worked out for that choice.

function enliven(explorer) {
  const parts = JSON.parse(explorer.querySelector(".explorer-data").textContent);
  const form = explorer.querySelector(".explorer-choices");
  const controls = [...form.elements];
  const showing = [];

  function show() {
    for (const control of controls.filter((one) => one.type === "range")) {
      const words = JSON.parse(control.dataset.options)[control.value];
      control.setAttribute("aria-valuetext", words);
      control.nextElementSibling.textContent = words;
    }
    parts.forEach(({ by, shown }, place) => {
      const part = explorer.querySelector(`[data-part="${place}"]`);
      const answer = shown[by.map((one) => controls[one].value).join()];
      if (showing[place] !== answer) part.innerHTML = showing[place] = answer;
    });
  }

  // What is longest holds the place open, so that nothing below moves.
  for (const part of explorer.querySelectorAll("figcaption > [data-part]")) {
    const answers = Object.values(parts[part.dataset.part].shown);
    const longest = part.cloneNode();
    longest.innerHTML = answers.reduce((one, other) => (other.length > one.length ? other : one));
    for (const name of ["data-part", "role"]) longest.removeAttribute(name);
    longest.setAttribute("aria-hidden", "true");
    const place = document.createElement("div");
    place.className = "explorer-place";
    part.before(place);
    place.append(longest, part);
  }
  form.hidden = false;
  form.addEventListener("input", show);
  form.addEventListener("submit", (event) => event.preventDefault());
}

document.querySelectorAll(".explorer").forEach(enliven);
