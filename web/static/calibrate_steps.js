// The steps of a calibration. Each has `panel(desk)`, which gives its controls, and perhaps
// `opened(desk)`, called once they are on the page, and `live(desk, live)`, which gets what the
// camera sees now.

import { at } from "./base.js";
import { h, thumbnail } from "./dom.js";
import { draft, isUnsaved, keepDraft } from "./drafts.js";
import { get } from "./live.js";
import { dots, draw, grips, onTap } from "./overlay.js";

const by = (id) => document.getElementById(id);
const button = (text, onclick, kind = "") => h("button", { type: "button", class: kind, onclick }, text);
const said = (id) => h("div", { id, class: "said", role: "status", hidden: true });

function showStatus(id, text, good) {
  const line = by(id);
  if (!line) return;
  line.textContent = text;
  line.hidden = !text;
  line.className = `said${good === undefined ? "" : good ? " good" : " bad"}`;
}

const boxes = (live) => (live.boxes ?? []).map(({ kind, box: [a, b, c, d] }) => ({
  kind: `box ${kind}`, closed: true, points: [[a, b], [c, b], [c, d], [a, d]],
}));

// Masks.

const corners = (count) => `${count} ${count === 1 ? "corner" : "corners"}`;
const copy = (areas) => areas.map((points) => points.map((at) => [...at]));

const masks = {
  name: "masks",
  title: "Masks",
  drawn: [],
  chosen: 0,
  unclear: "",
  panel(desk) {
    const { account } = desk.state;
    const change = (how) => { how(); masks.changed(desk); };
    return [
      h("p", {}, "Tap around everything that must never be seen: cabins, curtains, mirrors. Drag corners to move them."),
      h("div", { class: "acts" },
        button("New mask", () => { masks.drawn.push([]); masks.chosen = masks.drawn.length - 1; masks.show(desk); }),
        button("Remove corner", () => change(() => masks.drawn[masks.chosen]?.pop())),
        button("Remove mask", () => change(() => { masks.drawn.splice(masks.chosen, 1); masks.chosen = 0; })),
        h("button", { type: "button", id: "mask-discard", hidden: true, onclick: () => change(() => { masks.drawn = copy(desk.state.masks); masks.chosen = 0; }) }, "Discard changes"),
        button("Save and look", async (event) => {
          const areas = masks.areas;
          if (!await desk.send("masks", { masks: areas }, event.currentTarget)) return;
          keepDraft("masks", null);
          desk.again();
        }, "primary")),
      h("p", { id: "mask-unsaved", class: "said bad", role: "status", hidden: true }),
      h("div", { id: "mask-confirm" },
        h("p", {}, "Look at the picture: what is black is never seen. Is every cabin, curtain and mirror covered?"),
        ...(account ? [] : [h("label", { for: "by" }, "Your name"), h("input", { id: "by", autocomplete: "name", maxlength: 80 })]),
        h("p", { id: "mask-why", class: "detail", role: "status" }),
        h("div", { class: "acts" }, h("button", { type: "button", id: "mask-yes", class: "primary", disabled: true, onclick: async (event) => {
          const name = account ?? by("by").value.trim();
          if (!name) return desk.showProblem(new Error("Enter your name: you stand for these masks."));
          if (await desk.send("confirmation", { by: name, shown: desk.shown }, event.currentTarget)) desk.again();
        } }, "Yes, all is covered"))),
    ];
  },
  /** The masks as drawn, without those that have no corner yet. */
  get areas() { return masks.drawn.filter((points) => points.length); },
  opened(desk) {
    masks.drawn = draft("masks") ?? copy(desk.state.masks);
    masks.chosen = 0;
    masks.unclear = "";
    masks.show(desk);
    onTap((at) => desk.seen && masks.tap(desk, at));
  },
  tap(desk, at) {
    if (!masks.drawn.length) masks.drawn.push([]);
    masks.drawn[masks.chosen].push(at);
    masks.changed(desk);
  },
  changed(desk) {
    keepDraft("masks", masks.areas, desk.state.masks);
    masks.show(desk);
    desk.mark();
    masks.refresh(desk);
  },
  live(desk, { unclear }) {
    masks.unclear = unclear;
    masks.refresh(desk);
  },
  /** Offer the confirmation for what is saved and on the page, and for nothing else. */
  refresh(desk) {
    const dirty = isUnsaved("masks");
    const count = masks.areas.flat().length;
    by("mask-unsaved").textContent = `Not saved yet: ${corners(count)} drawn. Save them and look at the black areas, then confirm.`;
    by("mask-unsaved").hidden = by("mask-discard").hidden = !dirty;
    by("mask-confirm").hidden = !dirty && desk.state.confirmed !== null;
    const why = dirty ? "You can confirm once the changes are saved."
      : masks.unclear || (desk.shown ? "" : "Waiting for a picture with these masks.");
    if (by("mask-why").textContent !== why) by("mask-why").textContent = why;
    by("mask-yes").disabled = why !== "";
  },
  show(desk) {
    const points = masks.drawn.flatMap((some, area) => some.map((at, n) => ({ at, area, n })));
    const paint = () => draw(masks.drawn.map((some, area) => (
      { kind: `area${area === masks.chosen ? " chosen" : ""}`, closed: true, points: some })).filter(({ points: some }) => some.length));
    paint();
    grips(
      points.map(({ at, area, n }) => ({ at, label: `Mask ${area + 1}, corner ${n + 1}` })),
      (index, at) => {
        const { area, n } = points[index];
        masks.drawn[area][n] = at;
        masks.chosen = area;
        paint();
        keepDraft("masks", masks.areas, desk.state.masks);
        masks.refresh(desk);
      },
      () => desk.mark(),
    );
  },
};

