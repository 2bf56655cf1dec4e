"use strict";
/* draw.js - pictures: a list of shapes that is painted on a canvas, and written as PNG or SVG.
 *
 * A canvas, since a picture of 100 pieces has 10,000 cells. Colours are named by the CSS variables
 * of page.css and looked up when painting, so that light and dark are one picture. What can be
 * clicked is a region; the arrow keys go from region to region.
 */

/* ---- Elements ---- */

/* el("button", {class: "x", onclick: f}, "text", child): an element. Text is only ever text. */
function el(tag, attributes, ...children) {
    const element = document.createElement(tag);
    for (const [name, value] of Object.entries(attributes || {})) {
        if (name.startsWith("on"))
            element.addEventListener(name.slice(2), value);
        else if (value === true)
            element.setAttribute(name, "");
        else if (value !== false && value !== undefined)
            element.setAttribute(name, value);
    }
    element.append(...children.filter((child) => child !== null && child !== undefined));
    return element;
}

/* ---- Colours ---- */

function colour(name) {
    if (!name.startsWith("--")) return name;
    return getComputedStyle(document.documentElement).getPropertyValue(name).trim();
}

/* From 0 to 1 and from -1 to 1; their lightness only rises or falls, and blue and orange are told
 * apart by everybody, so they can be read without seeing red or green. */
const SCALES = {
    light: {
        share: ["#ffffff", "#cfe1f2", "#93c4de", "#4a90c5", "#1c5a9c", "#08264f"],
        signed: ["#08407e", "#3f8cc5", "#a9cfe6", "#f7f7f7", "#fdc98b", "#e07b1a", "#8a3d00"]
    },
    dark: {
        share: ["#11161c", "#12304f", "#1c5690", "#3a86c8", "#86bbe6", "#eaf4fd"],
        signed: ["#9ed0ff", "#3f8cd8", "#1d4a7a", "#1a1e24", "#7a4310", "#dd8126", "#ffd6a0"]
    },
};

function is_dark() { return colour("--dark") === "1"; }

/* The colour [r,g,b] of value in [0,1] on a list of stops. */
function scale_colour(stops, value) {
    const at = Math.min(Math.max(value, 0), 1) * (stops.length - 1),
          i = Math.min(Math.floor(at), stops.length - 2);
    const channel = (stop, c) => parseInt(stops[stop].substr(1 + 2 * c, 2), 16);
    return [0, 1, 2].map(
        (c) => Math.round(channel(i, c) + (at - i) * (channel(i + 1, c) - channel(i, c))));
}

/* The scale of numbers: {kind: "share"|"signed", max}; value -> [r,g,b]. */
function scale_of(scale, value) {
    const stops = SCALES[is_dark() ? "dark" : "light"][scale.kind];
    return scale_colour(stops,
                        scale.kind === "share" ? value / scale.max : (value / scale.max + 1) / 2);
}

function signed_scale(data) {
    let max = 0;
    for (const value of data)
        if (Number.isFinite(value)) max = Math.max(max, Math.abs(value));
    return {kind: "signed", max: max || 1};
}

/* A number as people read it: four digits, no exponent where that can be helped. */
function number_text(value) {
    if (value === -Infinity) return "-\u221e";
    if (value === 0) return "0";
    const size = Math.abs(value);
    return size < 0.001 || size >= 100000 ? value.toExponential(1)
                                          : value.toFixed(size < 10     ? 3
                                                          : size < 1000 ? 1
                                                                        : 0);
}

/* ---- A picture ---- */

class Picture {
    constructor(title, width, height) {
        Object.assign(this, {title, width, height, shapes: [], regions: []});
    }
    rect(x, y, w, h, style) { this.shapes.push({kind: "rect", x, y, w, h, ...style}); }
    line(points, style) { this.shapes.push({kind: "line", points, ...style}); }
    text(x, y, text, style) {
        this.shapes.push({
            kind: "text",
            x,
            y,
            text: String(text),
            size: 13,
            align: "left",
            fill: "--ink",
            ...style
        });
    }
    /* data (rows,cols), each number a cell of w x h. */
    heat(x, y, w, h, rows, cols, data, scale) {
        this.shapes.push({kind: "heat", x, y, w, h, rows, cols, data, scale});
    }
    /* The bar that says which colour is which number. */
    legend(x, y, scale) {
        const n = 60, low = scale.kind === "share" ? 0 : -scale.max;
        const data =
            Float64Array.from({length: n}, (_, i) => low + i / (n - 1) * (scale.max - low));
        this.heat(x, y, 2, 10, 1, n, data, scale);
        this.rect(x, y, 2 * n, 10, {stroke: "--line"});
        this.text(x, y + 22, number_text(low), {size: 11});
        if (low < 0) this.text(x + n, y + 22, "0", {size: 11, align: "center"});
        this.text(x + 2 * n, y + 22, number_text(scale.max), {size: 11, align: "right"});
    }
    /* label: said when mouse or keys reach it; act: done by click or Enter, may be absent. */
    region(x, y, w, h, label, act) { this.regions.push({x, y, w, h, label, act}); }
    at(x, y) {
        return this.regions.findLastIndex((r) => x >= r.x && x < r.x + r.w && y >= r.y &&
                                                 y < r.y + r.h);
    }
}

