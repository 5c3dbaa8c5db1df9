// The first box's text, and whether it was sent, are handed to Streamlit's box as soon as that one listens.
(() => {
  const first = document.getElementById("s-first");
  const form = first.querySelector("form");
  const box = first.querySelector("textarea");
  let sent = false;

  form.addEventListener("submit", (event) => {
    event.preventDefault();
    if (!box.value.trim()) return;
    sent = box.readOnly = true;
    const status = first.querySelector("[role=status]");
    status.textContent = status.dataset.sent;
  });
  box.addEventListener("keydown", (event) => {
    if (event.key !== "Enter" || event.shiftKey || event.isComposing) return;
    event.preventDefault();
    form.requestSubmit();
  });

  const hand = (real) => {
    const { selectionStart, selectionEnd } = box;
    const focused = document.activeElement === box;
    if (box.value) {
      // A React field hears of a value only that was set past its own setter.
      Object.getOwnPropertyDescriptor(HTMLTextAreaElement.prototype, "value").set.call(real, box.value);
      real.dispatchEvent(new Event("input", { bubbles: true }));
    }
    first.remove();
    if (focused) {
      real.focus();
      real.setSelectionRange(selectionStart, selectionEnd);
    }
    if (sent) setTimeout(() => real.dispatchEvent(new KeyboardEvent("keydown", { key: "Enter", bubbles: true, cancelable: true })));
  };
  const look = () => {
    if (!first.isConnected) return; // the page has drawn something else: ui/data/bridge.js
    const real = document.querySelector("[data-testid=stChatInputTextArea]");
    if (real && !real.disabled) hand(real);
    else requestAnimationFrame(look);
  };
  look();
})();
