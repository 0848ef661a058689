// Tells where in a note's text something was selected, or clicked, in code points of the text as it is shown.
export default function ({ setTriggerValue }) {
  const countBefore = (article, node, offset) => {
    const range = document.createRange();
    range.selectNodeContents(article);
    range.setEnd(node, offset);
    return Array.from(range.toString()).length;
  };
  const tell = () => {
    const selection = window.getSelection();
    const article = document.querySelector("article.hc-review");
    if (!article || !selection.rangeCount) return;
    const range = selection.getRangeAt(0);
    if (!article.contains(range.startContainer) || !article.contains(range.endContainer)) return;
    const begin = countBefore(article, range.startContainer, range.startOffset);
    const end = countBefore(article, range.endContainer, range.endOffset);
    setTriggerValue("selected", { begin, end });
  };
  const byPointer = (event) => { if (event.target.closest?.("article.hc-review")) setTimeout(tell, 0); };
  const byKey = (event) => {
    const mark = event.target.closest?.("article.hc-review mark");
    if (event.key !== "Enter" || !mark) return;
    const begin = countBefore(document.querySelector("article.hc-review"), mark, 0);
    setTriggerValue("selected", { begin, end: begin });
  };
  document.addEventListener("mouseup", byPointer);
  document.addEventListener("keydown", byKey);
  return () => {
    document.removeEventListener("mouseup", byPointer);
    document.removeEventListener("keydown", byKey);
  };
}
