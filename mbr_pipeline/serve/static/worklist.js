// Working the list by keyboard, and forms that answer in place. Without it every link and form works by itself.
"use strict";
(() => {
  const ask = document.getElementById("ask");
  const keys = document.getElementById("keys");
  const NAME = "mbr-keys-off";
  let marked = null; // the row that a key chose for its action
  let at = 0; // the row somebody is on, kept when the list comes anew

  const rows = () => [...document.querySelectorAll("tr.item")];
  const here = () => {
    const row = document.activeElement && document.activeElement.closest("tr.item");
    return row || document.querySelector("tr.item.on");
  };

  function stand(index) {
    const all = rows();
    if (!all.length) return;
    at = Math.max(0, Math.min(index, all.length - 1));
    all.forEach((row) => row.classList.toggle("on", row === all[at]));
    all[at].querySelector("a.open").focus();
    all[at].scrollIntoView({ block: "nearest" });
  }

  // on the page of one finding
  function follow(rel) {
    const link = document.querySelector(`a[rel="${rel}"]`);
    if (link) link.click();
  }

  // ticks the box of a row, or of the whole list
  function mark(row) {
    const box = row && row.querySelector("input[type=checkbox]");
    if (!box) return;
    box.checked = !box.checked;
  }

  // forms of the list: their answers come above it (data-ask) or in its place (data-swap)
  function wire(inside) {
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
    const help = inside.querySelector("#help");
    if (help && keys) help.hidden = false;
  }

  // an answer without what was asked for (the sign-in ended, the list is empty now) is shown as it is
  document.addEventListener("htmx:beforeSwap", (event) => {
    const text = event.detail.xhr.responseText;
    if (text.includes('id="panel"')) return;
    if (ask && ask.open) ask.close();
    if (text.includes('id="list"')) {
      event.detail.target = document.getElementById("list");
      event.detail.selectOverride = "#list";
      event.detail.swapOverride = "outerHTML";
    } else {
      event.detail.target = document.getElementById("main");
      event.detail.selectOverride = "#main";
      event.detail.swapOverride = "outerHTML";
    }
  });

  document.addEventListener("htmx:afterSettle", () => {
    wire(document);
    if (ask && ask.querySelector("#panel")) {
      if (!ask.open) ask.showModal();
      const first = ask.querySelector("[autofocus]") || ask.querySelector("a, button, input:not([type=hidden])");
      if (first) first.focus();
    } else if (rows().length) {
      stand(at);
    } else {
      document.getElementById("main").focus();
    }
  });

  if (ask) {
    ask.addEventListener("close", () => {
      ask.replaceChildren();
      if (marked && marked.isConnected) mark(marked); // left without deciding
      marked = null;
      if (rows().length) stand(at);
    });
    ask.addEventListener("click", (event) => {
      if (!event.target.closest("[data-close]")) return;
      event.preventDefault();
      ask.close();
    });
  }

  // deciding for the row somebody is on where nothing is chosen
  function decide(key) {
    const form = document.getElementById("work");
    const button = form && form.querySelector(`button[data-key="${key}"]`);
    if (!button) return;
    const row = here();
    const boxes = form.querySelectorAll("input[type=checkbox]");
    if (boxes.length && ![...boxes].some((box) => box.checked)) {
      if (!row) return;
      mark(row);
      marked = row;
    }
    if (row) at = rows().indexOf(row);
    button.click();
  }

  const isWriting = (target) => target.closest("input:not([type=checkbox]), select, textarea, [contenteditable]");
  const isOff = () => localStorage.getItem(NAME) === "1";

  document.addEventListener("keydown", (event) => {
    if (event.ctrlKey || event.altKey || event.metaKey || event.defaultPrevented) return;
    if (isWriting(event.target) || document.querySelector("dialog[open]") || isOff()) return;
    const row = here();
    const index = row ? rows().indexOf(row) : -1;
    const press = {
      j: () => (rows().length ? stand(index + 1) : follow("next")),
      k: () => (rows().length ? stand(index - 1) : follow("prev")),
      x: () => mark(row),
      X: () => mark(document.querySelector("#work .bar")),
      n: () => {
        const again = document.querySelector("a.again");
        if (again) again.click();
        else if (row) location.assign(row.dataset.kind);
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
      "/": () => document.getElementById("q") && document.getElementById("q").focus(),
      "?": () => keys && keys.showModal(),
    }[event.key];
    if (!press) return;
    event.preventDefault();
    press();
  });

  document.addEventListener("focusin", (event) => {
    const row = event.target.closest("tr.item");
    if (!row) return;
    rows().forEach((each) => each.classList.toggle("on", each === row));
    at = rows().indexOf(row);
  });

  document.addEventListener("click", (event) => {
    if (event.target.closest("#help") && keys) keys.showModal();
  });
  const on = document.getElementById("keys-on");
  if (on) {
    on.checked = !isOff();
    on.addEventListener("change", () => (on.checked ? localStorage.removeItem(NAME) : localStorage.setItem(NAME, "1")));
  }
  wire(document);
})();
