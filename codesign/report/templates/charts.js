// Charts: their layout for the width there is, what a mark says, and zoom.
const LEFT = 66, RIGHT = 22, TOP = 12, BOTTOM = 48;
const tip = document.body.appendChild(document.createElement("div"));
tip.className = "tip";
tip.hidden = true;

const fixed = (value) => value.toFixed(1);
function set(element, values) {
  Object.entries(values).forEach(([name, value]) => element.setAttribute(name, value));
}

class Chart {
  constructor(svg) {
    this.svg = svg;
    this.plot = svg.querySelector(".plot");
    this.x = readAxis(svg.dataset.x);
    this.y = readAxis(svg.dataset.y);
    const [width, height] = svg.getAttribute("viewBox").split(" ").slice(2).map(Number);
    this.ratio = height / width;
    [this.pw, this.ph] = svg.dataset.box.split(" ").slice(2).map(Number);
    this.marks = [...this.plot.children].map((element) => this.read(element));
    svg.tabIndex = 0;
    listen(this);
  }

  // What the page drew in pixels, in units of the axes.
  read(element) {
    const back = (x, y) => {
      const [a, b] = this.x.ends, [c, d] = this.y.ends;
      return [a + (x / this.pw) * (b - a), d - (y / this.ph) * (d - c)];
    };
    const number = (name) => Number(element.getAttribute(name));
    const has = (name) => element.classList.contains(name);
    const mark = { element, rule: has("rule"), upright: has("upright") };
    const move = /translate\(([-\d.]+) ([-\d.]+)\)/.exec(element.getAttribute("transform") || "");
    const points = element.getAttribute("points");
    const pairs = (points || "").split(" ").filter(Boolean);
    if (points !== null) mark.points = pairs.map((one) => back(...one.split(",").map(Number)));
    else if (move) mark.at = back(Number(move[1]), Number(move[2]));
    else mark.ends = [back(number("x1"), number("y1")), back(number("x2"), number("y2"))];
    if (has("line") && !has("faint")) mark.notes = JSON.parse(element.dataset.notes);
    const title = element.querySelector("title");
    if (title) {
      mark.text = title.textContent;
      element.setAttribute("aria-label", mark.text);
      title.remove();
    }
    return mark;
  }

  size() {
    this.w = Math.max(260, Math.min(this.svg.parentElement.clientWidth || 640, 900));
    this.h = Math.max(Math.min(250, this.w), this.w * this.ratio, this.w < 480 ? this.w * 0.8 : 0);
    [this.pw, this.ph] = [this.w - LEFT - RIGHT, this.h - TOP - BOTTOM];
    this.draw();
  }

  px(value) {
    return ((value - this.x.now[0]) / (this.x.now[1] - this.x.now[0])) * this.pw;
  }

  py(value) {
    return (1 - (value - this.y.now[0]) / (this.y.now[1] - this.y.now[0])) * this.ph;
  }

  draw() {
    const { w, h, pw, ph } = this;
    set(this.svg, { viewBox: `0 0 ${w} ${h}`, width: w, height: h });
    set(this.plot, { width: pw, height: ph });
    set(this.svg.querySelector(".right"), { x: w - RIGHT, y: TOP + ph + 40 });
    this.drawTicks();
    this.marks.forEach((mark) => this.move(mark));
  }

  drawTicks() {
    const group = this.svg.querySelector(".ticks"), { pw, ph } = this;
    group.replaceChildren();
    const add = (tag, values, words) => {
      const element = group.appendChild(document.createElementNS(this.svg.namespaceURI, tag));
      set(element, values);
      if (words) element.textContent = words;
    };
    for (const value of ticks(this.x, pw < 330 ? 4 : 6)) {
      const x = LEFT + this.px(this.x.place(value));
      add("line", { x1: x, x2: x, y1: TOP, y2: TOP + ph });
      add("text", { class: "x", x, y: TOP + ph + 18 }, text(this.x, value));
    }
    for (const value of ticks(this.y, 6)) {
      const y = TOP + this.py(this.y.place(value));
      add("line", { x1: LEFT, x2: LEFT + pw, y1: y, y2: y });
      add("text", { class: "y", x: LEFT - 8, y: y + 4 }, text(this.y, value));
    }
  }

