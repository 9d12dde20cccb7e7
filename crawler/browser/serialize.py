"""The page as it stands in the browser, as HTML: what a reader sees of it, and what it declares."""

from __future__ import annotations

# Runs in a world of its own, where the page's scripts have changed nothing. It walks without recursion: pages
# may be nested deeper than a stack is. The content of a shadow root stands where it is shown; what is in
# <noscript> and <template>, which the browser does not show, is left out.
_SERIALIZER = r"""
(limit) => {
  const VOID = new Set("area base br col embed hr img input link meta source track wbr".split(" "));
  const RAW = new Set("script style xmp iframe noembed noframes plaintext".split(" "));
  const HIDDEN = new Set(["noscript", "template"]);
  const FORM = {"&": "&amp;", "<": "&lt;", ">": "&gt;", "\"": "&quot;", "\u00a0": "&nbsp;"};
  const escaped = (text, pattern) => text.replace(pattern, letter => FORM[letter]);
  const parts = ["<!DOCTYPE html>\n"];
  let size = 0;
  const put = text => { size += text.length; parts.push(text); };
  const childrenOf = node => {
    if (node.shadowRoot) return [...node.shadowRoot.childNodes];
    if (node.localName === "slot" && node.getRootNode() instanceof ShadowRoot) {
      const given = node.assignedNodes();
      if (given.length) return given;
    }
    return [...node.childNodes];
  };
  const stack = [document.documentElement];
  while (stack.length) {
    if (size > limit) return {tooLarge: true};
    const node = stack.pop();
    if (typeof node === "string") { put(node); continue; }
    if (node.nodeType === Node.TEXT_NODE) {
      const raw = node.parentNode && RAW.has(node.parentNode.localName);
      put(raw ? node.data : escaped(node.data, /[&<>\u00a0]/g));
      continue;
    }
    if (node.nodeType !== Node.ELEMENT_NODE || HIDDEN.has(node.localName)) continue;
    const name = node.localName;
    put("<" + name);
    for (const one of node.attributes) put(` ${one.name}="${escaped(one.value, /[&"\u00a0]/g)}"`);
    put(">");
    if (VOID.has(name)) continue;
    stack.push(`</${name}>`);
    const inside = childrenOf(node);
    for (let at = inside.length - 1; at >= 0; at--) stack.push(inside[at]);
  }
  return {html: parts.join("")};
}
"""


def serializer(most_characters: int) -> str:
    """The script that gives the page as `{"html": ...}`, or `{"tooLarge": true}`."""
    return f"({_SERIALIZER.strip()})({most_characters})"