// Picture.

const facts = {
  name: "picture",
  title: "Picture",
  panel: (desk) => [
    h("p", {}, "Let somebody stand where people will walk in, and hold the camera still."),
    said("picture-said"),
    h("div", { class: "acts" }, button("Keep this picture’s values", async (event) => {
      if (await desk.send("picture", {}, event.currentTarget)) desk.again();
    }, "primary")),
  ],
  live(_desk, live) {
    draw(boxes(live));
    if (!live.picture) return showStatus("picture-said", "Looking …");
    const { problems, width, height, fps, person } = live.picture;
    const values = `${width}×${height}, ${fps} pictures a second, a person ${Math.round(person * height)} pixels tall.`;
    showStatus("picture-said", problems.length ? problems.join(" ") : `All is well: ${values}`, !problems.length);
  },
};

// Gate.

const OUTWARD = { left: [-1, 0], right: [1, 0], up: [0, -1], down: [0, 1] };

const gate = {
  name: "gate",
  title: "Gate",
  drawn: [],
  chosen: 0,
  panel(desk) {
    return [
      h("p", {}, "Drag the line to the floor where people walk in. The green side is inside. People must be able to stand fully on both sides of it."),
      h("label", { for: "gate-choice" }, "Gate"),
      h("select", { id: "gate-choice", onchange: (event) => { gate.chosen = event.target.selectedIndex; gate.fill(); gate.show(desk); } }),
      h("label", { for: "gate-in" }, "Inside is"),
      h("select", { id: "gate-in", onchange: (event) => { gate.now.in = event.target.value; gate.show(desk); gate.changed(desk); } },
        Object.keys(OUTWARD).map((side) => h("option", { value: side }, side))),
      h("label", { for: "gate-rooms" }, "Rooms behind it, with commas"),
      h("input", { id: "gate-rooms", autocomplete: "off", oninput: (event) => {
        gate.now.rooms = event.target.value.split(",").map((room) => room.trim()).filter(Boolean);
        gate.changed(desk);
      } }),
      h("div", { class: "acts" },
        button("Another gate", () => { gate.drawn.push(gate.fresh()); gate.chosen = gate.drawn.length - 1; gate.redraw(desk); }),
        button("Remove gate", () => { gate.drawn.splice(gate.chosen, 1); gate.chosen = 0; if (!gate.drawn.length) gate.drawn.push(gate.fresh()); gate.redraw(desk); }),
        h("button", { type: "button", id: "gate-discard", hidden: true, onclick: () => { keepDraft("gate", null); desk.again(); } }, "Discard changes"),
        button("Save gates", async (event) => {
          if (!await desk.send("gates", { gates: gate.drawn }, event.currentTarget)) return;
          keepDraft("gate", null);
          desk.again();
        }, "primary")),
      h("p", {}, "Staff who wear a printed badge open no visits: print badges (", ...badges(desk.state.badge_cm),
        `) at 100%, wear one in front and one behind. ${desk.state.badge_measured ? `This camera reads tags of ${desk.state.badge_cm} cm and more.` : "The picture step measures how large they must be for this camera."}`),
      h("p", { id: "gate-unsaved", class: "said bad", role: "status", hidden: true }, "Not saved yet: the camera still counts by the gates saved before."),
    ];
  },
  opened(desk) {
    gate.drawn = draft("gate") ?? desk.state.gates.map((one) => structuredClone(one));
    if (!gate.drawn.length) gate.drawn.push(gate.fresh());
    gate.chosen = 0;
    gate.fill();
    gate.show(desk);
  },
  changed(desk) {
    keepDraft("gate", gate.drawn, desk.state.gates);
    desk.mark();
    gate.refresh();
  },
  refresh() {
    by("gate-unsaved").hidden = by("gate-discard").hidden = !isUnsaved("gate");
  },
  redraw(desk) {
    gate.fill();
    gate.show(desk);
    gate.changed(desk);
  },
  get now() { return gate.drawn[gate.chosen]; },
  fresh() {
    const taken = new Set(gate.drawn.map((one) => one.name));
    let name = "gate";
    for (let n = 2; taken.has(name); n += 1) name = `gate ${n}`;
    return { name, from: [0.35, 0.6], to: [0.65, 0.6], in: "up", rooms: ["1"] };
  },
  fill() {
    by("gate-choice").replaceChildren(...gate.drawn.map((one, n) =>
      h("option", { selected: n === gate.chosen }, one.name)));
    by("gate-in").value = gate.now.in;
    by("gate-rooms").value = gate.now.rooms.join(", ");
  },
  show(desk) {
    const ends = gate.drawn.flatMap((one, n) => ["from", "to"].map((end) => ({ one, n, end })));
    const paint = () => draw(gate.drawn.flatMap(({ from, to, in: side }) => {
      const [x, y] = OUTWARD[side].map((n) => 0.06 * n);
      return [
        { kind: "side", closed: true, points: [from, to, [to[0] + x, to[1] + y], [from[0] + x, from[1] + y]] },
        { kind: "gate", closed: false, points: [from, to] },
      ];
    }));
    paint();
    grips(
      ends.map(({ one, end }) => ({ at: one[end], label: `${one.name}, ${end}` })),
      (index, at) => { ends[index].one[ends[index].end] = at; paint(); },
      (index) => { gate.chosen = ends[index].n; gate.fill(); gate.changed(desk); },
    );
  },
};

