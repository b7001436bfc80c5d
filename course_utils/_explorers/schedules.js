// Explorer 3: schedules of the learning rate, and the Keras code that makes them.
//
// The first half computes, as keras.optimizers.schedules do; tests compare it with them. Lengths
// are shares of the run: a schedule belongs to a number of updates. The second half is the page.
const schedules = (() => {
  "use strict";

  const { PI, cos, floor, round, log } = Math;

  // --- the schedules -------------------------------------------------------------------------

  // Every rate(t, T, p) is a share of the peak at update t = 0, 1, ... of T.
  // Every keras(T, p, n) is code for Keras; n writes a number as Python does.

  const every = (T, p) => Math.max(1, round(T / (p.drops + 1)));
  const firstPeriod = (T, p) => Math.max(1, round(T * p.period));

  function restarts(t, T, p) {
    const progress = t / firstPeriod(T, p);
    let [number, rest] = [floor(progress), progress - floor(progress)];
    if (p.growth !== 1) {
      // As Keras finds the period; the small number saves exact restarts from rounding.
      number = floor(log(1 - progress * (1 - p.growth)) / log(p.growth) + 1e-9);
      rest = (progress - (1 - p.growth ** number) / (1 - p.growth)) / p.growth ** number;
    }
    return (1 - p.end) * 0.5 * p.height ** number * (1 + cos(PI * rest)) + p.end;
  }

  const SCHEDULES = {
    constant: {
      parameters: [],
      rate: () => 1,
      keras: (T, p, n) => n(p.peak),
    },
    "time decay": {
      parameters: ["decay"],
      rate: (t, T, p) => 1 / (1 + (p.decay * t) / T),
      keras: (T, p, n) => `schedules.InverseTimeDecay(${n(p.peak)}, decay_steps=${T}, decay_rate=${n(p.decay)})`,
    },
    exponential: {
      parameters: ["final"],
      rate: (t, T, p) => p.final ** (t / T),
      keras: (T, p, n) => `schedules.ExponentialDecay(${n(p.peak)}, decay_steps=${T}, decay_rate=${n(p.final)})`,
    },
    step: {
      parameters: ["drops", "factor"],
      rate: (t, T, p) => p.factor ** Math.min(floor(t / every(T, p)), p.drops),
      // Keras wants the last update of each rate, not the first of the next.
      keras: (T, p, n) => {
        const number = Array.from({ length: p.drops }, (_, k) => k + 1);
        const ends = number.map((k) => k * every(T, p) - 1).join(", ");
        const rates = [0, ...number].map((k) => n(Number((p.peak * p.factor ** k).toPrecision(12)))).join(", ");
        return `schedules.PiecewiseConstantDecay(\n    boundaries=[${ends}],\n    values=[${rates}],\n)`;
      },
    },
    polynomial: {
      parameters: ["power", "end"],
      rate: (t, T, p) => (1 - p.end) * (1 - Math.min(t, T) / T) ** p.power + p.end,
      keras: (T, p, n) =>
        `schedules.PolynomialDecay(\n    ${n(p.peak)}, decay_steps=${T}, end_learning_rate=${n(p.peak * p.end)}, power=${n(p.power)}\n)`,
    },
    cosine: {
      parameters: ["end"],
      rate: (t, T, p) => (1 - p.end) * 0.5 * (1 + cos((PI * Math.min(t, T)) / T)) + p.end,
      keras: (T, p, n) => `schedules.CosineDecay(${n(p.peak)}, decay_steps=${T}, alpha=${n(p.end)})`,
    },
    "cosine with restarts": {
      parameters: ["period", "growth", "height", "end"],
      rate: restarts,
      keras: (T, p, n) =>
        `schedules.CosineDecayRestarts(\n    ${n(p.peak)}, first_decay_steps=${firstPeriod(T, p)},` +
        ` t_mul=${n(p.growth)}, m_mul=${n(p.height)}, alpha=${n(p.end)}\n)`,
    },
    "1cycle": {
      parameters: ["first", "rise"],
      rate: (t, T, p) => Math.min(p.first + ((1 - p.first) * t) / T / p.rise, (1 - t / T) / (1 - p.rise)),
      keras: (T, p, n) => `OneCycle(${n(p.peak)}, updates=${T}, first=${n(p.first)}, rise=${n(p.rise)})`,
    },
  };

  const warmUpUpdates = (state) => round(state.updates * state.warm_up);

  /** The learning rate of update t; state as in DEFAULTS. */
  function rate(t, state) {
    const w = warmUpUpdates(state);
    if (t < w) return (state.peak * t) / w;
    return state.peak * SCHEDULES[state.schedule].rate(t - w, state.updates - w, state);
  }

  /** The learning rates of all updates. */
  function rates(state) {
    return Float64Array.from({ length: state.updates }, (_, t) => rate(t, state));
  }

  // --- code ----------------------------------------------------------------------------------

  const CLASS = "\n\nclass NAME(schedules.LearningRateSchedule):\n";

  const ONE_CYCLE =
    CLASS.replace("NAME", "OneCycle") +
    `    def __init__(self, peak, updates, first, rise):
        self.peak, self.updates, self.first, self.rise = peak, updates, first, rise

    def __call__(self, step):
        progress = ops.cast(step, "float32") / self.updates
        up = self.first + (1 - self.first) * progress / self.rise
        return self.peak * ops.minimum(up, (1 - progress) / (1 - self.rise))
`;

  const WARM_UP =
    CLASS.replace("NAME", "WarmUp") +
    `    def __init__(self, peak, updates, after):
        self.peak, self.updates, self.after = peak, updates, after

    def __call__(self, step):
        step = ops.cast(step, "float32")
        after = self.after
        if callable(after):
            after = after(ops.maximum(step - self.updates, 0))
        return ops.where(step < self.updates, self.peak * step / self.updates, after)
`;

  /** A number as Python writes it, always with a point or an exponent. */
  function pythonFloat(value) {
    const text = String(Number(value.toPrecision(12)));
    return /[.e]/.test(text) ? text : `${text}.0`;
  }

  /** Python code that makes the schedule with Keras, in the variable learning_rate. */
  function kerasCode(state) {
    const w = warmUpUpdates(state);
    const T = state.updates - w;
    const n = pythonFloat;
    let made = SCHEDULES[state.schedule].keras(T, state, n);
    let before = "";
    let classes = state.schedule === "1cycle" ? ONE_CYCLE : "";
    if (w && state.schedule === "cosine") {
      made = `schedules.CosineDecay(\n    0.0, decay_steps=${T}, alpha=${n(state.end)},\n    warmup_target=${n(state.peak)}, warmup_steps=${w},\n)`;
    } else if (w) {
      classes += WARM_UP;
      before = `after_warm_up = ${made}\n`;
      made = `WarmUp(${n(state.peak)}, ${w}, after_warm_up)`;
    }
    const names = made.includes("schedules") || classes ? "SGD, schedules" : "SGD";
    const head = `${classes ? "from keras import ops\n" : ""}from keras.optimizers import ${names}\n`;
    return `${head}${classes}${classes && "\n"}\n${before}learning_rate = ${made}\noptimizer = SGD(learning_rate)\n`;
  }

  // --- state ---------------------------------------------------------------------------------

  /** What each parameter is, its limits, and how a slider shows it. */
  const PARAMETERS = {
    peak: { label: "peak: the largest rate", limits: [1e-5, 10], logarithmic: true },
    updates: { label: "updates", limits: [20, 20000], logarithmic: true, whole: true },
    warm_up: { label: "warm-up, share of the updates", limits: [0, 0.5], step: 0.01 },
    decay: { label: "decay: the rate ends at peak / (1 + decay)", limits: [0.1, 1000], logarithmic: true },
    final: { label: "share of the peak at the end", limits: [1e-5, 1], logarithmic: true },
    drops: { label: "number of drops", limits: [1, 8], step: 1, whole: true },
    factor: { label: "factor at a drop", limits: [0.05, 0.95], step: 0.05 },
    power: { label: "power (1: a straight line)", limits: [0.25, 4], step: 0.25 },
    end: { label: "share of the peak at the end", limits: [0, 0.5], step: 0.01 },
    period: { label: "first period, share of the updates", limits: [0.05, 1], step: 0.01 },
    growth: { label: "each period longer by a factor of", limits: [1, 3], step: 0.25 },
    height: { label: "each restart lower by a factor of", limits: [0.25, 1], step: 0.05 },
    first: { label: "share of the peak at the start", limits: [0, 0.5], step: 0.01 },
    rise: { label: "share of the time for the way up", limits: [0.05, 0.95], step: 0.01 },
  };

  const DEFAULTS = {
    schedule: "cosine", peak: 0.1, updates: 640, warm_up: 0, decay: 20, final: 0.01, drops: 2,
    factor: 0.1, power: 1, end: 0, period: 0.25, growth: 1, height: 1, first: 0.04, rise: 0.3,
  };

  /** A state that can be shown, whatever a link says. */
  function checked(state) {
    const found = { schedule: state.schedule in SCHEDULES ? state.schedule : DEFAULTS.schedule };
    for (const [name, { limits: [low, high], whole }] of Object.entries(PARAMETERS)) {
      const value = Number(state[name]);
      const kept = Number.isFinite(value) ? Math.min(Math.max(value, low), high) : DEFAULTS[name];
      found[name] = whole ? round(kept) : kept;
    }
    return found;
  }

  /** Only what the chosen schedule uses: for a link or a call in Python. */
  function relevant(state) {
    const names = ["schedule", "peak", "updates", "warm_up", ...SCHEDULES[state.schedule].parameters];
    return Object.fromEntries(names.map((name) => [name, state[name]]));
  }

  /** The numbers that count, in words. */
  function inWords(state, all, format) {
    const mean = all.reduce((sum, value) => sum + value, 0) / all.length;
    const top = all.reduce((largest, value) => Math.max(largest, value), 0);
    return [
      `area: the mean rate is ${format(mean / state.peak)} of the peak`,
      `largest rate ${format(top)}; at the first update ${format(all[0])}, in the middle ` +
        `${format(all[floor(all.length / 2)])}, at the last ${format(all[all.length - 1])}`,
    ];
  }

  // --- the page ------------------------------------------------------------------------------

  class Explorer {
    constructor(root, state, { at, given }) {
      this.root = root;
      this.given = given;
      this.kept = null;
      this.draw = shared.oncePerFrame(() => this.redraw());
      this.build(at);
      this.set(state);
      shared.watch(root, this.draw);
    }

    getState() {
      return relevant(this.state);
    }

    set(state) {
      this.state = { ...state };
      for (const [name, control] of Object.entries(this.controls)) control.set(state[name]);
      this.changed();
    }

    build(at) {
      const { element } = shared;
      const change = (name) => (value) => ((this.state[name] = value), this.changed());
      const options = Object.keys(SCHEDULES).map((name) => [name, name]);
      this.controls = { schedule: shared.select({ label: "schedule", options, change: change("schedule") }) };
      for (const [name, { label, limits: [min, max], step, logarithmic, whole }] of Object.entries(PARAMETERS)) {
        const rounded = whole ? (value) => change(name)(round(value)) : change(name);
        const show = whole ? (v) => String(round(v)) : shared.format;
        this.controls[name] = shared.slider({ label, min, max, step, logarithmic, show, change: rounded });
      }
      this.canvas = element("canvas", { role: "img" });
      this.results = element("ul", { class: "explorer-results" });
      this.code = element("code");
      this.announcer = shared.announcer(this.canvas, "Learning rate against the update.");
      const field = element("textarea", { readonly: true, hidden: true, "aria-label": "To copy" });
      const told = element("span", { role: "status" });
      const copyCode = () => shared.copy(this.code.textContent, field, (text) => (told.textContent = text));
      this.keepButton = element("button", { type: "button", "aria-pressed": "false", onclick: () => this.keep() }, "Keep this curve beside the next");
      this.root.replaceChildren(
        element("p", { class: "explorer-title" }, "Schedules of the learning rate"),
        element("div", { class: "explorer-row" }, ...Object.values(this.controls).map(({ node }) => node)),
        this.canvas,
        this.results,
        element("div", { class: "explorer-sharing" }, this.keepButton),
        element("p", { class: "explorer-note" }, "In Keras:"),
        element("pre", { tabindex: "0", "aria-label": "Code for Keras" }, this.code),
        element("div", { class: "explorer-sharing" }, element("button", { type: "button", onclick: copyCode }, "Copy the code"), told, field),
        shared.sharing("schedules", at, () => this.getState(), () => this.set(this.given)),
        this.announcer.node,
      );
    }

    keep() {
      this.kept = this.kept ? null : this.rates;
      this.keepButton.setAttribute("aria-pressed", String(this.kept !== null));
      this.draw();
    }

    changed() {
      const used = relevant(this.state);
      for (const [name, { node }] of Object.entries(this.controls)) node.hidden = !(name in used);
      this.rates = rates(this.state);
      this.code.textContent = kerasCode(this.state);
      const words = inWords(this.state, this.rates, shared.format);
      shared.writeList(this.results, words.map((text) => ({ text, color: shared.COLORS[0] })));
      const said = `${this.state.schedule}, ${this.state.updates} updates. ${words.join(". ")}.`;
      this.announcer.say(said);
      this.draw();
    }

    redraw() {
      if (!this.canvas.clientWidth) return;
      const top = Math.max(this.state.peak, ...(this.kept ? [this.kept.reduce((a, b) => Math.max(a, b), 0)] : []));
      const colors = shared.palette(this.root);
      const longest = Math.max(this.rates.length, this.kept?.length ?? 0);
      const series = [{ ys: this.rates, color: shared.COLORS[0], width: 2.4 }];
      if (this.kept) series.unshift({ ys: this.kept, color: shared.COLORS[1], dash: shared.DASHES[1] });
      shared.chart(
        this.canvas,
        {
          x: { label: "update", low: 0, high: longest },
          y: { label: "learning rate", low: 0, high: top * 1.05 },
          proportion: this.canvas.clientWidth > 480 ? 0.42 : 0.65,
          series,
        },
        colors,
      );
    }
  }

  const open = (root, state, place) => new Explorer(root, state, place);

  return { SCHEDULES, PARAMETERS, DEFAULTS, rate, rates, kerasCode, checked, relevant, inWords, open };
})();

if (typeof module !== "undefined") module.exports = schedules;
