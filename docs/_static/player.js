// Steps through the frames of a story: one at a time, by button, slider or arrow key, or playing.
// Without this script all frames stand below one another. On the first page it plays by itself.

const calm = window.matchMedia("(prefers-reduced-motion: reduce)");

function makePart(name, properties) {
  return Object.assign(document.createElement(name), properties);
}

function makePlayer(story) {
  const frames = [...story.querySelectorAll(".story-frames > li")];
  if (frames.length < 2) return;
  let place = 0;
  let timer = null;

  const back = makePart("button", { type: "button", textContent: "Back" });
  const play = makePart("button", { type: "button", textContent: "Play" });
  const next = makePart("button", { type: "button", textContent: "Next" });
  const slider = makePart("input", { type: "range", min: 1, max: frames.length, step: 1 });
  slider.setAttribute("aria-label", "Step of the story");
  const position = makePart("span", { className: "story-position" });
  position.setAttribute("aria-hidden", "true"); // the slider and the sentence say it
  const said = makePart("p", { className: "story-said" });
  said.setAttribute("aria-live", "polite");
  const controls = makePart("div", { className: "story-controls" });
  controls.setAttribute("role", "group");
  controls.setAttribute("aria-label", "Step through the story");
  controls.append(back, play, next, slider, position);
  story.prepend(controls, said);

  const caption = (frame) => frame.querySelector("figcaption");

  function show(wanted, aloud = true) {
    place = Math.min(Math.max(wanted, 0), frames.length - 1);
    frames.forEach((frame, index) => { frame.hidden = index !== place; });
    // Not `disabled`: a button that disappears from under the finger takes the focus with it.
    back.setAttribute("aria-disabled", place === 0);
    next.setAttribute("aria-disabled", place === frames.length - 1);
    const headline = caption(frames[place]).querySelector("strong").textContent;
    slider.value = place + 1;
    slider.setAttribute("aria-valuetext", `${place + 1} of ${frames.length}: ${headline}`);
    position.textContent = `${place + 1} of ${frames.length}`;
    if (aloud) {
      const words = caption(frames[place]).querySelector("span").textContent;
      said.textContent = `${place + 1} of ${frames.length}: ${headline}. ${words}`;
    }
  }

  function stop() {
    clearTimeout(timer);
    timer = null;
    play.textContent = "Play";
    story.classList.remove("is-playing");
  }

  function step(wanted) {
    stop();
    show(wanted);
  }

  function goOn(aloud) {
    // Two seconds to look, and as long as it takes to read thirty letters a second.
    const letters = caption(frames[place]).textContent.length;
    timer = setTimeout(() => {
      show(place + 1, aloud);
      if (place === frames.length - 1) stop();
      else goOn(aloud);
    }, 2000 + 30 * letters);
  }

  function begin(aloud = true) {
    play.textContent = "Pause";
    story.classList.add("is-playing");
    if (place === frames.length - 1) show(0, aloud);
    goOn(aloud);
  }

  back.addEventListener("click", () => step(place - 1));
  next.addEventListener("click", () => step(place + 1));
  slider.addEventListener("input", () => step(slider.value - 1));
  play.addEventListener("click", () => {
    if (timer !== null) return stop();
    return begin();
  });
  story.addEventListener("keydown", (event) => {
    if (event.target === slider || event.altKey || event.ctrlKey || event.metaKey) return;
    const wanted = { ArrowLeft: place - 1, ArrowRight: place + 1, Home: 0, End: frames.length - 1 };
    if (!(event.key in wanted)) return;
    event.preventDefault();
    event.stopPropagation(); // the theme turns the page with these keys
    step(wanted[event.key]);
  });
  document.addEventListener("visibilitychange", () => { if (document.hidden) stop(); });

  const respectMotion = () => {
    play.hidden = calm.matches;
    if (calm.matches) stop();
  };
  calm.addEventListener("change", respectMotion);

  story.classList.add("is-live");
  respectMotion();
  show(0, false);

  if (story.closest(".plays-by-itself") && !calm.matches) {
    // Once, when a good part of it can be seen, and without a word to whoever listens to the page.
    const seen = new IntersectionObserver(([entry]) => {
      if (!entry.isIntersecting) return;
      seen.disconnect();
      if (timer === null && place === 0) begin(false);
    }, { threshold: 0.3 });
    seen.observe(story);
  }
}

document.querySelectorAll(".story").forEach(makePlayer);
