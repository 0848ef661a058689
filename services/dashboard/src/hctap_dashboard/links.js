// Follows links of ours without a new session, and jumps to places within a page.
// Words that must not stand in an address travel beside the link, in data-words.
export default function ({ setTriggerValue }) {
  const follow = (event) => {
    if (event.defaultPrevented || event.button || event.metaKey || event.ctrlKey || event.shiftKey || event.altKey) return;
    const link = event.target.closest?.("a.hc-link, a.hc-jump");
    if (!link) return;
    event.preventDefault();
    if (link.classList.contains("hc-jump")) {
      const place = document.getElementById(link.getAttribute("href").slice(1));
      place?.scrollIntoView({ block: "start", behavior: "smooth" });
      place?.focus({ preventScroll: true });
    } else {
      setTriggerValue("followed", { href: link.getAttribute("href"), words: link.dataset.words ?? "" });
    }
  };
  document.addEventListener("click", follow);
  // From here on the style lets links be clicked.
  document.documentElement.classList.add("hc-hears");
  return () => document.removeEventListener("click", follow);
}
