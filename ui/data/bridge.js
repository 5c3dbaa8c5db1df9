// Our own buttons carry data-act and data-value; all else on the page is Streamlit's. Nothing here makes markup.
export default function ({ data, setTriggerValue }) {
  const page = document.documentElement;
  page.lang = data.language;
  page.dir = data.direction;
  const app = document.querySelector(".stApp"); // dialogs stand outside it and have its theme too
  if (app) page.style.colorScheme = getComputedStyle(app).colorScheme;

  const state = (window.sanad ??= { revealed: "", opener: "" });
  state.off?.();

  const onClick = (event) => {
    const button = event.target.closest?.("[data-act]");
    if (!button || button.disabled) return;
    const { act: name, value = "" } = button.dataset;
    if (name === "copy") return copy(button);
    if (name === "open" && !button.closest(".s-pane")) state.opener = value;
    setTriggerValue("act", { name, value });
  };
  const onKey = (event) => {
    const inside = event.target.closest?.("input, textarea, [role=dialog], [role=listbox]");
    if (event.key === "Escape" && !inside && document.querySelector(".s-pane")) {
      setTriggerValue("act", { name: "close", value: "" });
    }
  };
  document.addEventListener("click", onClick);
  document.addEventListener("keydown", onKey);
  state.off = () => {
    document.removeEventListener("click", onClick);
    document.removeEventListener("keydown", onKey);
  };

  state.wanted = data.reveal;
  if (data.reveal && data.reveal !== state.revealed) {
    reveal(data.reveal, state, performance.now() + 20_000);
  } else if (!data.reveal && state.opener) {
    giveBack(state.opener, performance.now() + 2_000);
    state.opener = "";
  }
  const first = document.getElementById("s-first"); // goes by itself when the question box is there
  if (first) setTimeout(() => takeAway(first, performance.now() + 28_000), 2_000);
  if (data.awaited) arrive(setTriggerValue, performance.now() + 20_000);
  return () => state.off?.();
}

// What was already typed waits longer for its box.
function takeAway(first, until) {
  if (first.querySelector("textarea").value && performance.now() < until) setTimeout(() => takeAway(first, until), 200);
  else first.remove();
}

function arrive(setTriggerValue, until) {
  if (document.querySelector("[data-testid=stChatInputTextArea]")) return setTriggerValue("act", { name: "arrive", value: "" });
  if (performance.now() < until) requestAnimationFrame(() => arrive(setTriggerValue, until));
}

// The closed pane gives the focus back to what opened it. Texts are drawn anew a moment after this script and lose it again, so
// it is given frame by frame, unless the reader has meanwhile put it elsewhere.
function giveBack(opener, until) {
  if (window.sanad.wanted) return; // something else was opened
  const active = document.activeElement;
  if (!active || active === document.body || active.closest(".s-pane")) {
    document.querySelector(`[data-act=open][data-value="${CSS.escape(opener)}"]`)?.focus();
  }
  if (performance.now() < until) requestAnimationFrame(() => giveBack(opener, until));
}

// The texts arrive a moment after this script: look for them frame by frame.
function reveal(token, state, until) {
  const found = document.querySelector(`[data-focus="${CSS.escape(token)}"]`);
  if (!found) {
    const waiting = window.sanad.wanted === token && performance.now() < until;
    if (waiting) requestAnimationFrame(() => reveal(token, state, until));
    return;
  }
  state.revealed = token;
  const article = found.querySelector(".s-article");
  const mark = article?.querySelector("mark");
  if (!article) {
    found.scrollIntoView({ block: "start" });
    return;
  }
  if (mark) {
    const above = mark.getBoundingClientRect().top - article.getBoundingClientRect().top;
    article.scrollTop += above - article.clientHeight / 3;
  }
  if (!found.contains(document.activeElement)) article.focus({ preventScroll: true });
}

async function copy(button) {
  try {
    await navigator.clipboard.writeText(button.dataset.value);
  } catch {
    const area = document.createElement("textarea"); // where the browser keeps its clipboard to itself
    area.value = button.dataset.value;
    document.body.append(area);
    area.select();
    document.execCommand("copy");
    area.remove();
  }
  const before = button.textContent;
  button.textContent = button.dataset.done;
  setTimeout(() => (button.textContent = before), 2000);
}
