// Working the list of findings, and the page of one, by keyboard: which key does what.
import { here, listen, rows, step, whenLeft } from "./keys.js";

let marked = null; // the row that a key chose for its action

// ticks the box of a row, or of the whole list
function mark(row) {
  const box = row && row.querySelector("input[type=checkbox]");
  if (box) box.checked = !box.checked;
}

whenLeft(() => {
  if (marked && marked.isConnected) mark(marked); // left without deciding
  marked = null;
});

// deciding for the row somebody is on where nothing is chosen
function decide(key) {
  const form = document.getElementById("work");
  const button = form && form.querySelector(`button[data-key="${key}"]`);
  if (!button) return;
  const boxes = form.querySelectorAll("input[type=checkbox]");
  if (boxes.length && ![...boxes].some((box) => box.checked)) {
    marked = here();
    if (!marked) return;
    mark(marked);
  }
  button.click();
}

// on the page of one finding
function follow(rel) {
  const link = document.querySelector(`a[rel="${rel}"]`);
  if (link) link.click();
}

listen({
  j: () => (rows().length ? step(1) : follow("next")),
  k: () => (rows().length ? step(-1) : follow("prev")),
  x: () => mark(here()),
  X: () => mark(document.querySelector("#work .bar")),
  n: () => {
    const again = document.querySelector("a.again");
    if (again) again.click();
    else if (here()) location.assign(here().dataset.kind);
  },
  a: () => decide("a"),
  w: () => decide("w"),
  d: () => decide("d"),
  f: () => decide("f"),
  r: () => {
    const first = document.querySelector('form[action$="/release"] button');
    if (first) first.click();
  },
  u: () => {
    const last = document.querySelector("details.last");
    if (!last) return;
    last.open = true;
    last.querySelector("button").focus();
  },
});