  move({ element, rule, upright, points, at, ends }) {
    const place = ([x, y]) => [fixed(this.px(x)), fixed(this.py(y))];
    if (points) return set(element, { points: points.map((one) => place(one).join(",")).join(" ") });
    const [x, y] = place(at || ends[0]), { pw, ph } = this;
    if (rule && at) return set(element, { transform: upright ? `translate(${x} 12)` : `translate(6 ${y})` });
    if (at) return set(element, { transform: `translate(${x} ${y})` });
    if (rule) return set(element, upright ? { x1: x, x2: x, y1: 0, y2: ph } : { x1: 0, x2: pw, y1: y, y2: y });
    const [x2, y2] = place(ends[1]);
    return set(element, { x1: x, y1: y, x2, y2 });
  }

  nearest(x, y) {
    let best = { far: 30 };
    for (const mark of this.marks) {
      if (mark.element.style.display === "none") continue;
      const seen = mark.text ? [mark.at] : mark.notes ? mark.points : [];
      seen.forEach(([a, b], i) => {
        const far = Math.hypot(this.px(a) - x, this.py(b) - y) - (mark.text ? 6 : 0);
        if (far < best.far) best = { far, mark, i, a, b };
      });
    }
    return best.mark ? best : null;
  }

  describe({ mark, i, a, b }) {
    if (mark.text) return mark.text;
    const says = (axis, place) => `${axis.label}: ${exact(axis, axis.value(place))}`;
    const lines = [mark.element.dataset.name, says(this.x, a), says(this.y, b)];
    for (const [name, values] of Object.entries(mark.notes)) {
      const value = values[i], words = typeof value === "number" ? say(value) : value;
      if (value !== undefined && value !== null) lines.push(`${name} ${words}`);
    }
    return lines.join("\n");
  }

  hover(event) {
    const found = this.nearest(...this.where(event));
    this.marks.forEach((mark) => mark.element.classList.toggle("lit", !!found && mark === found.mark));
    tip.hidden = !found;
    if (!found) return;
    tip.textContent = this.describe(found);
    const isRight = event.clientX + 16 + tip.offsetWidth > innerWidth;
    tip.style.left = Math.max(4, isRight ? event.clientX - tip.offsetWidth - 12 : event.clientX + 16) + "px";
    tip.style.top = Math.max(4, Math.min(event.clientY + 14, innerHeight - tip.offsetHeight - 4)) + "px";
  }

  leave() {
    tip.hidden = true;
    this.marks.forEach((mark) => mark.element.classList.remove("lit"));
  }

  // Pixels of the plot, from its upper left corner.
  where(event) {
    const box = this.svg.getBoundingClientRect(), scale = this.w / box.width;
    return [(event.clientX - box.left) * scale - LEFT, (event.clientY - box.top) * scale - TOP];
  }

  // Parts of the plot's width and height, from its lower left corner.
  part([x, y]) {
    const inside = (value) => Math.min(1, Math.max(0, value));
    return [inside(x / this.pw), inside(1 - y / this.ph)];
  }

  zoom([x1, y1], [x2, y2]) {
    for (const [axis, ...parts] of [[this.x, x1, x2], [this.y, y1, y2]]) {
      const [a, b] = axis.now, [first, last] = axis.ends, low = Math.min(...parts), high = Math.max(...parts);
      const ends = [Math.max(first, a + low * (b - a)), Math.min(last, a + high * (b - a))];
      if (ends[1] - ends[0] > (last - first) * 1e-4) axis.now = ends;
    }
    this.draw();
  }

  by(factor, [x, y] = [0.5, 0.5]) {
    this.zoom([x - x * factor, y - y * factor], [x + (1 - x) * factor, y + (1 - y) * factor]);
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
}
