// Controls whose boundary cannot be seen: neither their edge nor their background has a contrast of
// 3:1 with what is around them (WCAG 1.4.11). Given to `page.evaluate`; returns what fails.
() => {
  const CONTROLS = "button, input:not([type=hidden]), select, textarea, summary, a.go, .size";

  const parse = (text) => {
    const srgb = text.match(/color\(srgb ([\d.e-]+) ([\d.e-]+) ([\d.e-]+)(?: \/ ([\d.e-]+))?\)/);
    if (srgb) return [...srgb.slice(1, 4).map((n) => 255 * n), srgb[4] === undefined ? 1 : Number(srgb[4])];
    const [r, g, b, a = 1] = text.match(/[\d.]+/g).map(Number);
    return [r, g, b, a];
  };
  const over = (top, below) => [0, 1, 2].map((n) => top[n] * top[3] + below[n] * (1 - top[3]));
  const ground = (element) => {
    if (!element) return [255, 255, 255];
    const color = parse(getComputedStyle(element).backgroundColor);
    return color[3] === 1 ? color.slice(0, 3) : over(color, ground(element.parentElement));
  };
  const light = (color) => {
    const [r, g, b] = color.map((n) => (n /= 255) <= 0.03928 ? n / 12.92 : ((n + 0.055) / 1.055) ** 2.4);
    return 0.2126 * r + 0.7152 * g + 0.0722 * b;
  };
  const contrast = (one, other) => {
    const [dark, bright] = [light(one), light(other)].sort((a, b) => a - b);
    return (bright + 0.05) / (dark + 0.05);
  };
  // What is disabled is exempt; what has a picture is known by that; a link-like one by its line.
  const exempt = (element, style) =>
    element.disabled || element.querySelector("img") || style.backgroundImage !== "none"
    || style.textDecorationLine.includes("underline")
    || !element.checkVisibility({ opacityProperty: true, visibilityProperty: true })
    || ["checkbox", "radio", "range", "file"].includes(element.type);

  return [...document.querySelectorAll(CONTROLS)].flatMap((element) => {
    const style = getComputedStyle(element);
    if (exempt(element, style)) return [];
    const around = ground(element.parentElement);
    const edged = ["Top", "Right", "Bottom", "Left"].every(
      (side) => parseFloat(style[`border${side}Width`]) >= 1 && style[`border${side}Style`] !== "none");
    const edge = edged ? contrast(over(parse(style.borderTopColor), around), around) : 1;
    const best = Math.max(edge, contrast(ground(element), around));
    const name = element.getAttribute("aria-label") || element.textContent || element.id;
    return best >= 3 ? [] : [`${element.tagName.toLowerCase()}.${element.className} "${name.trim()}" ${best.toFixed(2)}:1`];
  });
}
