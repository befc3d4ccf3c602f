// Keeps the chosen theme at once; without this script the button beside the choice does it.
const themeForm = document.querySelector("form.theme");
if (themeForm) {
  themeForm.querySelector("button").hidden = true;
  themeForm.addEventListener("change", () => {
    fetch(themeForm.action, { method: "POST", body: new FormData(themeForm), redirect: "manual" });
  });
}