/** Links to the PDF with badges whose tags have a size in centimetres. */
const badges = (size) => [["a4", "A4"], ["letter", "Letter"]].flatMap(([paper, name], n) => [
  n ? " or " : "", h("a", { href: at(`/calibrate/badges-${paper}.pdf?size=${size}`) }, name)]);

// Lens.

/** Links to the PDF with the board and the floor sheet. */
const paper = () => [h("a", { href: at("/calibrate/board-a4.pdf") }, "A4"), " or ", h("a", { href: at("/calibrate/board-letter.pdf") }, "Letter")];

const lens = {
  name: "lens",
  title: "Lens",
  panel(desk) {
    const has = desk.state.has.includes("lens");
    return [
      h("p", {}, "Print the board (first page of ", ...paper(),
        ") at 100% and glue it to something flat. Hold it half a metre before the camera, still, tilted another way each time, until the picture is green. Views are taken by themselves."),
      said("lens-said"),
      h("div", { class: "acts" },
        button("Take a view", (event) => desk.send("lens", { act: "view" }, event.currentTarget)),
        button("Start anew", (event) => desk.send("lens", { act: "restart" }, event.currentTarget)),
        button("Work out the lens", async (event) => {
          if (await desk.send("lens", { act: "solve" }, event.currentTarget)) desk.again();
        }, "primary"),
        has ? button("Show it straight", () => desk.look(desk.view === "straight" ? "plain" : "straight")) : null,
        has ? button("Forget the lens", async () => { if (await desk.send("lens", { act: "forget" })) desk.again(); }) : null),
    ];
  },
  steady: 0,
  async live(desk, { board }) {
    const cells = board.covered.flatMap((row, y) => row.map((seen, x) => ({ seen, x, y })));
    const [wide, high] = [1 / board.covered[0].length, 1 / board.covered.length];
    draw(cells.filter((cell) => cell.seen).map(({ x, y }) => ({
      kind: "cell", closed: true,
      points: [[x, y], [x + 1, y], [x + 1, y + 1], [x, y + 1]].map(([a, b]) => [a * wide, b * high]),
    })));
    dots(board.corners);
    const held = cells.filter((cell) => cell.seen).length;
    showStatus("lens-said", `${board.views} of ${board.needed} views, ${Math.round(100 * held / cells.length)}% of the picture. ${
      !board.corners.length ? "The board is not seen." : board.new ? "Hold it still …" : "This view is there; move or tilt the board."}`);
    // Taken once it has been new twice in a row: a board in motion is blurred.
    lens.steady = board.new ? lens.steady + 1 : 0;
    if (lens.steady >= 2) {
      lens.steady = 0;
      await desk.send("lens", { act: "view" });
    }
  },
};

