// What makes the pages livelier; all of them work without it.
"use strict";

// The stream page: the server draws each part that has changed, and sends it.
function follow() {
  const parts = document.querySelectorAll("[data-part]");
  const pulse = document.querySelector("[data-pulse]");
  if (!parts.length || !pulse || !window.EventSource) return;
  const source = new EventSource("/live");
  for (const part of parts) {
    source.addEventListener(part.dataset.part, (event) => {
      // Who is reading a part, or has opened a table in it, is not disturbed.
      if (part.contains(document.activeElement) || part.querySelector("details[open]")) return;
      const scrolled = Array.from(part.querySelectorAll(".scroll"), (box) => box.scrollLeft);
      part.innerHTML = event.data;
      part.querySelectorAll(".scroll").forEach((box, index) => { box.scrollLeft = scrolled[index] || 0; });
      say("live");
    });
  }
  source.onopen = () => say("live");
  source.onerror = () => say("waiting for the console");
  window.addEventListener("pagehide", () => source.close());

  function say(words) {
    if (pulse.textContent !== words) pulse.textContent = words;
    pulse.classList.toggle("on", words === "live");
  }
}

// The article page: a statement, its pieces, its speaker and its card light up together.
function tie() {
  const marks = document.querySelectorAll("[data-statement]");
  function light(event, on) {
    const mark = event.target.closest ? event.target.closest("[data-statement]") : null;
    if (!mark) return;
    for (const other of marks) {
      if (other.dataset.statement === mark.dataset.statement) other.classList.toggle("lit", on);
    }
  }
  if (!marks.length) return;
  for (const [name, on] of [["mouseover", true], ["mouseout", false], ["focusin", true], ["focusout", false]]) {
    document.addEventListener(name, (event) => light(event, on));
  }
}

follow();
tie();
