// Numbers and ticks of axes: the same as charts/axis.py writes.
const say = (value) => String(Number(value.toPrecision(4))).replace("-", "\u2212");

function superscript(value) {
  const digits = String(Math.round(Math.log10(value)));
  return "10" + digits.replace(/[-0-9]/g, (c) => "⁻⁰¹²³⁴⁵⁶⁷⁸⁹"["-0123456789".indexOf(c)]);
}

function text(axis, value) {
  if (axis.style === "percent") return say(100 * value) + " %";
  if (axis.style === "power" && value > 0) {
    const decades = Math.log10(value);
    if (Math.abs(decades - Math.round(decades)) < 1e-9) return superscript(value);
    return value < 1e-3 ? value.toExponential(2) : say(value);
  }
  if (Math.abs(value) >= 1e6) return say(value / 1e6) + "M";
  return Math.abs(value) >= 1e3 ? say(value / 1e3) + "k" : say(value);
}

function exact(axis, value) {
  const isLarge = axis.style === "number" && Math.abs(value) >= 1e3;
  return isLarge ? Math.round(value).toLocaleString("en") : text(axis, value);
}

function linear(low, high, most) {
  const about = (high - low) / most, base = 10 ** Math.floor(Math.log10(about)), found = [];
  const step = [1, 2, 5, 10].map((digit) => digit * base).find((one) => one >= about * (1 - 1e-9));
  for (let i = Math.ceil(low / step - 1e-9); i <= Math.floor(high / step + 1e-9); i++) found.push(i * step);
  return found;
}

function ticks(axis, most) {
  const [low, high] = axis.now, found = [];
  if (!axis.log) return linear(low, high, most);
  if (high - low < 2.2) {
    for (let decade = Math.floor(low); decade <= Math.ceil(high); decade++) {
      for (const digit of [1, 2, 5]) {
        const place = Math.log10(digit * 10 ** decade);
        if (place >= low - 1e-9 && place <= high + 1e-9) found.push(digit * 10 ** decade);
      }
    }
    return found.length > 2 ? found : linear(10 ** low, 10 ** high, most + 3);
  }
  const every = Math.ceil((high - low) / most);
  for (let decade = Math.ceil(low - 1e-9); decade <= Math.floor(high + 1e-9); decade += every) found.push(10 ** decade);
  return found;
}

// An axis works in logarithms if it is logarithmic: `ends` are those of the page, `now` those that are shown.
function readAxis(json) {
  const [log, low, high, style, label] = JSON.parse(json);
  const ends = log ? [Math.log10(low), Math.log10(high)] : [low, high];
  return {
    log, style, label, ends, now: ends.slice(),
    value: (place) => (log ? 10 ** place : place),
    place: (value) => (log ? Math.log10(value) : value),
  };
}