// Floor.

const floor = {
  name: "floor",
  title: "Floor",
  points: [],
  changed() {},
  panel(desk) {
    const has = desk.state.has.includes("floor");
    return [
      h("p", {}, "Tap four points of the floor that you can measure, such as corners of tiles, spread around the gate, and enter where they are in metres."),
      h("div", { id: "measures", class: "requests" }),
      h("div", { class: "acts" },
        button("Remove the last point", () => { floor.points.pop(); floor.show(); floor.changed(); }),
        button("Work out the floor", async (event) => {
          const points = floor.points.map(({ at, metres }) => ({ at, metres: metres.map((n) => Number(String(n).replace(",", "."))) }));
          if (floor.points.some(({ metres }) => metres.some((n) => String(n).trim() === "") ) || points.some(({ metres }) => metres.some(Number.isNaN))) {
            desk.showProblem(new Error("Enter both measures of every point, in metres."));
            return;
          }
          if (!await desk.send("floor", { points }, event.currentTarget)) return;
          keepDraft("floor", null);
          desk.again();
        }, "primary")),
      h("p", {}, "Or, once the lens is known, print the floor sheet (second page of ", ...paper(), ") at 100% and lay it in three places and more, far apart."),
      said("floor-said"),
      h("div", { class: "acts" },
        button("The sheet lies here", (event) => desk.send("floor", { act: "place" }, event.currentTarget)),
        button("Start anew", (event) => desk.send("floor", { act: "restart" }, event.currentTarget)),
        button("Work it out by the sheet", async (event) => {
          if (await desk.send("floor", { act: "solve" }, event.currentTarget)) desk.again();
        }),
        has ? button("Forget the floor", async () => { if (await desk.send("floor", { act: "forget" })) desk.again(); }) : null),
      has ? h("p", {}, "The grid in the picture has lines every half metre: does it lie on the floor?") : null,
    ];
  },
  opened(desk) {
    floor.points = draft("floor") ?? [];
    floor.changed = () => { keepDraft("floor", floor.points, []); desk.mark(); };
    floor.show();
    draw(desk.state.grid.map((points) => ({ kind: "grid", closed: false, points })));
    onTap((at) => {
      if (!desk.seen) return;
      if (floor.points.length < 12) floor.points.push({ at, metres: ["", ""] });
      floor.show();
      floor.changed();
    });
  },
  show() {
    grips(
      floor.points.map(({ at }, n) => ({ at, label: `Point ${n + 1}`, mark: n + 1 })),
      (index, at) => { floor.points[index].at = at; },
      () => floor.changed(),
    );
    by("measures").replaceChildren(...floor.points.map((point, n) => h("div", { class: "pair" },
      h("strong", {}, n + 1),
      ...["right", "away"].map((way, axis) => h("input", {
        inputmode: "decimal", "aria-label": `Point ${n + 1}, metres ${way}`, placeholder: `m ${way}`,
        value: point.metres[axis], oninput: (event) => { point.metres[axis] = event.target.value; floor.changed(); },
      })))));
  },
  live(_desk, { sheet }) {
    if (!floor.points.length) dots(sheet.corners);
    showStatus("floor-said", `${sheet.places} places. ${sheet.corners.length ? "The sheet is seen." : "The sheet is not seen."}`);
  },
};

