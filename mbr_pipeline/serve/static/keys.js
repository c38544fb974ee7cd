// What pages that are worked by keyboard share: standing on a row of a list, forms that answer in place, help,
// and keys that can be switched off. Which key does what is the page's own. Without it every link and form works
// by itself.
const OFF = "mbr-keys-off";
const STANDS_ON = "a.open, input[type=radio]:checked"; // what has the focus in a row

const ask = document.getElementById("ask");
const keys = document.getElementById("keys");
let at = 0; // the row somebody is on, kept when the list comes anew
let left = () => {}; // what is undone where somebody leaves without an answer

export const rows = () => [...document.querySelectorAll(".item")];

export function here() {
  const row = document.activeElement && document.activeElement.closest(".item");
  return row || document.querySelector(".item.on");
}

export function stand(index = at) {
  const all = rows();
  if (!all.length) return;
  at = Math.max(0, Math.min(index, all.length - 1));
  show(all[at]);
  const place = all[at].querySelector(STANDS_ON);
  if (place) place.focus();
  all[at].scrollIntoView({ block: "nearest" });
}

export function step(by) {
  const row = here();
  stand((row ? rows().indexOf(row) : by > 0 ? -1 : rows().length) + by);
}

export const whenLeft = (undo) => (left = undo);

// after a list came anew: whoever has gone on to something else already stays there
function standAgain() {
  const place = document.activeElement;
  if (place && place !== document.body && !place.closest(".item")) return;
  if (rows().length) stand();
  else document.getElementById("main").focus();
}

function show(row) {
  rows().forEach((each) => each.classList.toggle("on", each === row));
}

// forms of the list: their answers come above it (data-ask) or in its place (data-swap)
function wire(inside) {
  const help = inside.querySelector("#help");
  if (help && keys) help.hidden = false;
  if (!window.htmx) return;
  for (const form of inside.querySelectorAll("form[data-ask], form[data-swap]")) {
    if (form.hasAttribute("hx-post")) continue;
    form.setAttribute("hx-post", form.getAttribute("action"));
    form.setAttribute("hx-target", form.hasAttribute("data-ask") ? "#ask" : "#list");
    form.setAttribute("hx-select", form.hasAttribute("data-ask") ? "#panel" : "#list");
    form.setAttribute("hx-swap", form.hasAttribute("data-ask") ? "innerHTML" : "outerHTML");
    form.setAttribute("hx-select-oob", "#told:innerHTML");
    form.setAttribute("hx-disabled-elt", "find button");
    window.htmx.process(form);
  }
}

// an answer without what was asked for (the sign-in ended, the list is empty now) is shown as it is
document.addEventListener("htmx:beforeSwap", (event) => {
  const text = event.detail.xhr.responseText;
  if (text.includes('id="panel"')) return;
  if (ask && ask.open) ask.close();
  const place = text.includes('id="list"') ? "list" : "main";
  event.detail.target = document.getElementById(place);
  event.detail.selectOverride = `#${place}`;
  event.detail.swapOverride = "outerHTML";
});

document.addEventListener("htmx:afterSettle", () => {
  wire(document);
  if (ask && ask.querySelector("#panel")) {
    if (!ask.open) ask.showModal();
    const first = ask.querySelector("[autofocus]") || ask.querySelector("a, button, input:not([type=hidden])");
    if (first) first.focus();
  } else {
    standAgain();
  }
});

// nothing came back: what was written stays where it is
for (const name of ["htmx:sendError", "htmx:timeout"]) {
  document.addEventListener(name, () => {
    const place = (ask && ask.open && ask.querySelector("#panel")) || document.getElementById("told");
    const said = document.createElement("p");
    said.className = "told bad";
    said.setAttribute("role", "alert");
    said.dataset.unanswered = "";
    said.textContent = "The server did not answer. What you wrote is still here: see that it runs, then press again.";
    document.querySelectorAll("[data-unanswered]").forEach((each) => each.remove());
    place.prepend(said);
  });
}

if (ask) {
  ask.addEventListener("close", () => {
    ask.replaceChildren();
    left();
    standAgain();
  });
  ask.addEventListener("click", (event) => {
    if (!event.target.closest("[data-close]")) return;
    event.preventDefault();
    ask.close();
  });
}

const isWriting = (target) =>
  target.closest("input:not([type=checkbox], [type=radio]), select, textarea, [contenteditable]");
const isOff = () => localStorage.getItem(OFF) === "1";

export function listen(does) {
  const shared = {
    "/": () => document.getElementById("q") && document.getElementById("q").focus(),
    "?": () => keys && keys.showModal(),
  };
  document.addEventListener("keydown", (event) => {
    if (event.ctrlKey || event.altKey || event.metaKey || event.defaultPrevented) return;
    if (document.querySelector("dialog[open]") || isOff()) return;
    const isBack = event.key === "Escape" && event.target.closest(".item");
    const press = isBack ? () => stand() : !isWriting(event.target) && { ...shared, ...does }[event.key];
    if (!press) return;
    event.preventDefault();
    press();
  });
}

document.addEventListener("focusin", (event) => {
  const row = event.target.closest(".item");
  if (!row) return;
  show(row);
  at = rows().indexOf(row);
});

document.addEventListener("click", (event) => {
  if (event.target.closest("#help") && keys) keys.showModal();
});
const on = document.getElementById("keys-on");
if (on) {
  on.checked = !isOff();
  on.addEventListener("change", () => (on.checked ? localStorage.removeItem(OFF) : localStorage.setItem(OFF, "1")));
}
wire(document);
