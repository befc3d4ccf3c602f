// Marks the register by keyboard, finds while typing, takes back one change at a time, and counts what is not saved.
// Without it the page is a form like any other.
const form = document.getElementById("register");
const rows = [...form.querySelectorAll("tbody tr")];
const find = document.getElementById("find_student");
const unsaved = document.getElementById("unsaved");
const nobody = document.getElementById("nobody");
const values = { P: "present", L: "late", D: "left_early", E: "excused", R: "remote", A: "absent", X: "exempt", B: "" };
const done = []; // What the next Z takes back: a row and the choice it had.

const chosenIn = (row) => row.querySelector("input:checked");
const seenIn = (row) => row.querySelector("input[type=hidden]").value.split(".")[0];
const shown = () => rows.filter((row) => !row.hidden);
const isField = (element) => element.matches("input:not([type=radio]), textarea, select");

for (const row of rows) row.before = chosenIn(row);
document.querySelector(".keys").hidden = false;
// The keys say what the letters mean; on a screen without keys they are not shown, and the legend stays.
document.querySelector(".legend").hidden = matchMedia("(pointer: fine)").matches;

function tell() {
  const number = rows.filter((row) => chosenIn(row).value !== seenIn(row)).length;
  unsaved.value = number === 0 ? "" : number === 1 ? unsaved.dataset.one : unsaved.dataset.many.replace("#", number);
}

function noteChange(row) {
  done.push([row, row.before]);
  row.before = chosenIn(row);
  row.toggleAttribute("data-blank", row.before.value === "");
  tell();
}

function choose(row, input) {
  input.checked = true;
  noteChange(row);
}

function go(row) {
  if (!row) return;
  chosenIn(row).focus({ preventScroll: true });
  row.scrollIntoView({ block: "nearest" });
}

function step(by) {
  const list = shown();
  const here = list.indexOf(document.activeElement.closest("tr"));
  go(list[here < 0 ? 0 : Math.min(Math.max(here + by, 0), list.length - 1)]);
}

function takeBack() {
  const last = done.pop();
  if (!last) {
    const bar = document.querySelector("form.undo");
    if (bar) bar.requestSubmit();
    return;
  }
  const [row, input] = last;
  input.checked = true;
  row.before = input;
  row.toggleAttribute("data-blank", input.value === "");
  tell();
  go(row);
}

function mark(letter) {
  const row = document.activeElement.closest("#register tr");
  if (!row || row.hidden) return false;
  const input = [...row.querySelectorAll("input[type=radio]")].find((each) => each.value === values[letter]);
  if (!input.checked) choose(row, input);
  step(1);
  return true;
}

// The place of a key counts, not its letter, so that the keys are where they are printed in any language.
const letterOf = (event) => (event.code.startsWith("Key") ? event.code.slice(3) : "");

function act(event) {
  if (event.key === "/") return find.focus(), true;
  if (event.key === "ArrowDown") return step(1), true;
  if (event.key === "ArrowUp") return step(-1), true;
  const letter = letterOf(event);
  if (letter === "Z") return takeBack(), true;
  if (letter === "S") return form.requestSubmit(), true;
  return letter in values && mark(letter);
}

document.addEventListener("keydown", (event) => {
  if (event.ctrlKey || event.metaKey || event.altKey) return;
  if (isField(event.target)) {
    if (event.target === find && event.key === "Enter") event.preventDefault(), go(shown()[0]);
    return;
  }
  if (act(event)) event.preventDefault();
});

form.addEventListener("change", (event) => {
  if (event.target.type === "radio") noteChange(event.target.closest("tr"));
});

find.addEventListener("input", () => {
  const words = find.value.toLowerCase().split(/\s+/).filter(Boolean);
  for (const row of rows) {
    const text = row.cells[0].textContent + " " + row.cells[1].textContent;
    row.hidden = !words.every((word) => text.toLowerCase().includes(word));
  }
  nobody.hidden = shown().length > 0;
});

form.addEventListener("submit", (event) => {
  form.dataset.sent = "1";
  if (event.submitter?.name !== "fill") return;
  // "Every blank" is every blank that can be seen.
  for (const row of rows.filter((each) => each.hidden && chosenIn(each).value === seenIn(each))) {
    for (const input of row.querySelectorAll("input")) input.disabled = true;
  }
});
addEventListener("beforeunload", (event) => {
  if (!form.dataset.sent && unsaved.value) event.preventDefault();
});
