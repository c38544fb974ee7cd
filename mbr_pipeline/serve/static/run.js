// Shows what a run says while it says it. Without scripts the page loads itself again.
"use strict";
(() => {
  const run = document.getElementById("run");
  if (!run || run.dataset.going !== "yes") return;
  const lines = document.getElementById("lines");
  const events = new EventSource(run.dataset.events);
  lines.textContent = "";
  events.addEventListener("line", (event) => {
    lines.append(`${event.data}\n`);
    lines.scrollTop = lines.scrollHeight;
  });
  events.addEventListener("end", () => {
    events.close();
    location.reload();
  });
})();
