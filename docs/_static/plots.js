// Put each live Bokeh figure in the place of its static picture, in the page's own colours.

const live = [];

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

document.querySelectorAll(".plot").forEach((plot) => {
  // A figure that does not come to life leaves its picture standing.
  enliven(plot).catch((error) => {
    plot.querySelector(".plot-live").hidden = true;
    console.error(error);
  });
});
new MutationObserver(repaint).observe(document.body, { attributeFilter: ["data-theme"] });
matchMedia("(prefers-color-scheme: dark)").addEventListener("change", repaint);
