// Signs what is sent with the key of this browser, sends a scan at once, and gives its answer an address of its own, so
// that loading it again sends nothing. Without it there is one button to press, and sending the same scan twice is
// harmless. What was scanned without a network goes as soon as there is one.
import { signed } from "./device.js";
import { sendKept } from "./offline.js";

const form = document.querySelector("form[data-account]");
const answer = document.querySelector("[data-address]");
const kept = document.querySelector("[data-kept]");

// What a typed code means, whichever way it was spelled: see `typed` in attendance/qr/tokens.py.
const meant = (typed) => typed.toUpperCase().replace(/[\s-]/g, "").replaceAll("O", "0").replace(/[IL]/g, "1");

async function submit() {
  const { device, signature } = await signed(form.dataset.nonce ?? meant(form.elements.code.value));
  form.elements.device.value = device;
  form.elements.signature.value = signature;
  form.submit();
}

async function send() {
  const answers = await sendKept();
  if (!kept || answers.length === 0) return;
  for (const { sentence, error, href } of answers) {
    const line = kept.appendChild(document.createElement("p"));
    const words = href ? line.appendChild(document.createElement("a")) : line;
    words.textContent = sentence ?? error.message;
    if (href) words.href = href;
  }
  kept.hidden = false;
}

form?.addEventListener("submit", (event) => {
  event.preventDefault();
  submit();
});
if (form?.dataset.nonce) form.requestSubmit();
if (answer) history.replaceState(null, "", answer.dataset.address);
if (form) {
  const sendIfAny = () => send().catch(() => {}); // A browser that stores nothing has kept nothing either.
  addEventListener("online", sendIfAny);
  sendIfAny();
}
