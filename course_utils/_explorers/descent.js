// Explorer 1: optimizers on a function of two variables.
//
// The first half computes, with the names and defaults of course_utils.functions,
// course_utils.descent and Keras; tests compare it with them. The second half is the page.
const descent = (() => {
  "use strict";

  // --- functions -----------------------------------------------------------------------------

  const { PI, sin, cos } = Math;

  // Written out: this is called a million times for the map.
  function beale(x, y) {
    const a = 1.5 - x + x * y;
    const b = 2.25 - x + x * y * y;
    const c = 2.625 - x + x * y * y * y;
    return [
      a * a + b * b + c * c,
      2 * (a * (y - 1) + b * (y * y - 1) + c * (y * y * y - 1)),
      2 * x * (a + 2 * b * y + 3 * c * y * y),
    ];
  }

  /** For each function [value, d/dx, d/dy], its usual domain and its global minima. */
  const FUNCTIONS = {
    Beale: { all: beale, bounds: [[-4.5, 4.5], [-4.5, 4.5]], minima: [[3, 0.5]], lowest: 0, start: [1, 1.5] },
    Rosenbrock: {
      all: (x, y) => [
        (1 - x) ** 2 + 100 * (y - x * x) ** 2,
        -2 * (1 - x) - 400 * x * (y - x * x),
        200 * (y - x * x),
      ],
      bounds: [[-2, 2], [-1, 3]], minima: [[1, 1]], lowest: 0, start: [-1.2, 1],
    },
    Himmelblau: {
      all: (x, y) => {
        const [a, b] = [x * x + y - 11, x + y * y - 7];
        return [a * a + b * b, 4 * x * a + 2 * b, 2 * a + 4 * y * b];
      },
      bounds: [[-5, 5], [-5, 5]],
      minima: [
        [3, 2], [-2.805118086952745, 3.131312518250573],
        [-3.779310253377747, -3.283185991286169], [3.584428340330492, -1.848126526964404],
      ],
      lowest: 0, start: [0, 0],
    },
    Booth: {
      all: (x, y) => [
        (x + 2 * y - 7) ** 2 + (2 * x + y - 5) ** 2,
        10 * x + 8 * y - 34,
        8 * x + 10 * y - 38,
      ],
      bounds: [[-10, 10], [-10, 10]], minima: [[1, 3]], lowest: 0, start: [-8, -4],
    },
    Rastrigin: {
      all: (x, y) => [
        20 + x * x + y * y - 10 * (cos(2 * PI * x) + cos(2 * PI * y)),
        2 * x + 20 * PI * sin(2 * PI * x),
        2 * y + 20 * PI * sin(2 * PI * y),
      ],
      bounds: [[-5.12, 5.12], [-5.12, 5.12]], minima: [[0, 0]], lowest: 0, start: [3.3, 2.6],
    },
    "Styblinski-Tang": {
      all: (x, y) => [
        (x ** 4 - 16 * x * x + 5 * x + y ** 4 - 16 * y * y + 5 * y) / 2,
        2 * x ** 3 - 16 * x + 2.5,
        2 * y ** 3 - 16 * y + 2.5,
      ],
      bounds: [[-5, 5], [-5, 5]], minima: [[-2.9035340277711773, -2.9035340277711773]],
      lowest: -78.33233140754282, start: [0.5, 4],
    },
    "Three-hump camel": {
      all: (x, y) => [
        2 * x * x - 1.05 * x ** 4 + x ** 6 / 6 + x * y + y * y,
        4 * x - 4.2 * x ** 3 + x ** 5 + y,
        x + 2 * y,
      ],
      bounds: [[-5, 5], [-5, 5]], minima: [[0, 0]], lowest: 0, start: [1.2, 2],
    },
    McCormick: {
      all: (x, y) => [
        sin(x + y) + (x - y) ** 2 - 1.5 * x + 2.5 * y + 1,
        cos(x + y) + 2 * (x - y) - 1.5,
        cos(x + y) - 2 * (x - y) + 2.5,
      ],
      bounds: [[-1.5, 4], [-3, 4]], minima: [[0.5 - PI / 3, -0.5 - PI / 3]],
      lowest: -(3 ** 0.5) / 2 - PI / 3, start: [0, 3],
    },
  };

  // --- optimizers ----------------------------------------------------------------------------

  // Each rule returns what is added to one coordinate, given its gradient g, its memory m and the
  // number t of the step, which starts at 1. These are Keras's rules with Keras's defaults.
  const EPSILON = 1e-7;
  const [BETA_1, BETA_2, RHO] = [0.9, 0.999, 0.9];

  function means(m, g) {
    m.m = BETA_1 * (m.m ?? 0) + (1 - BETA_1) * g;
    m.s = BETA_2 * (m.s ?? 0) + (1 - BETA_2) * g * g;
  }

  const OPTIMIZERS = {
    "gradient descent": (g, m, t, rate) => -rate * g,
    momentum: (g, m, t, rate, momentum) => (m.v = momentum * (m.v ?? 0) - rate * g),
    Nesterov: (g, m, t, rate, momentum) => {
      m.v = momentum * (m.v ?? 0) - rate * g;
      return momentum * m.v - rate * g;
    },
    AdaGrad: (g, m, t, rate) => {
      m.s = (m.s ?? 0.1) + g * g;
      return (-rate * g) / Math.sqrt(m.s + EPSILON);
    },
    RMSProp: (g, m, t, rate) => {
      m.s = RHO * (m.s ?? 0) + (1 - RHO) * g * g;
      return (-rate * g) / Math.sqrt(m.s + EPSILON);
    },
    Adam: (g, m, t, rate) => {
      means(m, g);
      const alpha = (rate * Math.sqrt(1 - BETA_2 ** t)) / (1 - BETA_1 ** t);
      return (-alpha * m.m) / (Math.sqrt(m.s) + EPSILON);
    },
    Nadam: (g, m, t, rate) => {
      const [now, later] = [t, t + 1].map((k) => BETA_1 * (1 - 0.5 * 0.96 ** k));
      m.product = (m.product ?? 1) * now;
      means(m, g);
      const ahead = (later * m.m) / (1 - m.product * later) + ((1 - now) * g) / (1 - m.product);
      return (-rate * ahead) / (Math.sqrt(m.s / (1 - BETA_2 ** t)) + EPSILON);
    },
  };

  // As in course_utils.descent: a path that is this far away does not come back.
  const FAR_AWAY = 1e6;

  /** All points of a path; from the step on at which it is lost they are NaN. */
  function path({ name, optimizer, start, learningRate, momentum = 0.9, steps }) {
    const { all } = FUNCTIONS[name];
    const rule = OPTIMIZERS[optimizer];
    const xs = new Float64Array(steps + 1).fill(NaN);
    const ys = new Float64Array(steps + 1).fill(NaN);
    const values = new Float64Array(steps + 1).fill(NaN);
    const memory = [{}, {}];
    let [x, y] = start;
    for (let t = 0; t <= steps; t++) {
      if (!(Math.max(Math.abs(x), Math.abs(y)) < FAR_AWAY)) return { xs, ys, values, lostAt: t };
      const [value, dx, dy] = all(x, y);
      xs[t] = x;
      ys[t] = y;
      values[t] = value;
      x += rule(dx, memory[0], t + 1, learningRate, momentum);
      y += rule(dy, memory[1], t + 1, learningRate, momentum);
    }
    return { xs, ys, values, lostAt: -1 };
  }

  function distance(name, x, y) {
    let nearest = Infinity;
    for (const [a, b] of FUNCTIONS[name].minima) nearest = Math.min(nearest, Math.sqrt((x - a) ** 2 + (y - b) ** 2));
    return Number.isNaN(x) ? NaN : nearest;
  }

  /** The first step from which on a path stays within `near` of a global minimum; -1 for never. */
  function stepsTo(name, { xs, ys }, near) {
    let step = xs.length;
    while (step > 0 && distance(name, xs[step - 1], ys[step - 1]) < near) step--;
    return step === xs.length ? -1 : step;
  }

  // The logarithm needs something above zero; plots.contours uses the same.
  const height = (name, value) => Math.max(value - FUNCTIONS[name].lowest, 1e-12);

  /** 18 heights, evenly spaced in the logarithm, as in plots.contours. */
  function levels(name) {
    const { all, bounds: [[left, right], [bottom, top]] } = FUNCTIONS[name];
    const n = 100;
    const found = [];
    for (let i = 0; i <= n; i++) {
      for (let j = 0; j <= n; j++) {
        const point = [left + ((right - left) * i) / n, bottom + ((top - bottom) * j) / n];
        found.push(height(name, all(...point)[0]));
      }
    }
    found.sort((a, b) => a - b);
    const low = Math.log(found[Math.floor(0.002 * found.length)] + 1e-9);
    const high = Math.log(found[found.length - 1]);
    return Array.from({ length: 18 }, (_, k) => low + ((high - low) * k) / 17);
  }

  // --- state ---------------------------------------------------------------------------------

  const DEFAULTS = {
    function: "Beale",
    start: [1, 1.5],
    optimizers: ["gradient descent", "momentum", "Adam"],
    learning_rate: [0.002, 0.002, 0.1],
    momentum: 0.9,
    steps: 500,
  };
  const LIMITS = { learning_rate: [1e-5, 10], momentum: [0, 0.99], steps: [10, 5000] };
  const within = (value, [low, high], normal) =>
    Number.isFinite(value) ? Math.min(Math.max(value, low), high) : normal;

  /** A state that can be shown, whatever a link says. */
  function checked(state) {
    const name = state.function in FUNCTIONS ? state.function : DEFAULTS.function;
    const rates = [state.learning_rate].flat();
    const runs = [state.optimizers]
      .flat()
      .map((optimizer, k) => [optimizer, rates[Math.min(k, rates.length - 1)]])
      .filter(([optimizer]) => optimizer in OPTIMIZERS)
      .slice(0, 3);
    const start = FUNCTIONS[name].bounds.map(([low, high], axis) =>
      within(state.start[axis], [low, high], FUNCTIONS[name].start[axis]),
    );
    return {
      function: name,
      start,
      optimizers: runs.length ? runs.map(([optimizer]) => optimizer) : ["gradient descent"],
      learning_rate: runs.length ? runs.map(([, rate]) => within(rate, LIMITS.learning_rate, 0.01)) : [0.01],
      momentum: within(state.momentum, LIMITS.momentum, DEFAULTS.momentum),
      steps: Math.round(within(state.steps, LIMITS.steps, DEFAULTS.steps)),
    };
  }

  /** What became of a path, in words. */
  function inWords(name, found, format) {
    const last = found.xs.length - 1;
    if (found.lostAt >= 0) return `diverged: lost at step ${found.lostAt}`;
    const place = `(${format(found.xs[last])}, ${format(found.ys[last])})`;
    const reached = stepsTo(name, found, 0.01);
    if (reached >= 0) return `stays within 0.01 of a global minimum from step ${reached} on`;
    return `at ${place} after ${last} steps, ${format(height(name, found.values[last]))} above the minimum`;
  }

  // --- the page ------------------------------------------------------------------------------

  const TERRAIN = [[51, 97, 127], [201, 217, 221], [251, 251, 245]];

  function terrainColor(share) {
    const [k, rest] = share < 0.5 ? [0, share * 2] : [1, share * 2 - 1];
    return TERRAIN[k].map((low, channel) => low + (TERRAIN[k + 1][channel] - low) * rest);
  }

  /** The map without paths, pixel by pixel: only drawn anew for another function or size. */
  function drawTerrain(name, width, heightInPixels) {
    const { all, bounds: [[left, right], [bottom, top]] } = FUNCTIONS[name];
    const steps = levels(name);
    const bands = new Uint8Array(width * heightInPixels);
    const [low, gap] = [steps[0], steps[1] - steps[0]];
    const image = new ImageData(width, heightInPixels);
    const colors = Array.from({ length: 19 }, (_, band) => terrainColor(Math.min(band, 17.5) / 17.5));
    for (let row = 0, k = 0; row < heightInPixels; row++) {
      const y = top - ((top - bottom) * (row + 0.5)) / heightInPixels;
      for (let column = 0; column < width; column++, k++) {
        const x = left + ((right - left) * (column + 0.5)) / width;
        const band = Math.floor((Math.log(height(name, all(x, y)[0])) - low) / gap) + 1;
        bands[k] = Math.min(Math.max(band, 0), 18);
        const line = (column && bands[k] !== bands[k - 1]) || (row && bands[k] !== bands[k - width]);
        for (let channel = 0; channel < 3; channel++) {
          const color = colors[bands[k]][channel];
          image.data[4 * k + channel] = line ? color + (255 - color) * 0.6 : color;
        }
        image.data[4 * k + 3] = 255;
      }
    }
    const canvas = document.createElement("canvas");
    [canvas.width, canvas.height] = [width, heightInPixels];
    canvas.getContext("2d").putImageData(image, 0, 0);
    return canvas;
  }

  function drawDot(context, x, y, radius, color) {
    context.beginPath();
    context.arc(x, y, radius, 0, 2 * PI);
    context.fillStyle = color;
    context.strokeStyle = "#ffffff";
    context.lineWidth = 1.5;
    context.fill();
    context.stroke();
  }

  function drawStar(context, x, y) {
    context.beginPath();
    for (let k = 0; k < 10; k++) {
      const [radius, angle] = [k % 2 ? 4 : 9, (PI * k) / 5 - PI / 2];
      context.lineTo(x + radius * cos(angle), y + radius * sin(angle));
    }
    context.closePath();
    context.fillStyle = "#ffffff";
    context.strokeStyle = "#222222";
    context.lineWidth = 1.2;
    context.fill();
    context.stroke();
  }

  /** The last step of a lost path inside the map, and where it then leaves the map, in pixels. */
  function exit(points, lostAt, width, tall) {
    const inside = ([x, y]) => x >= 0 && x <= width && y >= 0 && y <= tall;
    let last = lostAt - 1;
    while (last > 0 && !inside(points(last))) last--;
    const [x, y] = points(last);
    const [u, v] = last + 1 < lostAt ? points(last + 1) : [x, y];
    // The cross stays 8 pixels inside the border.
    const share = (from, to, end) => (to === from ? 1 : Math.max(((to > from ? end - 8 : 8) - from) / (to - from), 0));
    const along = Math.min(1, share(x, u, width), share(y, v, tall));
    return { last, place: [x + along * (u - x), y + along * (v - y)] };
  }

  class Explorer {
    constructor(root, state, { at, given }) {
      this.root = root;
      this.given = given;
      this.terrain = null;
      this.shown = Infinity;
      this.playing = false;
      this.draw = shared.oncePerFrame(() => this.redraw());
      this.build(at);
      this.set(state);
      shared.watch(root, this.draw);
    }

    // Three runs stay on the page, whether used or not.
    set(state) {
      this.state = { ...state };
      this.runs = [0, 1, 2].map((k) => ({
        optimizer: state.optimizers[k] ?? "none",
        rate: state.learning_rate[k] ?? 0.01,
      }));
      const { controls } = this;
      controls.function.set(state.function);
      controls.momentum.set(state.momentum);
      controls.steps.set(state.steps);
      this.runs.forEach(({ optimizer, rate }, k) => {
        controls.optimizers[k].set(optimizer);
        controls.rates[k].set(rate);
      });
      this.compute();
    }

    getState() {
      const used = this.runs.filter(({ optimizer }) => optimizer !== "none");
      return {
        ...this.state,
        optimizers: used.map(({ optimizer }) => optimizer),
        learning_rate: used.map(({ rate }) => rate),
      };
    }

    build(at) {
      const { element } = shared;
      this.map = element("canvas", {
        class: "explorer-map", tabindex: "0", role: "application",
        "aria-label": "Map with the start. Arrow keys move the start; with Shift they move it further.",
      });
      this.losses = element("canvas", { role: "img" });
      this.results = element("ul", { class: "explorer-results" });
      this.announcer = shared.announcer(this.losses, "Height above the minimum against the step.");
      const controls = this.buildControls();
      const reset = () => this.set(this.given);
      this.root.replaceChildren(
        element("p", { class: "explorer-title" }, "Descent: click or tap the map to choose a start"),
        element("div", { class: "explorer-row" }, controls.function.node, element("div", { class: "explorer-pair" }, controls.x.node, controls.y.node)),
        element("div", { class: "explorer-pictures" }, this.map, this.losses),
        this.results,
        ...this.buildRuns(),
        element("div", { class: "explorer-row" }, controls.momentum.node, controls.steps.node),
        element("div", { class: "explorer-row" }, controls.shown.node, this.play),
        shared.sharing("descent", at, () => this.getState(), reset),
        this.announcer.node,
      );
      this.listen();
    }

    buildControls() {
      const change = (name) => (value) => ((this.state[name] = value), this.compute());
      const move = (axis) => (value) => this.moveTo(axis === 0 ? [value, this.state.start[1]] : [this.state.start[0], value]);
      const names = Object.keys(FUNCTIONS).map((name) => [name, name]);
      this.controls = {
        function: shared.select({ label: "function", options: names, change: (name) => this.choose(name) }),
        x: shared.number({ label: "start x", change: move(0) }),
        y: shared.number({ label: "start y", change: move(1) }),
        momentum: shared.slider({
          label: "momentum (of momentum and Nesterov)", min: 0, max: 0.99, step: 0.01, change: change("momentum"),
        }),
        steps: shared.slider({
          label: "steps", min: 10, max: 5000, logarithmic: true, show: (v) => String(Math.round(v)),
          change: (value) => change("steps")(Math.round(value)),
        }),
        shown: shared.slider({
          label: "shown up to step", min: 0, max: 1, show: (v) => String(Math.round(v)),
          change: (value) => ((this.shown = value), (this.playing = false), this.draw()),
        }),
        optimizers: [],
        rates: [],
      };
      this.play = shared.element("button", { type: "button", onclick: () => this.startPlaying() }, "Play");
      this.play.hidden = shared.still();
      return this.controls;
    }

    buildRuns() {
      const options = [["none", "none"], ...Object.keys(OPTIMIZERS).map((name) => [name, name])];
      return this.runsOnPage = [0, 1, 2].map((k) => {
        const optimizer = shared.select({
          label: "optimizer", options: k ? options : options.slice(1),
          change: (value) => ((this.runs[k].optimizer = value), this.compute()),
        });
        const rate = shared.slider({
          label: "learning rate", min: 1e-5, max: 10, logarithmic: true,
          change: (value) => ((this.runs[k].rate = value), this.compute()),
        });
        this.controls.optimizers.push(optimizer);
        this.controls.rates.push(rate);
        const legend = shared.element("legend", {}, `path ${k + 1}`);
        const group = shared.element("fieldset", { class: "explorer-row explorer-run" }, legend, optimizer.node, rate.node);
        group.style.setProperty("--run", shared.COLORS[k]);
        return group;
      });
    }

    listen() {
      let down = false;
      const place = (event) => this.moveTo(this.pointAt(event.offsetX, event.offsetY));
      this.map.addEventListener("pointerdown", (event) => {
        down = true;
        // A finger may be about to scroll the page: it sets the start when it is lifted.
        if (event.pointerType !== "touch") (this.map.setPointerCapture(event.pointerId), place(event));
      });
      this.map.addEventListener("pointermove", (event) => down && place(event));
      this.map.addEventListener("pointerup", (event) => (down && place(event), (down = false)));
      this.map.addEventListener("pointercancel", () => (down = false));
      this.map.addEventListener("keydown", (event) => {
        const [dx, dy] = { ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowUp: [0, 1], ArrowDown: [0, -1] }[event.key] ?? [0, 0];
        if (!dx && !dy) return;
        event.preventDefault();
        const share = event.shiftKey ? 0.05 : 0.01;
        const spans = FUNCTIONS[this.state.function].bounds.map(([low, high]) => high - low);
        const [x, y] = this.state.start;
        this.moveTo([x + dx * share * spans[0], y + dy * share * spans[1]]);
      });
    }

    choose(name) {
      Object.assign(this.state, { function: name, start: [...FUNCTIONS[name].start] });
      this.compute();
    }

    moveTo(point) {
      const { bounds } = FUNCTIONS[this.state.function];
      // Three digits after the point are finer than a pixel, and short in a link.
      this.state.start = point.map((value, axis) => Number(within(value, bounds[axis], 0).toFixed(3)));
      this.compute();
    }

    pointAt(pixelX, pixelY) {
      const { bounds: [[left, right], [bottom, top]] } = FUNCTIONS[this.state.function];
      const { clientWidth, clientHeight } = this.map;
      return [left + (pixelX / clientWidth) * (right - left), top - (pixelY / clientHeight) * (top - bottom)];
    }

    compute() {
      const { function: name, start, momentum, steps } = this.state;
      this.paths = this.runs.map(({ optimizer, rate }) =>
        optimizer === "none" ? null : path({ name, optimizer, start, learningRate: rate, momentum, steps }),
      );
      this.shown = steps;
      this.playing = false;
      this.controls.shown.range(0, steps);
      this.controls.shown.set(steps);
      this.controls.x.set(start[0]);
      this.controls.y.set(start[1]);
      this.tell();
      this.draw();
    }

    tell() {
      const name = this.state.function;
      const sentences = this.paths.map(
        (found, k) => found && `${this.runs[k].optimizer}, ${shared.format(this.runs[k].rate)}: ${inWords(name, found, shared.format)}`,
      );
      const lines = sentences.map((text, k) => text && { text, color: shared.COLORS[k], strong: this.paths[k].lostAt >= 0 });
      shared.writeList(this.results, lines.filter(Boolean));
      const said = `${name}, start (${this.state.start.join(", ")}). ${sentences.filter(Boolean).join(". ")}.`;
      this.announcer.say(said);
    }

    startPlaying() {
      const begin = performance.now();
      const duration = 4000;
      const turn = (this.turn = (this.turn ?? 0) + 1); // a second click begins again
      this.playing = true;
      const next = (now) => {
        if (!this.playing || turn !== this.turn) return;
        const share = Math.min((now - begin) / duration, 1);
        // Most happens early, so the first steps get more of the time.
        this.shown = Math.round(this.state.steps * share ** 2);
        this.controls.shown.set(this.shown);
        this.redraw();
        if (share < 1) requestAnimationFrame(next);
        else this.playing = false;
      };
      requestAnimationFrame(next);
    }

    redraw() {
      if (!this.map.clientWidth) return;
      this.redrawMap();
      this.redrawLosses();
    }

    redrawMap() {
      const name = this.state.function;
      const { bounds: [[left, right], [bottom, top]], minima } = FUNCTIONS[name];
      const { context, width, height: tall } = shared.fit(this.map, 0.85);
      const key = [name, this.map.width, this.map.height].join();
      if (this.terrain?.key !== key) {
        this.terrain = { key, canvas: drawTerrain(name, this.map.width, this.map.height) };
      }
      context.drawImage(this.terrain.canvas, 0, 0, width, tall);
      const at = {
        x: (x) => ((x - left) / (right - left)) * width,
        y: (y) => ((top - y) / (top - bottom)) * tall,
      };
      for (const [x, y] of minima) drawStar(context, at.x(x), at.y(y));
      this.drawPaths(context, at, width, tall);
      const [x, y] = this.state.start;
      drawDot(context, at.x(x), at.y(y), 6, "#222222");
    }

    /** What of a path is drawn, in pixels, and whether it ends in a cross. */
    visible(at, found, width, tall) {
      let end = Math.min(this.shown, this.state.steps);
      const points = (step) => [at.x(found.xs[step]), at.y(found.ys[step])];
      const lost = found.lostAt >= 0 && end >= found.lostAt;
      const way = lost ? exit(points, found.lostAt, width, tall) : null;
      if (lost) end = way.last;
      const pixels = Array.from({ length: end + 1 }, (_, step) => points(step));
      if (lost) pixels.push(way.place);
      return { pixels, lost };
    }

    drawPaths(context, at, width, tall) {
      const own = { x: (x) => x, y: (y) => y };
      const drawn = this.paths.map((found) => found && this.visible(at, found, width, tall));
      const each = (draw) => drawn.forEach((one, k) => one && draw(one, shared.COLORS[k], k));
      const line = ({ pixels }) => ({ xs: pixels.map(([x]) => x), ys: pixels.map(([, y]) => y) });
      // On a pale band a path can be seen in the dark valleys, too. All bands first: where two
      // paths coincide, the lower one shows between the dashes of the upper one.
      each((one) => shared.drawLine(context, { ...line(one), color: "rgba(253, 253, 251, 0.8)", width: 4.5 }, own, false));
      each((one, color, k) => shared.drawLine(context, { ...line(one), color, dash: shared.DASHES[k], width: 2.2 }, own, false));
      each(({ pixels, lost }, color, k) => {
        const [x, y] = pixels[pixels.length - 1];
        if (lost) shared.drawCross(context, x, y, color, 9 - 3 * k);
        else drawDot(context, x, y, 4.5, color);
      });
    }

    redrawLosses() {
      const name = this.state.function;
      const heights = this.paths.map((found) => found && found.values.map((value) => Number.isNaN(value) ? NaN : height(name, value)));
      let [low, high] = [Infinity, -Infinity];
      for (const curve of heights) {
        for (const value of curve ?? []) {
          if (value < low) low = value;
          if (value > high) high = value;
        }
      }
      const end = Math.min(this.shown, this.state.steps) + 1;
      const drawn = shared.chart(
        this.losses,
        {
          x: { label: "step", low: 0, high: this.state.steps },
          y: {
            label: "height above the minimum", logarithmic: true,
            low: 10 ** Math.floor(Math.log10(low)), high: 10 ** Math.ceil(Math.log10(Math.min(high * 1.01, 1e12))),
          },
          proportion: 0.85,
          series: heights.flatMap((ys, k) => ys ? [{ ys: ys.subarray(0, end), color: shared.COLORS[k], dash: shared.DASHES[k] }] : []),
        },
        shared.palette(this.root),
      );
      this.paths.forEach((found, k) => {
        if (!found || found.lostAt < 1 || end <= found.lostAt) return;
        const { context, at, box } = drawn;
        const y = shared.clamp(at.y(heights[k][found.lostAt - 1]), box.top + 6, box.bottom);
        shared.drawCross(context, at.x(found.lostAt - 1) + 4, y, shared.COLORS[k], 9 - 3 * k);
      });
    }
  }

  const open = (root, state, place) => new Explorer(root, state, place);

  return { FUNCTIONS, OPTIMIZERS, FAR_AWAY, DEFAULTS, path, stepsTo, levels, checked, inWords, open };
})();

if (typeof module !== "undefined") module.exports = descent;
