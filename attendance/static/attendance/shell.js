// Keeps the chosen theme at once; without this script the button beside the choice does it.
const themeForm = document.querySelector("form.theme");
if (themeForm) {
  themeForm.querySelector("button").hidden = true;
  themeForm.addEventListener("change", () => {
    fetch(themeForm.action, { method: "POST", body: new FormData(themeForm), redirect: "manual" });
  });
}

// What is happening now comes after the page, from an address of its own; where it does not come, the link to it stays.
for (const part of document.querySelectorAll("[data-live]")) {
  fetch(part.dataset.live, { headers: { "X-Part": "1" }, redirect: "error" })
    .then((answer) => (answer.ok ? answer.text() : Promise.reject(new Error(answer.statusText))))
    .then((text) => { part.innerHTML = text; })
    .catch(() => {})
    .finally(() => part.removeAttribute("aria-busy"));
}
