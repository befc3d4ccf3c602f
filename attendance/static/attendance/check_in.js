// Sends a scan at once, and gives its answer an address of its own, so that loading it again sends nothing.
// Without it there is one button to press, and sending the same scan twice is harmless.
const form = document.querySelector("form[data-send]");
const { address } = document.currentScript?.dataset ?? {};
if (form) form.requestSubmit();
if (address) history.replaceState(null, "", address);