const FONT = "system-ui, -apple-system, 'Segoe UI', 'DejaVu Sans', sans-serif";

/* A heat map as a small canvas with one pixel for each number. */
function heat_pixels(shape) {
    const canvas = el("canvas", {width: shape.cols, height: shape.rows});
    const context = canvas.getContext("2d"),
          image = context.createImageData(shape.cols, shape.rows);
    for (let i = 0; i < shape.rows * shape.cols; i++) {
        const value = shape.data[i];
        const [r, g, b] = scale_of(shape.scale, Number.isFinite(value) ? value : 0);
        image.data.set([r, g, b, 255], 4 * i);
    }
    context.putImageData(image, 0, 0);
    return canvas;
}

function paint_shape(c, s) {
    c.globalAlpha = s.alpha === undefined ? 1 : s.alpha;
    c.setLineDash(s.dash || []);
    c.lineWidth = s.thick || 1;
    if (s.kind === "rect") {
        c.beginPath();
        c.roundRect(s.x, s.y, s.w, s.h, s.radius || 0);
        if (s.fill) {
            c.fillStyle = colour(s.fill);
            c.fill();
        }
        if (s.stroke) {
            c.strokeStyle = colour(s.stroke);
            c.stroke();
        }
    } else if (s.kind === "line") {
        c.beginPath();
        s.points.forEach(([x, y], i) => i ? c.lineTo(x, y) : c.moveTo(x, y));
        c.strokeStyle = colour(s.stroke || "--ink");
        c.stroke();
    } else if (s.kind === "text") {
        c.save();
        c.translate(s.x, s.y);
        if (s.turn) c.rotate(s.turn * Math.PI / 180);
        c.font = (s.bold ? "bold " : "") + s.size + "px " + FONT;
        c.textAlign = s.align;
        c.fillStyle = colour(s.fill);
        c.fillText(s.text, 0, 0, s.most);
        c.restore();
    } else {
        c.imageSmoothingEnabled = false;
        if (s.rows && s.cols) c.drawImage(heat_pixels(s), s.x, s.y, s.w * s.cols, s.h * s.rows);
    }
}

/* Paints all of it, `zoom` pixels for each unit. */
function paint(picture, canvas, zoom, focus) {
    canvas.width = Math.ceil(picture.width * zoom);
    canvas.height = Math.ceil(picture.height * zoom);
    const c = canvas.getContext("2d");
    c.scale(zoom, zoom);
    c.fillStyle = colour("--paper");
    c.fillRect(0, 0, picture.width, picture.height);
    for (const shape of picture.shapes) paint_shape(c, shape);
    const region = picture.regions[focus];
    if (region) paint_shape(c, {kind: "rect", ...region, stroke: "--focus", thick: 2, radius: 3});
}

/* ---- Saving ---- */

