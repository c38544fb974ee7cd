// Working the page of mapping by keyboard: which key does what.
import { here, listen, rows, step, whenLeft } from "./keys.js";

const LEAVE = 'input[type=radio][value=""]';
const BEST = "input[data-best]";
let marked = null; // the row for which a key chose the best suggestion

const field = (row) => row.querySelector(".other input:not([type])");
const isChosen = (row) => !row.querySelector(LEAVE).checked || field(row).value.trim() !== "";

// chooses the best suggestion of a row, or leaves the row
function mark(row, to = !isChosen(row)) {
  const box = row.querySelector(to ? BEST : LEAVE);
  if (!box) return;
  box.checked = true;
  field(row).value = "";
  if (row.contains(document.activeElement)) box.focus();
}

whenLeft(() => {
  if (marked && marked.isConnected) mark(marked, false); // left without accepting
  marked = null;
});

// shows what is chosen, or the best suggestion of the row somebody is on, to be accepted
function accept() {
  const button = document.querySelector("#mapping button[formaction]");
  const row = here();
  if (!button) return;
  if (row && !rows().some(isChosen)) {
    marked = row;
    mark(row, true);
  }
  button.click();
}

function choose(number) {
  const offered = here() && here().querySelectorAll('input[type=radio][value^="is "]')[number - 1];
  if (!offered) return;
  offered.checked = true;
  field(here()).value = "";
  offered.focus();
}

// whoever writes an id has chosen it
document.addEventListener("input", (event) => {
  const row = event.target.closest(".item");
  if (row && event.target === field(row)) row.querySelector(`input[value=${field(row).value ? "other" : '""'}]`).checked = true;
});

listen({
  j: () => step(1),
  k: () => step(-1),
  x: () => here() && mark(here()),
  X: () => {
    const to = !rows().some(isChosen);
    rows().forEach((row) => mark(row, to));
  },
  n: () => {
    const again = document.querySelector("a.again");
    if (again) again.click();
    else if (here()) location.assign(here().dataset.kind);
  },
  o: () => here() && field(here()).focus(),
  a: accept,
  ...Object.fromEntries([1, 2, 3, 4, 5, 6, 7, 8, 9].map((number) => [number, () => choose(number)])),
});