// Colour.

const colour = {
  name: "colour",
  title: "Colour",
  marks: [],
  panel(desk) {
    const has = desk.state.has.includes("colour");
    const apply = async (data, event) => {
      const answer = await desk.send("colour", data, event.currentTarget);
      if (!answer) return;
      desk.again();
      desk.look("corrected");
    };
    return [
      h("p", {}, "Hold a 24-patch colour chart flat to the camera, where the gate is. If it is not found, tap its four corners: first at the brown patch, then clockwise. Or tap two corners of a white sheet of paper."),
      h("div", { class: "acts" },
        button("Use the chart", (event) => apply({ by: "chart", ...(colour.marks.length === 4 ? { corners: colour.marks } : {}) }, event), "primary"),
        button("Use the sheet", (event) => {
          if (colour.marks.length !== 2) return desk.showProblem(new Error("Tap two opposite corners of the sheet first."));
          const [xs, ys] = [0, 1].map((axis) => colour.marks.map((at) => at[axis]).sort((a, b) => a - b));
          return apply({ by: "sheet", box: [xs[0], ys[0], xs[1], ys[1]] }, event);
        }),
        button("Clear marks", () => { colour.marks = []; colour.show(); }),
        has ? button("Show it corrected", () => desk.look(desk.view === "corrected" ? "plain" : "corrected")) : null,
        has ? button("Forget the correction", async () => { if (await desk.send("colour", { by: "nothing" })) desk.again(); }) : null),
    ];
  },
  opened(desk) {
    colour.marks = [];
    onTap((at) => {
      if (!desk.seen) return;
      colour.marks = [...colour.marks, at].slice(-4);
      colour.show();
    });
  },
  show() {
    grips(colour.marks.map((at, n) => ({ at, label: `Corner ${n + 1}`, mark: n + 1 })),
      (index, at) => { colour.marks[index] = at; }, () => {});
  },
};

// Walk test.