function escape_xml(text) {
    return String(text)
        .replace(/[&<>"']/g, (c) => "&#" + c.charCodeAt(0) + ";")
        .replace(/[^\t\n -\uD7FF\uE000-\uFFFD\u{10000}-\u{10FFFF}]/gu, "\uFFFD");
}

function shape_svg(s) {
    const style =
        `opacity="${s.alpha === undefined ? 1 : s.alpha}" stroke-width="${s.thick || 1}"` +
        (s.dash ? ` stroke-dasharray="${s.dash}"` : "");
    const paint_of = (name) => name ? escape_xml(colour(name)) : "none";
    if (s.kind === "rect")
        return `<rect x="${s.x}" y="${s.y}" width="${s.w}" height="${s.h}" rx="${s.radius || 0}" ` +
               `fill="${paint_of(s.fill)}" stroke="${paint_of(s.stroke)}" ${style}/>`;
    if (s.kind === "line")
        return `<polyline points="${s.points.join(" ")}" fill="none" ` +
               `stroke="${paint_of(s.stroke || "--ink")}" ${style}/>`;
    if (s.kind === "text")
        return `<text transform="translate(${s.x} ${s.y}) rotate(${s.turn || 0})" ` +
               `font-size="${s.size}" fill="${paint_of(s.fill)}" ` +
               `font-weight="${s.bold ? "bold" : "normal"}" text-anchor="` +
               `${{left: "start", center: "middle", right: "end"}[s.align]}">` +
               `${escape_xml(s.text)}</text>`;
    if (!s.rows || !s.cols) return "";
    return `<image x="${s.x}" y="${s.y}" width="${s.w * s.cols}" height="${s.h * s.rows}" ` +
           `preserveAspectRatio="none" style="image-rendering:pixelated" ` +
           `href="${heat_pixels(s).toDataURL()}"/>`;
}

function picture_svg(picture) {
    return `<svg xmlns="http://www.w3.org/2000/svg" width="${picture.width}" ` +
           `height="${picture.height}" viewBox="0 0 ${picture.width} ${picture.height}" ` +
           `font-family="${escape_xml(FONT)}"><title>${escape_xml(picture.title)}</title>` +
           `<rect width="100%" height="100%" fill="${colour("--paper")}"/>` +
           picture.shapes.map(shape_svg).join("\n") + "</svg>\n";
}

function save(name, blob) {
    const link = el("a", {href: URL.createObjectURL(blob), download: name});
    link.click();
    setTimeout(() => URL.revokeObjectURL(link.href), 1000);
}

function save_png(picture) {
    const canvas = el("canvas");
    paint(picture, canvas, 2, -1);
    canvas.toBlob((blob) => save(picture.title.replace(/\W+/g, "_") + ".png", blob));
}

function save_svg(picture) {
    save(picture.title.replace(/\W+/g, "_") + ".svg",
         new Blob([picture_svg(picture)], {type: "image/svg+xml"}));
}

/* ---- In the page ---- */

/* The region next to `from` in the direction of an arrow key. */
function region_beside(regions, from, key) {
    const ahead = {ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowUp: [0, -1], ArrowDown: [0,
                                                                                         1]}[key];
    const middle = (r) => [r.x + r.w / 2, r.y + r.h / 2];
    if (from < 0) return regions.length ? 0 : -1;
    const [x, y] = middle(regions[from]);
    let best = from, least = Infinity;
    regions.forEach((r, i) => {
        const [dx, dy] = [middle(r)[0] - x, middle(r)[1] - y];
        const along = dx * ahead[0] + dy * ahead[1],
              aside = Math.abs(dx * ahead[1] + dy * ahead[0]);
        if (along > 1 && along + 3 * aside < least) [best, least] = [i, along + 3 * aside];
    });
    return best;
}

/* The picture with its buttons, as an element. It is painted when it comes into sight. */
function picture_figure(picture) {
    const canvas = el("canvas", {tabindex: 0, role: "img", "aria-label": picture.title});
    const told = el("p", {class: "told", "aria-live": "polite"}, "\u00a0");
    let focus = -1, seen = false;
    const repaint = () => {
        // No browser gives a canvas of any size: what is very large is painted coarser.
        const most = Math.sqrt(3e7 / (picture.width * picture.height));
        paint(picture, canvas, Math.min(window.devicePixelRatio || 1, most), focus);
    };
    const go = (index, loud) => {
        if (index === focus) return;
        focus = index;
        told.textContent = focus >= 0 ? picture.regions[focus].label : "\u00a0";
        canvas.style.cursor = focus >= 0 && picture.regions[focus].act ? "pointer" : "default";
        if (loud) repaint();
    };
    const place = (event) => {
        const box = canvas.getBoundingClientRect();
        return picture.at((event.clientX - box.left) * picture.width / box.width,
                          (event.clientY - box.top) * picture.height / box.height);
    };
    const act = () => focus >= 0 && picture.regions[focus].act && picture.regions[focus].act();
    canvas.region = () => focus; // what main.js asks, to give the keyboard back
    canvas.go = (index) => go(Math.min(index, picture.regions.length - 1), true);
    canvas.style.width = picture.width + "px";
    canvas.style.height = picture.height + "px";
    canvas.addEventListener("mousemove", (event) => go(place(event), false));
    canvas.addEventListener("click", (event) => {
        go(place(event), false);
        act();
    });
    canvas.addEventListener("keydown", (event) => {
        if (event.key.startsWith("Arrow"))
            go(region_beside(picture.regions, focus, event.key), true);
        else if (event.key === "Enter" || event.key === " ")
            act();
        else
            return;
        event.preventDefault();
    });
    new IntersectionObserver((entries) => {
        if (!seen && entries.some((entry) => entry.isIntersecting)) {
            seen = true;
            repaint();
        }
    }).observe(canvas);
    return el("figure", {}, el("div", {class: "scroll"}, canvas), told,
              el("div", {class: "save"},
                 el("button", {type: "button", onclick: () => save_png(picture)}, "save PNG"),
                 el("button", {type: "button", onclick: () => save_svg(picture)}, "save SVG")));
}
