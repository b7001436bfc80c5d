// Explorer 2: how far signals and gradients spread, layer by layer, before any training.
//
// The first half computes, with the names and defaults of Keras and course_utils.networks; tests
// compare it with NumPy. The second half is the page.
const signals = (() => {
  "use strict";

  // --- activations: [value, slope], as Keras's with its defaults -----------------------------

  const [SELU_ALPHA, SELU_SCALE] = [1.6732632423543772, 1.0507009873554805];

  /** The error function, to seven digits (Numerical Recipes, erfcc). */
  function erf(x) {
    const z = Math.abs(x);
    const t = 1 / (1 + 0.5 * z);
    const c = [
      -1.26551223, 1.00002368, 0.37409196, 0.09678418, -0.18628806, 0.27886807, -1.13520398,
      1.48851587, -0.82215223, 0.17087277,
    ];
    const rest = t * Math.exp(-z * z + c.reduceRight((sum, k) => sum * t + k, 0));
    return x >= 0 ? 1 - rest : rest - 1;
  }

  const sigmoid = (z) => 1 / (1 + Math.exp(-z));
  const normalShare = (z) => 0.5 * (1 + erf(z / Math.SQRT2));

  const ACTIVATIONS = {
    sigmoid: [sigmoid, (z) => sigmoid(z) * (1 - sigmoid(z))],
    tanh: [Math.tanh, (z) => 1 - Math.tanh(z) ** 2],
    relu: [(z) => (z > 0 ? z : 0), (z) => (z > 0 ? 1 : 0)],
    leaky_relu: [(z) => (z > 0 ? z : 0.2 * z), (z) => (z > 0 ? 1 : 0.2)],
    elu: [(z) => (z > 0 ? z : Math.expm1(z)), (z) => (z > 0 ? 1 : Math.exp(z))],
    selu: [
      (z) => SELU_SCALE * (z > 0 ? z : SELU_ALPHA * Math.expm1(z)),
      (z) => SELU_SCALE * (z > 0 ? 1 : SELU_ALPHA * Math.exp(z)),
    ],
    gelu: [
      (z) => z * normalShare(z),
      (z) => normalShare(z) + (z * Math.exp((-z * z) / 2)) / Math.sqrt(2 * Math.PI),
    ],
  };

  // --- weights -------------------------------------------------------------------------------

  /** The variance of the weights, as in course_utils.networks.variance; a name or a deviation. */
  function variance(initializer, fanIn, fanOut) {
    const rules = {
      glorot_normal: 2 / (fanIn + fanOut),
      he_normal: 2 / fanIn,
      lecun_normal: 1 / fanIn,
    };
    return initializer in rules ? rules[initializer] : Number(initializer) ** 2;
  }

  /** Uniform numbers in (0, 1], by a seed and the number of a stream (the generator sfc32). */
  function generator(seed, stream = 0) {
    let a = seed | 0;
    let b = stream | 0;
    let c = 0x9e3779b9 | 0;
    let counter = 1;
    const next = () => {
      const sum = (a + b + counter) | 0;
      counter = (counter + 1) | 0;
      a = b ^ (b >>> 9);
      b = (c + (c << 3)) | 0;
      c = (((c << 21) | (c >>> 11)) + sum) | 0;
      return ((sum >>> 0) + 1) / 4294967296;
    };
    for (let k = 0; k < 15; k++) next(); // until all bits depend on the seed
    return next;
  }

  /** Fills an array with standard normal numbers (Box and Muller). */
  function fillNormal(array, seed, stream) {
    const uniform = generator(seed, stream);
    for (let k = 0; k < array.length; k += 2) {
      const radius = Math.sqrt(-2 * Math.log(uniform()));
      const angle = 2 * Math.PI * uniform();
      array[k] = radius * Math.cos(angle);
      if (k + 1 < array.length) array[k + 1] = radius * Math.sin(angle);
    }
    return array;
  }

  const [MAX_WIDTH, MAX_BATCH] = [200, 64];

  /**
   * Standard normal numbers for every layer, drawn when first asked for. A narrower network takes
   * a corner of the same squares, so that dragging draws little anew.
   */
  function pool(seed) {
    const layers = new Map();
    const other = (stream) => fillNormal(new Float32Array(MAX_BATCH * MAX_WIDTH), seed, stream);
    return {
      inputs: other(1),
      gradients: other(2),
      /** Row: unit; column: its input; rows are MAX_WIDTH long. */
      weights: (layer, width) => {
        if (!layers.has(layer)) layers.set(layer, { rows: 0, numbers: new Float32Array(MAX_WIDTH ** 2) });
        const kept = layers.get(layer);
        for (; kept.rows < width; kept.rows++) {
          const row = kept.numbers.subarray(kept.rows * MAX_WIDTH, (kept.rows + 1) * MAX_WIDTH);
          fillNormal(row, seed, layer * 1000 + kept.rows);
        }
        return kept.numbers;
      },
    };
  }

  // --- one pass forward and one back ---------------------------------------------------------

  // Two examples and two units at a time, which halves the reading: batch and width are even.

  /** z = scale h W'; a row of W belongs to a unit. */
  function forward(z, h, weights, scale, batch, width) {
    for (let p = 0; p < batch * width; p += 2 * width) {
      const q = p + width;
      for (let j = 0; j < width; j += 2) {
        const first = j * MAX_WIDTH;
        const second = first + MAX_WIDTH;
        let a = 0;
        let b = 0;
        let c = 0;
        let d = 0;
        for (let i = 0; i < width; i++) {
          const v = weights[first + i];
          const w = weights[second + i];
          const x = h[p + i];
          const y = h[q + i];
          a += x * v;
          b += x * w;
          c += y * v;
          d += y * w;
        }
        z[p + j] = scale * a;
        z[p + j + 1] = scale * b;
        z[q + j] = scale * c;
        z[q + j + 1] = scale * d;
      }
    }
  }

  /** out = scale delta W. */
  function backward(out, delta, weights, scale, batch, width) {
    out.fill(0);
    for (let j = 0; j < width; j += 2) {
      const first = j * MAX_WIDTH;
      const second = first + MAX_WIDTH;
      for (let p = 0; p < batch * width; p += 2 * width) {
        const q = p + width;
        const a = scale * delta[p + j];
        const b = scale * delta[p + j + 1];
        const c = scale * delta[q + j];
        const d = scale * delta[q + j + 1];
        for (let i = 0; i < width; i++) {
          const v = weights[first + i];
          const w = weights[second + i];
          out[p + i] += a * v + b * w;
          out[q + i] += c * v + d * w;
        }
      }
    }
  }

  /** The standard deviation of the first `count` numbers. */
  function deviation(numbers, count) {
    let sum = 0;
    for (let k = 0; k < count; k++) sum += numbers[k];
    const mean = sum / count;
    let squares = 0;
    for (let k = 0; k < count; k++) squares += (numbers[k] - mean) ** 2;
    return Math.sqrt(squares / count);
  }

  /** How far outputs differ from example to example: column example_std of layer_statistics. */
  function exampleDeviation(h, batch, width) {
    const means = new Float64Array(width);
    for (let k = 0, j = 0; k < batch * width; k++, j = j + 1 < width ? j + 1 : 0) means[j] += h[k] / batch;
    let squares = 0;
    for (let k = 0, j = 0; k < batch * width; k++, j = j + 1 < width ? j + 1 : 0) squares += (h[k] - means[j]) ** 2;
    return Math.sqrt(squares / (batch * width));
  }

  /**
   * Spreads of all layers, one pass; yields after every layer, so that a page can pause.
   * Inputs, and gradients with respect to the last layer's output, are standard normal.
   */
  function* spreads({ depth, width, activation, initializer, batch }, numbers) {
    const [value, slope] = ACTIVATIONS[activation];
    const count = batch * width;
    const scale = Math.sqrt(variance(initializer, width, width));
    const found = { signal: [], example: [], gradient: new Array(depth) };
    const slopes = [];
    const h = numbers.inputs.slice(0, count);
    const z = new Float32Array(count);
    for (let layer = 1; layer <= depth; layer++) {
      forward(z, h, numbers.weights(layer, width), scale, batch, width);
      const slopesHere = new Float32Array(count);
      for (let k = 0; k < count; k++) {
        h[k] = value(z[k]);
        slopesHere[k] = slope(z[k]);
      }
      slopes.push(slopesHere);
      found.signal.push(deviation(h, count));
      found.example.push(exampleDeviation(h, batch, width));
      yield;
    }
    const delta = numbers.gradients.slice(0, count);
    const passed = new Float32Array(count);
    for (let layer = depth; layer >= 1; layer--) {
      if (layer < depth) {
        backward(passed, delta, numbers.weights(layer + 1, width), scale, batch, width);
        delta.set(passed);
      }
      for (let k = 0; k < count; k++) delta[k] *= slopes[layer - 1][k];
      found.gradient[layer - 1] = deviation(delta, count);
      yield;
    }
    return found;
  }

  /** All of it at once. */
  function allSpreads(setting, numbers) {
    const work = spreads(setting, numbers);
    for (;;) {
      const { done, value } = work.next();
      if (done) return value;
    }
  }

  /** Multiplications of a pass forward and back, for one example. */
  const operations = ({ depth, width }) => 2 * depth * width * width;

  // --- state ---------------------------------------------------------------------------------

  const DEFAULTS = {
    depth: 20, width: 100, activation: "tanh", initializer: "glorot_normal", deviation: 0.05, seed: 1,
  };
  const LIMITS = { depth: [1, 50], width: [2, MAX_WIDTH], deviation: [0.001, 1], seed: [0, 999] };
  const INITIALIZERS = {
    glorot_normal: "Glorot: 2 / (inputs + units)",
    he_normal: "He: 2 / inputs",
    lecun_normal: "LeCun: 1 / inputs",
    fixed: "the same spread for every width",
  };

  /** A state that can be shown, whatever a link says. */
  function checked(state) {
    const within = (name) => {
      const value = Number(state[name]);
      const [low, high] = LIMITS[name];
      const kept = Number.isFinite(value) ? Math.min(Math.max(value, low), high) : DEFAULTS[name];
      if (name === "width") return 2 * Math.round(kept / 2);
      return name === "deviation" ? kept : Math.round(kept);
    };
    const known = (name, all) => (state[name] in all ? state[name] : DEFAULTS[name]);
    return {
      depth: within("depth"),
      width: within("width"),
      activation: known("activation", ACTIVATIONS),
      initializer: known("initializer", INITIALIZERS),
      deviation: within("deviation"),
      seed: within("seed"),
    };
  }

  /** What happens to a quantity from one end to the other, in words. */
  function inWords(what, first, last, layers, format) {
    const ratio = last / first;
    if (!Number.isFinite(ratio) || !Number.isFinite(last)) return `${what}: overflows, larger than a network can hold`;
    if (last === 0) return `${what}: nothing left`;
    if (layers < 2) return `${what}: ${format(last)}`;
    const factor = ratio ** (1 / (layers - 1));
    const verdicts = [[1e-3, "vanishes"], [0.3, "shrinks"], [3, "keeps its size"], [1e3, "grows"], [Infinity, "explodes"]];
    const verdict = verdicts.find(([limit]) => ratio <= limit)[1];
    return `${what}: times ${format(factor)} a layer, times ${format(ratio)} in all; ${verdict}`;
  }

  // --- the page ------------------------------------------------------------------------------

  const SERIES = [
    ["signal", "signal, over units and examples (forward)"],
    ["example", "signal, from example to example (forward)"],
    ["gradient", "gradient (backward)"],
  ];

  class Explorer {
    constructor(root, state, { at, given }) {
      this.root = root;
      this.given = given;
      this.speed = 4e5; // multiplications a millisecond: a guess that every pass corrects
      this.draw = shared.oncePerFrame(() => this.redraw());
      this.compute = shared.oncePerFrame(() => this.computeNow());
      this.build(at);
      this.set(state);
      shared.watch(root, this.draw);
    }

    getState() {
      return { ...this.state };
    }

    set(state) {
      this.state = { ...state };
      for (const [name, control] of Object.entries(this.controls)) control.set(state[name]);
      this.changed();
      if (this.root.clientWidth) this.computeNow();
    }

    build(at) {
      const { element } = shared;
      const change = (name) => (value) => ((this.state[name] = value), this.changed());
      const ranges = { depth: "depth (layers)", width: "width (units a layer)" };
      const whole = (v) => String(Math.round(v));
      this.controls = {};
      for (const [name, label] of Object.entries(ranges)) {
        const [min, max] = LIMITS[name];
        this.controls[name] = shared.slider({ label, min, max, step: name === "width" ? 2 : 1, show: whole, change: change(name) });
      }
      const named = (all) => Object.entries(all).map(([name, text]) => [name, typeof text === "string" ? text : name]);
      this.controls.activation = shared.select({ label: "activation", options: named(ACTIVATIONS), change: change("activation") });
      this.controls.initializer = shared.select({ label: "variance of the weights", options: named(INITIALIZERS), change: change("initializer") });
      const [min, max] = LIMITS.deviation;
      this.controls.deviation = shared.slider({ label: "standard deviation", min, max, logarithmic: true, change: change("deviation") });
      this.canvas = element("canvas", { role: "img" });
      this.results = element("ul", { class: "explorer-results" });
      this.note = element("p", { class: "explorer-note" });
      this.announcer = shared.announcer(this.canvas, "Spread by layer, logarithmic.");
      const another = () => ((this.state.seed = (this.state.seed + 1) % 1000), this.changed());
      this.root.replaceChildren(
        element("p", { class: "explorer-title" }, "Signals through depth: a network before any training"),
        element("div", { class: "explorer-row" }, this.controls.depth.node, this.controls.width.node),
        element("div", { class: "explorer-row" }, this.controls.activation.node, this.controls.initializer.node, this.controls.deviation.node),
        this.canvas,
        this.results,
        this.note,
        element("div", { class: "explorer-sharing" }, element("button", { type: "button", onclick: another }, "Other weights")),
        shared.sharing("signals", at, () => this.getState(), () => this.set(this.given)),
        this.announcer.node,
      );
    }

    setting(batch) {
      const { deviation: spread, initializer, ...rest } = this.state;
      return { ...rest, initializer: initializer === "fixed" ? spread : initializer, batch };
    }

    /** The even batch that fits into 9 of the 16 milliseconds of a frame. */
    quickBatch() {
      const examples = (9 * this.speed) / operations(this.state);
      return shared.clamp(2 * Math.floor(examples / 2), 2, MAX_BATCH);
    }

    changed() {
      if (this.numbers?.seed !== this.state.seed) this.numbers = { seed: this.state.seed, ...pool(this.state.seed) };
      this.controls.deviation.node.hidden = this.state.initializer !== "fixed";
      cancelAnimationFrame(this.refining);
      clearTimeout(this.rest);
      this.compute();
    }

    computeNow() {
      const batch = this.quickBatch();
      const { depth, width } = this.state;
      for (let layer = 1; layer <= depth; layer++) this.numbers.weights(layer, width);
      const begin = performance.now();
      this.found = allSpreads(this.setting(batch), this.numbers);
      const speed = (batch * operations(this.state)) / Math.max(performance.now() - begin, 0.1);
      this.speed = 0.7 * this.speed + 0.3 * Math.min(speed, 4e6);
      this.batch = batch;
      this.redraw();
      this.tell();
      if (batch < MAX_BATCH) this.rest = setTimeout(() => this.refine(), 250);
    }

    /** At rest the whole batch, a few layers in every frame. */
    refine() {
      const work = spreads(this.setting(MAX_BATCH), this.numbers);
      const slice = () => {
        const begin = performance.now();
        while (performance.now() - begin < 8) {
          const { done, value } = work.next();
          if (!done) continue;
          [this.found, this.batch] = [value, MAX_BATCH];
          this.redraw();
          this.tell();
          return;
        }
        this.refining = requestAnimationFrame(slice);
      };
      slice();
    }

    tell() {
      const { signal, example, gradient } = this.found;
      const last = signal.length - 1;
      const words = [
        inWords("signal", signal[0], signal[last], signal.length, shared.format),
        inWords("from example to example", example[0], example[last], signal.length, shared.format),
        inWords("gradient, from the last layer to the first", gradient[last], gradient[0], signal.length, shared.format),
      ];
      shared.writeList(this.results, words.map((text, k) => ({ text, color: shared.COLORS[k] })));
      const dragging = this.batch < MAX_BATCH ? ` while you drag, ${MAX_BATCH} at rest` : "";
      const note =
        `Standard normal inputs; ${this.batch} examples${dragging}; weights number ${this.state.seed}. ` +
        "All layers have as many inputs as units, so Glorot and LeCun are the same here.";
      if (this.note.textContent !== note) this.note.textContent = note;
      const said = `${this.state.depth} layers of ${this.state.width} ${this.state.activation} units. ${words.join(". ")}.`;
      this.announcer.say(said);
    }

    redraw() {
      if (!this.canvas.clientWidth || !this.found) return;
      const { depth } = this.state;
      let [low, high] = [0.1, 1];
      for (const [name] of SERIES) {
        for (const value of this.found[name]) {
          if (value > 0 && value < low) low = value;
          if (Number.isFinite(value) && value > high) high = value;
        }
      }
      const xs = Array.from({ length: depth }, (_, k) => k + 1);
      const wide = this.canvas.clientWidth > 480;
      shared.chart(
        this.canvas,
        {
          x: { label: "layer, from the input to the output", low: 1, high: Math.max(depth, 2) },
          y: { label: "standard deviation", logarithmic: true, low: 10 ** Math.floor(Math.log10(low)), high: 10 ** Math.ceil(Math.log10(high * 1.05)) },
          proportion: wide ? 0.5 : 0.75,
          series: SERIES.map(([name], k) => ({
            xs, ys: this.found[name], color: shared.COLORS[k], dash: shared.DASHES[k], width: 2.4,
          })),
        },
        shared.palette(this.root),
      );
    }
  }

  const open = (root, state, place) => new Explorer(root, state, place);

  return {
    ACTIVATIONS, INITIALIZERS, DEFAULTS, MAX_WIDTH, MAX_BATCH, variance, generator, fillNormal, pool,
    allSpreads, operations, checked, inWords, open,
  };
})();

if (typeof module !== "undefined") module.exports = signals;
