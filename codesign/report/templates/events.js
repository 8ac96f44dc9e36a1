// Mouse, touch and keys: hover, drag to zoom, double-click for all; entries of legends hide their series.
function listen(chart) {
  const { svg } = chart;
  let from = null, box = null;

  svg.addEventListener("pointerdown", (event) => {
    if (event.pointerType === "touch" || event.button) return chart.hover(event);
    from = chart.where(event);
    return svg.setPointerCapture(event.pointerId);
  });
  svg.addEventListener("pointermove", (event) => {
    if (!from) return chart.hover(event);
    const [x1, y1] = from, [x2, y2] = chart.where(event);
    if (Math.hypot(x2 - x1, y2 - y1) < 6) return undefined;
    chart.leave();
    box = box || chart.plot.appendChild(document.createElementNS(svg.namespaceURI, "rect"));
    const corner = { x: Math.min(x1, x2), y: Math.min(y1, y2) };
    return set(box, { class: "box", ...corner, width: Math.abs(x2 - x1), height: Math.abs(y2 - y1) });
  });
  const end = (event) => {
    if (box && event.type === "pointerup") {
      const a = chart.part(from), b = chart.part(chart.where(event));
      if (Math.abs(a[0] - b[0]) > 0.01 && Math.abs(a[1] - b[1]) > 0.01) chart.zoom(a, b);
    }
    if (box) box.remove();
    from = box = null;
  };
  svg.addEventListener("pointerup", end);
  svg.addEventListener("pointercancel", end);
  svg.addEventListener("pointerleave", () => from || chart.leave());
  svg.addEventListener("dblclick", () => chart.reset());
  const wheel = (event) => {
    if (!event.ctrlKey && document.activeElement !== svg) return; // the page scrolls
    event.preventDefault();
    chart.by(event.deltaY > 0 ? 1.25 : 0.8, chart.part(chart.where(event)));
  };
  svg.addEventListener("wheel", wheel, { passive: false });

  const keys = {
    "+": () => chart.by(0.8),
    "-": () => chart.by(1.25),
    0: () => chart.reset(),
    Escape: () => chart.reset(),
    ArrowLeft: () => chart.pan(-0.1, 0),
    ArrowRight: () => chart.pan(0.1, 0),
    ArrowUp: () => chart.pan(0, 0.1),
    ArrowDown: () => chart.pan(0, -0.1),
  };
  svg.addEventListener("keydown", (event) => {
    if (!keys[event.key]) return;
    event.preventDefault();
    keys[event.key]();
  });
}

function hides(entry, legend) {
  const toggle = () => {
    const isOff = entry.classList.toggle("off");
    entry.setAttribute("aria-pressed", String(!isOff));
    legend.parentElement.querySelectorAll(`svg.chart [data-s="${entry.dataset.s}"]`).forEach((element) => {
      element.style.display = isOff ? "none" : "";
    });
  };
  entry.tabIndex = 0;
  entry.setAttribute("role", "button");
  entry.addEventListener("click", toggle);
  entry.addEventListener("keydown", (event) => {
    if (event.key !== "Enter" && event.key !== " ") return;
    event.preventDefault();
    toggle();
  });
}

const charts = [...document.querySelectorAll("svg.chart")].map((svg) => new Chart(svg));
document.documentElement.classList.add("live");
const layOut = () => charts.forEach((chart) => chart.size());
layOut();
let width = innerWidth;
addEventListener("resize", () => {
  if (innerWidth === width) return;
  width = innerWidth;
  layOut();
});
document.querySelectorAll(".legend").forEach((legend) => {
  legend.querySelectorAll("[data-s]").forEach((entry) => hides(entry, legend));
});
