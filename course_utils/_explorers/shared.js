// What the explorers share: controls, charts, and state that travels in a link or a Python call.
//
// Python puts this file, one explorer and a call of `start` into one function, so that nothing
// here becomes global and several explorers can stand on one page.
const shared = (() => {
  "use strict";

  // The first colors and dashes of course_utils.plots.
  const COLORS = ["#0072B2", "#D55E00", "#009E73"];
  const DASHES = [[], [7, 4], [9, 3, 2, 3]];

  // --- numbers -------------------------------------------------------------------------------

  /** A number in words as short as it can be: 0.001, 12.35, 3.2e-7. */
  function format(value, digits = 3) {
    if (Number.isNaN(value)) return "not a number";
    if (!Number.isFinite(value)) return value < 0 ? "minus infinity" : "infinity";
    const size = Math.abs(value);
    if (size !== 0 && (size < 1e-4 || size >= 1e6)) {
      return value.toExponential(digits - 1).replace(/\.?0+e/, "e").replace("e+", "e");
    }
    return String(Number(value.toPrecision(digits)));
  }

  const clamp = (value, low, high) => Math.min(Math.max(value, low), high);

  function powerOfTen(exponent) {
    if (exponent === 0) return "1";
    if (exponent === 1) return "10";
    return "10" + String(exponent).replace(/./g, (c) => (c === "-" ? "⁻" : "⁰¹²³⁴⁵⁶⁷⁸⁹"[c]));
  }

  /** Round numbers between low and high, about `count` of them. */
  function ticks(low, high, count = 5) {
    const raw = (high - low) / count;
    const power = 10 ** Math.floor(Math.log10(raw));
    const step = [1, 2, 5, 10].map((k) => k * power).find((s) => s >= raw * 0.999);
    const first = Math.ceil(low / step - 1e-9);
    const last = Math.floor(high / step + 1e-9);
    return Array.from({ length: last - first + 1 }, (_, k) => Number(((first + k) * step).toPrecision(12)));
  }

  /** Powers of ten between low and high, at most about six of them. */
  function decades(low, high) {
    const [first, last] = [Math.ceil(Math.log10(low) - 1e-9), Math.floor(Math.log10(high) + 1e-9)];
    const step = Math.max(1, Math.ceil((last - first) / 6));
    const found = [];
    for (let k = Math.ceil(first / step) * step; k <= last; k += step) found.push(k);
    return found;
  }

  // --- state, in a link and in Python --------------------------------------------------------

  /** The fragment of an address that opens the explorer number `at` of a page in a state. */
  function encodeState(kind, state, at = 1) {
    const fields = new URLSearchParams({ explore: kind });
    if (at > 1) fields.set("at", at);
    for (const [name, value] of Object.entries(state)) {
      fields.set(name, Array.isArray(value) ? value.join(",") : value);
    }
    return "#" + fields;
  }

  /** What a fragment says, with the types of `defaults`; null if it is not for this explorer. */
  function decodeState(fragment, kind, defaults, at = 1) {
    const fields = new URLSearchParams(String(fragment).replace(/^#/, ""));
    if (fields.get("explore") !== kind || Number(fields.get("at") ?? 1) !== at) return null;
    const state = { ...defaults };
    for (const [name, normal] of Object.entries(defaults)) {
      const text = fields.get(name);
      if (text === null) continue;
      const read = (part, like) => (typeof like === "number" ? Number(part) : part);
      state[name] = Array.isArray(normal)
        ? text.split(",").map((part) => read(part, normal[0]))
        : typeof normal === "number" || normal === null
          ? read(text, 0)
          : text;
    }
    return state;
  }

  /** The line of Python that shows the explorer in the same state in a notebook. */
  function pythonCall(kind, state) {
    const literal = (value) => JSON.stringify(value).replaceAll(",", ", ");
    const named = Object.entries(state).map(([name, value]) => `    ${name}=${literal(value)},\n`);
    return `from course_utils import explorers\n\nexplorers.show(\n    "${kind}",\n${named.join("")})`;
  }

  // --- controls ------------------------------------------------------------------------------

  function element(tag, attributes = {}, ...children) {
    const node = document.createElement(tag);
    for (const [name, value] of Object.entries(attributes)) {
      if (name.startsWith("on")) node.addEventListener(name.slice(2), value);
      else if (value === true) node.setAttribute(name, "");
      else if (value !== false && value !== undefined) node.setAttribute(name, value);
    }
    node.append(...children);
    return node;
  }

  /** A range input with its label and its value in words. `set` changes it without an event. */
  function slider({ label, min, max, step = 1, logarithmic = false, show = format, change }) {
    const position = (value) => (logarithmic ? Math.log10(value) : value);
    const read = (at) => (logarithmic ? Number((10 ** at).toPrecision(3)) : Number(at));
    const input = element("input", { type: "range", step: logarithmic ? 0.01 : step });
    const output = element("span", { class: "explorer-value", "aria-hidden": "true" });
    const name = element("span", {}, label);
    const node = element("label", { class: "explorer-field" }, name, input, output);
    const tell = (value) => {
      output.textContent = show(value);
      input.setAttribute("aria-valuetext", show(value));
    };
    input.addEventListener("input", () => {
      const value = clamp(read(input.valueAsNumber), min, max);
      tell(value);
      change(value);
    });
    const range = (low, high) => {
      [min, max] = [low, high];
      [input.min, input.max] = [position(min), position(max)];
    };
    range(min, max);
    return { node, input, range, set: (value) => ((input.value = position(value)), tell(value)) };
  }

  function select({ label, options, change }) {
    const input = element("select", { onchange: () => change(input.value) });
    for (const [value, text] of options) input.append(element("option", { value }, text));
    const node = element("label", { class: "explorer-field" }, element("span", {}, label), input);
    return { node, input, set: (value) => (input.value = value) };
  }

  function number({ label, change }) {
    const input = element("input", { type: "number", step: "any" });
    input.addEventListener("change", () => {
      if (Number.isFinite(input.valueAsNumber)) change(input.valueAsNumber);
    });
    const node = element("label", { class: "explorer-field" }, element("span", {}, label), input);
    return { node, input, set: (value) => (input.value = value) };
  }

  /**
   * A hidden text that a screen reader speaks, and the name of a picture, both written only when
   * the reader has stopped dragging.
   */
  function announcer(canvas, name) {
    const node = element("p", { class: "explorer-unseen", "aria-live": "polite" });
    let timer = 0;
    const write = (text) => {
      node.textContent = text;
      canvas.setAttribute("aria-label", `${name} ${text}`);
    };
    canvas.setAttribute("aria-label", name);
    const say = (text) => {
      clearTimeout(timer);
      timer = setTimeout(write, 600, text);
    };
    return { node, say };
  }

  /** Copies a text; where the browser forbids that, the text stands selected in a field. */
  async function copy(text, field, tell) {
    field.value = text;
    field.rows = text.split("\n").length;
    field.hidden = false;
    try {
      await navigator.clipboard.writeText(text);
      tell("Copied.");
    } catch {
      field.focus();
      field.select();
      tell("Press Ctrl+C or Cmd+C to copy the selected text.");
    }
  }

  // A notebook has no address that could carry the state: Colab shows outputs in a frame.
  const inNotebook = () =>
    window.self !== window.top || document.querySelector(".jp-Notebook, .jp-OutputArea") !== null;

  /** Buttons that carry the state elsewhere, and back to where it began. */
  function sharing(kind, at, getState, reset) {
    const field = element("textarea", { readonly: true, hidden: true, "aria-label": "To copy" });
    const told = element("span", { role: "status" });
    const tell = (text) => (told.textContent = text);
    const button = (text, onclick) => element("button", { type: "button", onclick }, text);
    const link = () => location.href.split("#")[0] + encodeState(kind, getState(), at);
    const node = element("div", { class: "explorer-sharing" });
    if (!inNotebook()) node.append(button("Copy link", () => copy(link(), field, tell)));
    node.append(
      button("Copy Python", () => copy(pythonCall(kind, getState()), field, tell)),
      button("Start again", () => (reset(), (field.hidden = true), tell("As at the beginning."))),
      told,
      field,
    );
    return node;
  }

  // --- drawing -------------------------------------------------------------------------------

  const palettes = new WeakMap();

  /** The colors of the page's theme, from the style sheet; asked for once, as it is slow. */
  function palette(root) {
    if (!palettes.has(root)) {
      const style = getComputedStyle(root);
      const color = (name) => style.getPropertyValue(`--explorer-${name}`).trim();
      palettes.set(root, { ink: color("ink"), grid: color("grid") });
    }
    return palettes.get(root);
  }

  /** Fits a canvas to its column and the screen; returns its context and its size in CSS pixels. */
  function fit(canvas, proportion) {
    const width = canvas.clientWidth;
    const height = Math.round(width * proportion);
    const scale = Math.min(window.devicePixelRatio || 1, 2);
    const [w, h] = [Math.round(width * scale), Math.round(height * scale)];
    if (canvas.width !== w || canvas.height !== h) {
      [canvas.width, canvas.height] = [w, h];
      canvas.style.height = `${height}px`;
    }
    const context = canvas.getContext("2d");
    context.setTransform(scale, 0, 0, scale, 0, 0);
    return { context, width, height, scale };
  }

  /** The function that takes a value of an axis to a pixel. */
  function scaleOf({ low, high, logarithmic }, from, to) {
    const f = logarithmic ? (v) => Math.log10(Math.max(v, 1e-300)) : (v) => v;
    const [a, b] = [f(low), f(high)];
    return (value) => from + ((f(value) - a) / (b - a)) * (to - from);
  }

  function drawAxes(context, box, axes, at, colors) {
    context.font = "12px system-ui, sans-serif";
    context.lineWidth = 1;
    for (const name of ["x", "y"]) {
      const axis = axes[name];
      const marks = axis.logarithmic
        ? decades(axis.low, axis.high).map((k) => [10 ** k, powerOfTen(k)])
        : ticks(axis.low, axis.high, name === "x" ? 5 : 4).map((v) => [v, format(v)]);
      context.textAlign = name === "x" ? "center" : "right";
      context.textBaseline = name === "x" ? "top" : "middle";
      for (const [value, text] of marks) {
        const pixel = Math.round(at[name](value)) + 0.5;
        context.strokeStyle = colors.grid;
        context.beginPath();
        if (name === "x") (context.moveTo(pixel, box.top), context.lineTo(pixel, box.bottom));
        else (context.moveTo(box.left, pixel), context.lineTo(box.right, pixel));
        context.stroke();
        context.fillStyle = colors.ink;
        if (name === "x") context.fillText(text, pixel, box.bottom + 5);
        else context.fillText(text, box.left - 6, pixel);
      }
    }
    context.textAlign = "right";
    context.textBaseline = "bottom";
    context.fillText(axes.x.label, box.right, box.bottom + 34);
    context.textAlign = "left";
    context.fillText(axes.y.label, 2, box.top - 11);
  }

  function drawLine(context, { color, dash = [], xs, ys, width = 2 }, at, logarithmic) {
    context.strokeStyle = color;
    context.lineWidth = width;
    context.setLineDash(dash);
    context.beginPath();
    let pen = false;
    let lastX = 0;
    let lastY = 0;
    for (let k = 0; k < ys.length; k++) {
      const shown = Number.isFinite(ys[k]) && (!logarithmic || ys[k] > 0);
      if (shown) {
        const x = at.x(xs ? xs[k] : k);
        const y = at.y(ys[k]);
        // A point within half a pixel of the one before adds nothing but time.
        if (pen && k < ys.length - 1 && Math.abs(x - lastX) + Math.abs(y - lastY) < 0.5) continue;
        if (pen) context.lineTo(x, y);
        else context.moveTo(x, y);
        lastX = x;
        lastY = y;
      }
      pen = shown;
    }
    context.stroke();
    context.setLineDash([]);
  }

  /** A cross where something was lost. */
  function drawCross(context, x, y, color, size = 6) {
    for (const [style, width] of [["#fdfdfb", 6], [color, 3]]) {
      context.strokeStyle = style;
      context.lineWidth = width;
      context.beginPath();
      for (const s of [-1, 1]) (context.moveTo(x - size, y - size * s), context.lineTo(x + size, y + size * s));
      context.stroke();
    }
  }

  const axesDrawn = new WeakMap();

  /** The axes of a canvas as a picture of their own: text is slow, and seldom changes. */
  function axesPicture(canvas, box, axes, at, colors) {
    const key = JSON.stringify([axes, canvas.width, canvas.height, colors]);
    const before = axesDrawn.get(canvas);
    if (before?.key === key) return before.picture;
    const picture = element("canvas", { width: canvas.width, height: canvas.height });
    const context = picture.getContext("2d");
    const scale = canvas.width / canvas.clientWidth;
    context.setTransform(scale, 0, 0, scale, 0, 0);
    drawAxes(context, box, axes, at, colors);
    axesDrawn.set(canvas, { key, picture });
    return picture;
  }

  /** Lines over axes. Returns the functions that take values to pixels. */
  function chart(canvas, { x, y, series, proportion = 0.6 }, colors) {
    const { context, width, height } = fit(canvas, proportion);
    const box = { left: 50, right: width - 12, top: 30, bottom: height - 38 };
    const at = { x: scaleOf(x, box.left, box.right), y: scaleOf(y, box.bottom, box.top) };
    context.clearRect(0, 0, width, height);
    context.drawImage(axesPicture(canvas, box, { x, y }, at, colors), 0, 0, width, height);
    context.save();
    context.beginPath();
    context.rect(box.left, box.top - 2, box.right - box.left + 2, box.bottom - box.top + 4);
    context.clip();
    for (const line of series) drawLine(context, line, at, y.logarithmic);
    context.restore();
    return { context, at, box };
  }

  /** Writes lines of text into a list, touching only what differs. */
  function writeList(list, lines) {
    while (list.children.length > lines.length) list.lastChild.remove();
    while (list.children.length < lines.length) list.append(element("li"));
    lines.forEach(({ text, color, strong = false }, k) => {
      const item = list.children[k];
      if (item.textContent === text && item.style.getPropertyValue("--run") === color) return;
      item.textContent = text;
      item.className = strong ? "explorer-lost" : "";
      item.style.setProperty("--run", color);
    });
  }

  // --- start ---------------------------------------------------------------------------------

  const still = () => matchMedia("(prefers-reduced-motion: reduce)").matches;

  /** Calls `draw` at most once in a frame, however often it is asked. */
  function oncePerFrame(draw) {
    let asked = false;
    return () => {
      if (asked) return;
      asked = true;
      requestAnimationFrame(() => ((asked = false), draw()));
    };
  }

  /** Calls `draw` whenever the explorer changes its width or the page its theme. */
  function watch(root, draw) {
    let width = 0;
    new ResizeObserver(() => {
      if (root.clientWidth && root.clientWidth !== width) draw();
      width = root.clientWidth || width;
    }).observe(root);
    const recolor = () => (palettes.delete(root), draw());
    const themes = new MutationObserver(recolor);
    const attributes = { attributes: true, attributeFilter: ["data-theme", "theme", "data-jp-theme-light", "class"] };
    themes.observe(document.documentElement, attributes);
    themes.observe(document.body, attributes);
    matchMedia("(prefers-color-scheme: dark)").addEventListener("change", recolor);
  }

  /** Replaces the still pictures that Python drew by the explorers themselves. */
  function start(kind, explorer) {
    const all = [...document.querySelectorAll(`.course-explorer[data-explorer="${kind}"]`)];
    for (const root of all.filter((node) => !node.explorer)) {
      const at = all.indexOf(root) + 1;
      const given = explorer.checked({ ...explorer.DEFAULTS, ...JSON.parse(root.dataset.state) });
      const linked = () => {
        const state = decodeState(location.hash, kind, given, at);
        return state && explorer.checked(state);
      };
      const opening = linked();
      root.explorer = explorer.open(root, opening ?? given, { at, given });
      if (opening) root.scrollIntoView();
      addEventListener("hashchange", () => {
        const state = linked();
        if (state) (root.explorer.set(state), root.scrollIntoView());
      });
    }
  }

  return {
    COLORS, DASHES, format, clamp, ticks, decades, encodeState, decodeState, pythonCall, element,
    slider, select, number, announcer, copy, sharing, palette, fit, scaleOf, drawLine, drawCross,
    chart, writeList, still, oncePerFrame, watch, start,
  };
})();

if (typeof module !== "undefined") module.exports = shared;
