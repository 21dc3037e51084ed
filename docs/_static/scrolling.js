// Code that is wider than its place scrolls: let it be reached, and so scrolled, by keyboard.

function letScroll(entries) {
  for (const { target } of entries) {
    if (target.scrollWidth > target.clientWidth) target.tabIndex = 0;
    else target.removeAttribute("tabindex");
  }
}

const widths = new ResizeObserver(letScroll);
document.querySelectorAll("pre").forEach((code) => widths.observe(code));
