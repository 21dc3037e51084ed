// Puts each live Bokeh figure in the place of its static picture, in the page's own colours, when
// it nears the view: Bokeh is heavier than all else of a page, and does not come before.

const { bokeh: BOKEH } = document.currentScript.dataset;
const BESIDE = document.currentScript.src;
const live = [];
let coming = null;

function loadBokeh() {
  coming ??= new Promise((resolve, reject) => {
    const script = document.createElement("script");
    script.src = new URL(BOKEH, BESIDE);
    script.onload = resolve;
    script.onerror = () => reject(new Error(`${script.src} did not come`));
    document.head.append(script);
  });
  return coming;
}

function paint(model) {
  const style = getComputedStyle(document.body);
  const ink = style.getPropertyValue("--color-foreground-secondary").trim();
  const line = style.getPropertyValue("--color-foreground-border").trim();
  for (const side of ["left", "right", "above", "below", "center"]) {
    for (const part of model[side]) {
      for (const name of ["axis_label_text_color", "major_label_text_color", "label_text_color", "group_text_color", "title_text_color"]) {
        if (name in part) part[name] = ink;
      }
      for (const name of ["axis_line_color", "major_tick_line_color", "grid_line_color"]) {
        if (name in part && part[name] !== null) part[name] = line;
      }
      // A legend does not fold by itself: a phone has room for one column.
      if ("ncols" in part && innerWidth < 480) part.ncols = 1;
    }
  }
}

async function enliven(plot) {
  await loadBokeh();
  const place = plot.querySelector(".plot-live");
  const item = JSON.parse(plot.querySelector(".plot-data").textContent);
  place.hidden = false;
  const views = await Bokeh.embed.embed_item(item, place);
  const { model } = views.roots[0];
  paint(model);
  live.push(model);
  plot.classList.add("is-live");
}

function repaint() {
  live.forEach(paint);
}

// What is folded away, or waits for an answer, nears the view when it is shown.
const nearing = new IntersectionObserver((entries) => {
  for (const { isIntersecting, target: plot } of entries) {
    if (!isIntersecting) continue;
    nearing.unobserve(plot);
    // A figure that does not come to life leaves its picture standing.
    enliven(plot).catch((error) => {
      plot.querySelector(".plot-live").hidden = true;
      console.error(error);
    });
  }
}, { rootMargin: "50% 0px" });
document.querySelectorAll(".plot").forEach((plot) => nearing.observe(plot));
new MutationObserver(repaint).observe(document.body, { attributeFilter: ["data-theme"] });
matchMedia("(prefers-color-scheme: dark)").addEventListener("change", repaint);
