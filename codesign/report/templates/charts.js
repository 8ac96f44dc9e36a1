"use strict";
(() => {
  const LEFT = 66, RIGHT = 22, TOP = 12, BOTTOM = 48;
  const tip = document.body.appendChild(document.createElement("div"));
  tip.className = "tip";
  tip.hidden = true;

  const say = (value) => String(Number(value.toPrecision(4))).replace("-", "\u2212");
  const power = (value) => "10" + String(Math.round(Math.log10(value))).replace(/[-0-9]/g, (c) => "⁻⁰¹²³⁴⁵⁶⁷⁸⁹"["-0123456789".indexOf(c)]);
  function text(axis, value) {
    if (axis.style === "percent") return say(100 * value) + " %";
    if (axis.style === "power" && value > 0) return Math.abs(Math.log10(value) - Math.round(Math.log10(value))) < 1e-9 ? power(value) : value < 1e-3 ? value.toExponential(2) : say(value);
    if (Math.abs(value) >= 1e6) return say(value / 1e6) + "M";
    return Math.abs(value) >= 1e3 ? say(value / 1e3) + "k" : say(value);
  }
  const exact = (axis, value) => axis.style === "number" && Math.abs(value) >= 1e3 ? Math.round(value).toLocaleString("en") : text(axis, value);
  function linear(low, high, most) {
    const about = (high - low) / most, base = 10 ** Math.floor(Math.log10(about));
    const step = [1, 2, 5, 10].map((d) => d * base).find((s) => s >= about * (1 - 1e-9)), found = [];
    for (let i = Math.ceil(low / step - 1e-9); i <= Math.floor(high / step + 1e-9); i++) found.push(i * step);
    return found;
  }
  function ticks(axis, most) {
    const [low, high] = axis.now;
    if (!axis.log) return linear(low, high, most);
    const found = [];
    if (high - low < 2.2) {
      for (let d = Math.floor(low); d <= Math.ceil(high); d++) for (const digit of [1, 2, 5]) {
        const place = Math.log10(digit * 10 ** d);
        if (place >= low - 1e-9 && place <= high + 1e-9) found.push(digit * 10 ** d);
      }
      return found.length > 2 ? found : linear(10 ** low, 10 ** high, most);
    }
    const every = Math.ceil((high - low) / most);
    for (let d = Math.ceil(low - 1e-9); d <= Math.floor(high + 1e-9); d += every) found.push(10 ** d);
    return found;
  }
  function axis(json) {
    const [log, low, high, style, label] = JSON.parse(json), ends = log ? [Math.log10(low), Math.log10(high)] : [low, high];
    return { log, style, label, ends, now: ends.slice(), value: (place) => (log ? 10 ** place : place) };
  }

  class Chart {
    constructor(svg) {
      this.svg = svg;
      this.plot = svg.querySelector(".plot");
      this.x = axis(svg.dataset.x);
      this.y = axis(svg.dataset.y);
      const [, , w, h] = svg.dataset.box.split(" ").map(Number), [, , vw, vh] = svg.getAttribute("viewBox").split(" ").map(Number);
      this.ratio = vh / vw;
      const px = (v) => this.x.ends[0] + (v / w) * (this.x.ends[1] - this.x.ends[0]);
      const py = (v) => this.y.ends[1] - (v / h) * (this.y.ends[1] - this.y.ends[0]);
      const number = (e, name) => Number(e.getAttribute(name));
      this.marks = [...this.plot.children].map((e) => {
        const move = /translate\(([-\d.]+) ([-\d.]+)\)/.exec(e.getAttribute("transform") || "");
        const mark = { e, series: e.dataset.s, rule: e.classList.contains("rule"), upright: e.classList.contains("upright") };
        if (e.tagName === "polyline" || e.tagName === "polygon")
          mark.points = e.getAttribute("points").split(" ").filter(Boolean).map((p) => p.split(",").map(Number)).map(([a, b]) => [px(a), py(b)]);
        else if (move) mark.at = [px(Number(move[1])), py(Number(move[2]))];
        else mark.ends = [[px(number(e, "x1")), py(number(e, "y1"))], [px(number(e, "x2")), py(number(e, "y2"))]];
        if (e.classList.contains("line")) mark.notes = JSON.parse(e.dataset.notes);
        const title = e.querySelector("title");
        if (title) { mark.text = title.textContent; e.setAttribute("aria-label", mark.text); title.remove(); }
        return mark;
      });
      svg.tabIndex = 0;
      this.listen();
    }
    size() {
      const wide = this.svg.parentElement.clientWidth || 640;
      this.w = Math.max(260, Math.min(wide, 900));
      this.h = Math.max(Math.min(250, this.w), this.w * this.ratio);
      if (this.w < 480) this.h = Math.max(this.h, this.w * 0.8);
      [this.pw, this.ph] = [this.w - LEFT - RIGHT, this.h - TOP - BOTTOM];
      this.draw();
    }
    px(v) { return ((v - this.x.now[0]) / (this.x.now[1] - this.x.now[0])) * this.pw; }
    py(v) { return (1 - (v - this.y.now[0]) / (this.y.now[1] - this.y.now[0])) * this.ph; }
    draw() {
      const set = (e, values) => Object.entries(values).forEach(([name, value]) => e.setAttribute(name, value));
      const { w, h, pw, ph } = this, f = (v) => v.toFixed(1);
      set(this.svg, { viewBox: `0 0 ${w} ${h}`, width: w, height: h });
      set(this.plot, { width: pw, height: ph });
      const group = this.svg.querySelector(".ticks");
      group.replaceChildren();
      const add = (tag, values, words) => { const e = group.appendChild(document.createElementNS(this.svg.namespaceURI, tag)); set(e, values); if (words) e.textContent = words; };
      const place = (a, v) => (a.log ? Math.log10(v) : v);
      for (const v of ticks(this.x, pw < 330 ? 4 : 6)) {
        const x = LEFT + this.px(place(this.x, v));
        add("line", { x1: x, x2: x, y1: TOP, y2: TOP + ph });
        add("text", { class: "x", x, y: TOP + ph + 18 }, text(this.x, v));
      }
      for (const v of ticks(this.y, 6)) {
        const y = TOP + this.py(place(this.y, v));
        add("line", { x1: LEFT, x2: LEFT + pw, y1: y, y2: y });
        add("text", { class: "y", x: LEFT - 8, y: y + 4 }, text(this.y, v));
      }
      set(this.svg.querySelector(".right"), { x: w - RIGHT, y: TOP + ph + 40 });
      for (const m of this.marks) {
        if (m.points) m.e.setAttribute("points", m.points.map(([a, b]) => f(this.px(a)) + "," + f(this.py(b))).join(" "));
        else if (m.rule && m.at) set(m.e, { transform: m.upright ? `translate(${f(this.px(m.at[0]))} 12)` : `translate(6 ${f(this.py(m.at[1]))})` });
        else if (m.at) set(m.e, { transform: `translate(${f(this.px(m.at[0]))} ${f(this.py(m.at[1]))})` });
        else if (m.rule) { const v = m.upright ? f(this.px(m.ends[0][0])) : f(this.py(m.ends[0][1])); set(m.e, m.upright ? { x1: v, x2: v, y1: 0, y2: ph } : { x1: 0, x2: pw, y1: v, y2: v }); }
        else set(m.e, { x1: f(this.px(m.ends[0][0])), y1: f(this.py(m.ends[0][1])), x2: f(this.px(m.ends[1][0])), y2: f(this.py(m.ends[1][1])) });
      }
    }
    place(event) {
      const box = this.svg.getBoundingClientRect(), scale = this.w / box.width;
      return [(event.clientX - box.left) * scale - LEFT, (event.clientY - box.top) * scale - TOP];
    }
    nearest(x, y) {
      let best = { far: 30 };
      for (const m of this.marks) {
        if (m.e.style.display === "none") continue;
        const seen = m.text ? [m.at] : m.notes ? m.points : [];
        seen.forEach(([a, b], i) => {
          const far = Math.hypot(this.px(a) - x, this.py(b) - y) - (m.text ? 6 : 0);
          if (far < best.far) best = { far, m, i, a, b };
        });
      }
      return best.m ? best : null;
    }
    describe({ m, i, a, b }) {
      if (m.text) return m.text;
      const lines = [m.e.dataset.name, `${this.x.label}: ${exact(this.x, this.x.value(a))}`, `${this.y.label}: ${exact(this.y, this.y.value(b))}`];
      for (const [name, values] of Object.entries(m.notes)) if (values[i] !== undefined && values[i] !== null) lines.push(`${name} ${typeof values[i] === "number" ? say(values[i]) : values[i]}`);
      return lines.join("\n");
    }
    hover(event) {
      const found = this.nearest(...this.place(event));
      this.marks.forEach((m) => m.e.classList.toggle("lit", !!found && m === found.m));
      tip.hidden = !found;
      if (!found) return;
      tip.textContent = this.describe(found);
      const right = event.clientX + 16 + tip.offsetWidth > innerWidth;
      tip.style.left = Math.max(4, right ? event.clientX - tip.offsetWidth - 12 : event.clientX + 16) + "px";
      tip.style.top = Math.max(4, Math.min(event.clientY + 14, innerHeight - tip.offsetHeight - 4)) + "px";
    }
    zoom(axis, low, high) {
      const [a, b] = axis.now, [first, last] = axis.ends, least = (last - first) * 1e-4;
      const ends = [Math.max(first, a + low * (b - a)), Math.min(last, a + high * (b - a))];
      if (ends[1] - ends[0] > least) axis.now = ends;
    }
    by(factor, x, y) {
      this.zoom(this.x, x - x * factor, x + (1 - x) * factor);
      this.zoom(this.y, y - y * factor, y + (1 - y) * factor);
      this.draw();
    }
    pan(x, y) {
      for (const [axis, by] of [[this.x, x], [this.y, y]]) {
        const [a, b] = axis.now, step = Math.max(axis.ends[0] - a, Math.min(axis.ends[1] - b, by * (b - a)));
        axis.now = [a + step, b + step];
      }
      this.draw();
    }
    reset() {
      [this.x, this.y].forEach((axis) => (axis.now = axis.ends.slice()));
      this.draw();
    }
    listen() {
      const svg = this.svg, part = ([x, y]) => [Math.min(1, Math.max(0, x / this.pw)), Math.min(1, Math.max(0, 1 - y / this.ph))];
      let from = null, box = null;
      svg.addEventListener("pointerleave", () => { if (!from) { tip.hidden = true; this.marks.forEach((m) => m.e.classList.remove("lit")); } });
      svg.addEventListener("pointerdown", (event) => {
        if (event.pointerType === "touch" || event.button) return this.hover(event);
        from = this.place(event);
        svg.setPointerCapture(event.pointerId);
      });
      svg.addEventListener("pointermove", (event) => {
        if (!from) return this.hover(event);
        const to = this.place(event);
        if (Math.hypot(to[0] - from[0], to[1] - from[1]) < 6) return;
        tip.hidden = true;
        box = box || this.plot.appendChild(document.createElementNS(svg.namespaceURI, "rect"));
        box.setAttribute("class", "box");
        Object.entries({ x: Math.min(from[0], to[0]), y: Math.min(from[1], to[1]), width: Math.abs(to[0] - from[0]), height: Math.abs(to[1] - from[1]) }).forEach(([k, v]) => box.setAttribute(k, v));
      });
      const end = (event) => {
        if (box && event.type === "pointerup") {
          const a = part(from), b = part(this.place(event));
          if (Math.abs(a[0] - b[0]) > 0.01 && Math.abs(a[1] - b[1]) > 0.01) {
            this.zoom(this.x, Math.min(a[0], b[0]), Math.max(a[0], b[0]));
            this.zoom(this.y, Math.min(a[1], b[1]), Math.max(a[1], b[1]));
            this.draw();
          }
        }
        if (box) box.remove();
        from = box = null;
      };
      svg.addEventListener("pointerup", end);
      svg.addEventListener("pointercancel", end);
      svg.addEventListener("dblclick", () => this.reset());
      svg.addEventListener("wheel", (event) => {
        if (!event.ctrlKey && document.activeElement !== svg) return;
        event.preventDefault();
        this.by(event.deltaY > 0 ? 1.25 : 0.8, ...part(this.place(event)));
      }, { passive: false });
      svg.addEventListener("keydown", (event) => {
        const act = { "+": () => this.by(0.8, 0.5, 0.5), "-": () => this.by(1.25, 0.5, 0.5), 0: () => this.reset(), Escape: () => this.reset(),
          ArrowLeft: () => this.pan(-0.1, 0), ArrowRight: () => this.pan(0.1, 0), ArrowUp: () => this.pan(0, 0.1), ArrowDown: () => this.pan(0, -0.1) }[event.key];
        if (act) { event.preventDefault(); act(); }
      });
    }
  }

  const charts = [...document.querySelectorAll("svg.chart")].map((svg) => new Chart(svg));
  document.documentElement.classList.add("live");
  const layout = () => charts.forEach((chart) => chart.size());
  layout();
  let wide = innerWidth;
  addEventListener("resize", () => { if (innerWidth !== wide) { wide = innerWidth; layout(); } });
  document.querySelectorAll(".legend").forEach((legend) => legend.querySelectorAll("[data-s]").forEach((entry) => {
    entry.tabIndex = 0;
    entry.setAttribute("role", "button");
    const toggle = () => {
      const off = entry.classList.toggle("off");
      entry.setAttribute("aria-pressed", String(!off));
      legend.parentElement.querySelectorAll(`svg.chart [data-s="${entry.dataset.s}"]`).forEach((e) => { e.style.display = off ? "none" : ""; });
    };
    entry.addEventListener("click", toggle);
    entry.addEventListener("keydown", (event) => { if (event.key === "Enter" || event.key === " ") { event.preventDefault(); toggle(); } });
  }));
})();