const walk = {
  name: "walk",
  title: "Walk test",
  panel: (desk) => [
    h("p", {}, "One person walks as the list says while nobody else is in the picture. Boxes show what is seen; nothing of this is a visit."),
    h("ol", { id: "walks", class: "walks" }),
    said("walk-said"),
    said("walk-where"),
    h("div", { class: "acts" },
      button("Start", async (event) => {
        const answer = await desk.send("walk", { act: "start" }, event.currentTarget);
        if (answer) walk.show(answer);
      }, "primary"),
      button("End and keep it", async (event) => {
        const answer = await desk.send("walk", { act: "stop" }, event.currentTarget);
        if (answer) walk.show(answer, true);
      })),
  ],
  show({ verdict, steps }, ended = false) {
    by("walks")?.replaceChildren(...steps.map(({ asked, passed, said: what }) => h("li", {
      class: `said${passed === null ? "" : passed ? " good" : " bad"}`,
    }, h("strong", {}, asked), what ? ` ${what}` : "")));
    const kept = ended ? " Its detections, no pictures, are in the site’s tests folder." : "";
    showStatus("walk-said", { pass: `Passed.${kept}`, fail: `Failed: see above.${kept}`, open: ended ? "Not walked to the end." : "" }[verdict], verdict === "pass" ? true : verdict === "fail" ? false : undefined);
  },
  live(desk, live) {
    const gates = desk.state.gates.map(({ from, to }) => ({ kind: "gate", closed: false, points: [from, to] }));
    draw([...gates, ...boxes(live)]);
    const stands = live.boxes.filter(({ metres }) => metres).map(({ metres: [right, away] }) =>
      `Somebody stands at ${right.toFixed(2)} m right, ${away.toFixed(2)} m away.`);
    showStatus("walk-where", stands.join(" "));
    if (live.walk) walk.show(live.walk);
  },
};

// Enrolment.

const enrol = {
  name: "enrol",
  title: "Garments",
  panel: (desk) => [
    h("p", {}, "Hold a garment up to the camera by its hanger. Is the right article among these? Then add this view to it, and it is known better from now on."),
    h("div", { class: "acts" }, button("What is this?", (event) => enrol.ask(desk, event.currentTarget), "primary")),
    h("div", { id: "found", class: "found" }),
    h("div", { id: "before" }),
    h("label", { for: "words" }, "Another article"),
    h("input", { id: "words", autocomplete: "off", placeholder: "Words, SKU or tag", onchange: async (event) => {
      try {
        const { articles } = await get(`/api/articles?q=${encodeURIComponent(event.target.value)}`);
        by("found").replaceChildren(...articles.map((article) => enrol.card(desk, article)));
      } catch (error) {
        desk.showProblem(error);
      }
    } }),
    said("enrol-said"),
  ],
  async ask(desk, pressed) {
    const answer = await desk.send("enrolment", {}, pressed);
    if (!answer) return;
    by("found").replaceChildren(...answer.now.map((article) => enrol.card(desk, article)));
    const plain = answer.uncorrected;
    by("before").replaceChildren(...(plain ? [h("p", { class: "detail" },
      `Without the colour correction: ${plain.map((one) => `${one.title} ${one.colour} ${one.score.toFixed(2)}`).join(", ")}.`)] : []));
  },
  card: (desk, article) => h("figure", {},
    thumbnail(article),
    h("figcaption", {}, `${article.title} ${article.colour}${article.score ? ` · ${article.score.toFixed(2)}` : ""}`),
    button("It is this", async (event) => {
      if (await desk.send("enrolment", { sku: article.sku }, event.currentTarget)) {
        showStatus("enrol-said", `${article.title} ${article.colour} is known from this camera now.`, true);
      }
    })),
  live(_desk, live) { draw(boxes(live)); },
};

// Versions.

const versions = {
  name: "versions",
  title: "Versions",
  panel: (desk) => [
    h("p", {}, "What was replaced is kept and can be brought back. The masks of another version have to be confirmed again."),
    ...(desk.state.versions.length ? desk.state.versions.map(({ number, saved_at: at }) => h("div", { class: "card row" },
      h("p", {}, h("strong", {}, `Version ${number}`), h("br"), h("span", { class: "detail" }, new Date(1000 * at).toLocaleString("en-GB"))),
      button("Bring it back", async (event) => {
        if (await desk.send("versions", { number }, event.currentTarget)) desk.again();
      }))) : [h("p", { class: "empty" }, "Nothing was replaced yet.")]),
  ],
};

export const STEPS = [masks, facts, gate, lens, floor, colour, walk, enrol, versions];
