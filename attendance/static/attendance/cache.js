// Fetches the figures again every five seconds while somebody looks at them; without scripts a link does.
const PAUSE = 5000;
const figures = document.querySelector("[data-figures]");

// What stays the same stays where it is, so that the focus, a selection and how far a table is scrolled stay as well.
function adopt(old, next) {
  if (old.nodeName !== next.nodeName || old.id !== next.id) return old.replaceWith(next);
  if (old.nodeType === Node.TEXT_NODE) {
    if (old.data !== next.data) old.data = next.data;
    return;
  }
  for (const name of old.getAttributeNames()) if (!next.hasAttribute(name)) old.removeAttribute(name);
  for (const name of next.getAttributeNames()) {
    if (old.getAttribute(name) !== next.getAttribute(name)) old.setAttribute(name, next.getAttribute(name));
  }
  const olds = [...old.childNodes];
  const nexts = [...next.childNodes];
  if (olds.length === nexts.length) olds.forEach((child, place) => adopt(child, nexts[place]));
  else old.replaceChildren(...nexts);
}

async function look() {
  const answer = document.hidden ? null : await fetch(figures.dataset.figures).catch(() => new Response(null, { status: 503 }));
  if (answer?.redirected) return location.reload(); // To log in again.
  if (answer) figures.dataset.state = answer.ok ? "follows" : "lost";
  if (answer?.ok) {
    const next = figures.cloneNode(false);
    next.innerHTML = await answer.text();
    const focused = document.activeElement.id;
    adopt(figures, next);
    if (focused && document.activeElement.id !== focused) document.getElementById(focused)?.focus({ preventScroll: true });
  }
  return setTimeout(look, PAUSE);
}

figures.dataset.state = "follows";
setTimeout(look, PAUSE);
