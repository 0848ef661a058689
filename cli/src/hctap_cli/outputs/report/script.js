"use strict";
(() => {
  const byId = (id) => document.getElementById(id);
  const notes = [...document.querySelectorAll(".note")];
  const find = byId("find"), specialty = byId("specialty"), has = byId("has"), open = byId("open");

  // What can be found of a note: its line, its text, and all that its marks say; gathered when it is first needed.
  const words = new Map();
  const wordsOf = (note) => {
    if (!words.has(note)) {
      const tips = [...note.querySelectorAll("[data-tip]")].map((mark) => mark.dataset.tip);
      words.set(note, [note.textContent, ...tips].join("\n").toLowerCase());
    }
    return words.get(note);
  };

  const filter = () => {
    const wanted = find.value.trim().toLowerCase();
    let count = 0;
    for (const note of notes) {
      const fits = (!specialty.value || note.dataset.specialty === specialty.value)
        && (!has.value || note.dataset.has.split(" ").includes(has.value))
        && (!wanted || wordsOf(note).includes(wanted));
      note.hidden = !fits;
      count += fits;
    }
    byId("matches").textContent = count === notes.length ? `${count} notes` : `${count} of ${notes.length} notes`;
  };
  let waiting = 0;
  find.addEventListener("input", () => { clearTimeout(waiting); waiting = setTimeout(filter, 150); });
  specialty.addEventListener("change", filter);
  has.addEventListener("change", filter);

  open.addEventListener("click", () => {
    const opens = open.textContent === "Open all";
    for (const note of notes) if (!note.hidden) note.open = opens;
    open.textContent = opens ? "Close all" : "Open all";
  });

  document.addEventListener("click", (event) => {
    const seek = event.target.closest("[data-seek]"), toggle = event.target.closest("[data-toggle]");
    if (seek) {
      find.value = seek.dataset.seek;
      specialty.value = has.value = "";
      filter();
      byId("notes").scrollIntoView();
    } else if (toggle) {
      const hides = toggle.getAttribute("aria-pressed") === "true";
      toggle.setAttribute("aria-pressed", String(!hides));
      byId("list").classList.toggle(`no-${toggle.dataset.toggle}`, hides);
    }
  });

  // The box beside a mark, always inside the window.
  const tip = byId("tip");
  const show = (mark) => {
    tip.textContent = mark.dataset.tip;
    tip.hidden = false;
    const at = mark.getClientRects()[0], box = tip.getBoundingClientRect();
    const below = at.bottom + 6 + box.height <= innerHeight;
    tip.style.left = `${Math.max(8, Math.min(at.left, innerWidth - box.width - 8))}px`;
    tip.style.top = `${Math.max(8, below ? at.bottom + 6 : at.top - box.height - 6)}px`;
  };
  const over = (event) => {
    const mark = event.target.closest?.("[data-tip]");
    if (mark) show(mark); else tip.hidden = true;
  };
  for (const kind of ["mouseover", "focusin", "click"]) document.addEventListener(kind, over);
  document.addEventListener("focusout", () => { tip.hidden = true; });
  document.addEventListener("scroll", () => { tip.hidden = true; }, true);
  document.addEventListener("keydown", (event) => { if (event.key === "Escape") tip.hidden = true; });

  if (notes.length) notes[0].open = true;
})();
